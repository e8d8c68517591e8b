"""A study file's bytes, turned into a mapping or into one clear error, whatever they hold.

Eats a path; makes the mapping of its TOML and the line of every key.
"""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

from hikaku.errors import Fault, StudyError
from hikaku.study.locate import Places, Spot, locate
from hikaku.words import Message, message

LARGEST = 1_000_000
"""Bytes. A study is a page of text; anything larger was given by mistake."""

DEEPEST = 32
"""Levels of nesting; a study needs four."""

_SPOT = re.compile(r" ?\(at line (\d+), column (\d+)\)")
_LONG_NUMBER = re.compile(r"[0-9_]{4000}")
# tomllib takes the square of a dotted key's length: a minute for a hostile file.
_LONG_KEY = re.compile(r"""(?<![\w"'-])(?:(?:[\w-]++|"[^"\n]*+"|'[^'\n]*+')[ \t]*+\.[ \t]*+){32}""")


def read_toml(path: Path) -> tuple[dict[str, object], Places]:
    """Return what the file holds and where each key stands in it.

    Raises `StudyError` with file, line and column for whatever is no TOML text of a sane size.
    """
    text = _text(path, _bytes(path))
    if found := _LONG_KEY.search(text):
        raise _deep(path, _spot(text, found.start()))
    try:
        mapping = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise _invalid(path, text, str(error)) from None
    except RecursionError:
        raise _deep(path, _deepest(text)) from None
    except ValueError:  # Python turns no more than 4,300 digits into a number
        what, found = message("this number has too many digits."), _LONG_NUMBER.search(text)
        mend = message("numbers reach from -2^63 to 2^63 - 1")
        raise _error(path, what, mend, _spot(text, found.start() if found else 0)) from None
    if _depth(mapping) > DEEPEST:
        raise _deep(path, _deepest(text))
    return mapping, Places(str(path), locate(text))


def _bytes(path: Path) -> bytes:
    try:
        if path.is_dir():
            raise _error(path, message("this is a folder, not a study file."), _NAME_IT)
        if not path.is_file():
            raise _error(path, message("there is no such file."), _NAME_IT)
        with path.open("rb") as file:
            data = file.read(LARGEST + 1)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        what = message("this file cannot be read: {reason}.", reason=reason)
        raise _error(path, what, _NAME_IT) from None
    if len(data) > LARGEST:
        raise _error(path, message("this file is larger than 1 MB: no study file is."), _NAME_IT)
    return data


def _text(path: Path, data: bytes) -> str:
    if b"\0" in data or data.startswith((b"\xff\xfe", b"\xfe\xff")):
        before = data[: max(0, data.find(b"\0"))].decode("utf-8", "replace")
        what = message("this is not a UTF-8 text; save it as UTF-8.")
        raise _error(path, what, _SAVE_IT, _spot(before, len(before)))
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        before = data[: error.start].decode("utf-8-sig")
        what = message("this is not UTF-8; save the file as UTF-8.")
        raise _error(path, what, _SAVE_IT, _spot(before, len(before))) from None


def _invalid(path: Path, text: str, reason: str) -> StudyError:
    found = _SPOT.search(reason)
    spot = Spot(int(found[1]), int(found[2])) if found else _spot(text, len(text))
    reason = _SPOT.sub("", reason).replace(" (at end of document)", "")
    if reason.startswith(("Cannot overwrite", "Cannot declare", "Cannot mutate", "Duplicate")):
        twice = message("this key or table is written twice.")
        return _error(path, twice, message("keep one of the two"), spot)
    what = message("this is not valid TOML: {reason}.", reason=reason)
    return _error(path, what, message('texts stand in quotes, as in model = "mlp"'), spot)


_NAME_IT = message("name a study file, or a study of the gallery: `hikaku gallery` lists them")
_SAVE_IT = message("an editor's menu has it under save with encoding, UTF-8")


def _deep(path: Path, spot: Spot) -> StudyError:
    mend = message("a study needs four levels of tables and lists")
    return _error(path, message("this is nested too deeply."), mend, spot)


def _error(path: Path, what: Message, mend: Message, spot: Spot | None = None) -> StudyError:
    line, column = spot or Spot()
    return StudyError(Fault(what, f"{path}:{line}:{column}:", mend=mend))


def _spot(text: str, at: int) -> Spot:
    return Spot(text.count("\n", 0, at) + 1, at - text.rfind("\n", 0, at))


def _deepest(text: str) -> Spot:
    """Return the line on which brackets first stand deeper than any study has them."""
    depth = 0
    for number, line in enumerate(text.splitlines(), 1):
        depth += sum(line.count(mark) for mark in "[{") - sum(line.count(mark) for mark in "]}")
        if depth > DEEPEST or max(line.count("["), line.count("{")) > DEEPEST:
            return Spot(number)
    return Spot()


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
