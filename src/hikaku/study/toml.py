"""A study file's bytes, turned into a mapping or into one clear error, whatever they hold.

Eats a path; makes the mapping of its TOML and the line of every key.
"""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

from hikaku.errors import Fault, StudyError
from hikaku.study.locate import Places, locate
from hikaku.words import Message, message

LARGEST = 1_000_000
"""Bytes. A study is a page of text; anything larger was given by mistake."""

DEEPEST = 32
"""Levels of nesting; a study needs four."""

_LINE = re.compile(r" ?\(at line (\d+), column \d+\)")
_LONG_NUMBER = re.compile(r"[0-9_]{4000}")
# tomllib takes the square of a dotted key's length: a minute for a hostile file.
_LONG_KEY = re.compile(r"""(?<![\w"'-])(?:(?:[\w-]++|"[^"\n]*+"|'[^'\n]*+')[ \t]*+\.[ \t]*+){32}""")


def read_toml(path: Path) -> tuple[dict[str, object], Places]:
    """Return what the file holds and where each key stands in it.

    Raises `StudyError` with file and line for everything that is no TOML text of a sane size.
    """
    text = _text(path, _bytes(path))
    deep = message("this is nested too deeply.")
    if _LONG_KEY.search(text):
        raise _error(path, deep, _line_of(_LONG_KEY, text))
    try:
        mapping = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise _invalid(path, text, str(error)) from None
    except RecursionError:
        raise _error(path, deep, _deepest_line(text)) from None
    except ValueError:  # Python turns no more than 4,300 digits into a number
        what = message("this number has too many digits.")
        raise _error(path, what, _line_of(_LONG_NUMBER, text)) from None
    if _depth(mapping) > DEEPEST:
        raise _error(path, deep, _deepest_line(text))
    return mapping, Places(str(path), locate(text))


def _bytes(path: Path) -> bytes:
    try:
        if path.is_dir():
            raise _error(path, message("this is a folder, not a study file."))
        if not path.is_file():
            raise _error(path, message("there is no such file."))
        with path.open("rb") as file:
            data = file.read(LARGEST + 1)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise _error(path, message("this file cannot be read: {reason}.", reason=reason)) from None
    if len(data) > LARGEST:
        raise _error(path, message("this file is larger than 1 MB: no study file is."))
    return data


def _text(path: Path, data: bytes) -> str:
    if b"\0" in data or data.startswith((b"\xff\xfe", b"\xfe\xff")):
        line = data.count(b"\n", 0, data.find(b"\0")) + 1 if b"\0" in data else 1
        raise _error(path, message("this is not a UTF-8 text; save it as UTF-8."), line)
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise _error(path, message("this is not UTF-8; save the file as UTF-8."), line) from None


def _invalid(path: Path, text: str, reason: str) -> StudyError:
    found = _LINE.search(reason)
    line = int(found.group(1)) if found else text.count("\n") + 1
    reason = _LINE.sub("", reason).replace(" (at end of document)", "")
    if reason.startswith(("Cannot overwrite", "Cannot declare", "Cannot mutate", "Duplicate")):
        return _error(path, message("this key or table is written twice."), line)
    return _error(path, message("this is not valid TOML: {reason}.", reason=reason), line)


def _error(path: Path, what: Message, line: int = 1) -> StudyError:
    return StudyError(Fault(what, f"{path}:{line}:"))


def _line_of(pattern: re.Pattern[str], text: str) -> int:
    found = pattern.search(text)
    return text.count("\n", 0, found.start()) + 1 if found else 1


def _deepest_line(text: str) -> int:
    """Return the line on which brackets first stand deeper than any study has them."""
    depth = 0
    for number, line in enumerate(text.splitlines(), 1):
        depth += sum(line.count(mark) for mark in "[{") - sum(line.count(mark) for mark in "]}")
        if depth > DEEPEST or max(line.count("["), line.count("{")) > DEEPEST:
            return number
    return 1


def _depth(value: object) -> int:
    """Return how many levels of tables and arrays there are, without recursion."""
    level, depth = [value], 0
    while level:
        depth += 1
        level = [
            item
            for holder in level
            if isinstance(holder, (dict, list))
            for item in (holder.values() if isinstance(holder, dict) else holder)
        ]
    return depth
