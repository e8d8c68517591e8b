"""`--set recipe.epochs=3` and `--seeds 0,4,7`: what the command line changes in a study.

Eats the study as plain tables; makes it anew with the changes, before anything is decoded, so
that an override is checked exactly as if it stood in the file.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from typing import Any

from hikaku.errors import Fault
from hikaku.study.locate import Path
from hikaku.study.metrics import as_table
from hikaku.words import Message, message

OPTION = "--set"
TWINS = {"epochs": "steps", "steps": "epochs"}
"""The two ways to count the work: setting one drops the other."""


def apply(
    mapping: Mapping[str, Any], overrides: Iterable[str]
) -> tuple[dict[str, Any], tuple[Path, ...], tuple[Fault, ...]]:
    """Return the tables with each `path.to.key=value` set; the mapping itself stays as it is.

    Values are TOML's; a bare word is a text. With them come the paths that were set, and a fault
    for each override that is none.
    """
    changed, paths, faults = dict(mapping), [], []
    for override in overrides:
        try:
            path, value = _parsed(override)
            changed = _set(changed, path, value, ())
            paths.append(path)
        except _Refused as refused:
            faults.append(Fault(refused.what, f"{OPTION} {override[:60]}:", mend=_WRITTEN))
    return changed, tuple(paths), tuple(faults)


def parse_seeds(text: str) -> object:
    """Return what `--seeds` means: "3" the number 3, "0,4,7" the list; other text as it is."""
    parts = [part.strip() for part in text.split(",") if part.strip()]
    if not parts or not all(part.isascii() and part.isdigit() and len(part) < 20 for part in parts):
        return text
    numbers = [int(part) for part in parts]
    return numbers if "," in text else numbers[0]


_WRITTEN = message("as in --set recipe.epochs=3")


class _Refused(ValueError):
    def __init__(self, what: Message) -> None:
        self.what = what
        super().__init__(what)


def _parsed(override: str) -> tuple[tuple[str, ...], object]:
    key, sign, text = override.partition("=")
    if not sign or not key.strip() or "\n" in override:
        raise _Refused(message("an override is written key=value, as in recipe.epochs=3."))
    holder: Any = _toml(f"{key} = 0")
    path: tuple[str, ...] = ()
    while isinstance(holder, dict) and len(holder) == 1:
        step = next(iter(holder))
        path, holder = (*path, step), holder[step]
    if holder != 0:
        raise _Refused(message("'{key}' is no key.", key=key[:60]))
    found = _toml(f"value = {text}")
    return path, found["value"] if found and len(found) == 1 else text.strip()


def _toml(text: str) -> dict[str, Any] | None:
    try:
        return tomllib.loads(text)
    except (ValueError, RecursionError):
        return None


def _set(
    table: Mapping[str, Any], path: tuple[str, ...], value: object, head: Path
) -> dict[str, Any]:
    """Return the table with `path` set. A short form on the way becomes the table it stands for."""
    key, *rest = path
    changed = dict(table)
    if not rest:
        if head == ("recipe",) and key in TWINS:
            changed.pop(TWINS[key], None)
        return {**changed, key: value}
    inner = changed.get(key, {})
    if isinstance(inner, str):
        inner = as_table(inner) if (*head, key) == ("metric",) else {"use": inner}
    if not isinstance(inner, Mapping):
        raise _Refused(message("'{key}' is no table: set it as a whole.", key=key[:60]))
    return {**changed, key: _set(inner, tuple(rest), value, (*head, key))}
