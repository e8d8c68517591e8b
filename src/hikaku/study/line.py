"""The line that a study writes to use something of the catalogue, ready to paste."""

from __future__ import annotations

import json

from hikaku.study.entry import DataSet, Entry, Setting
from hikaku.study.recipe import LIST_SLOTS, Value

A_FILE = "weights.safetensors"
"""Stands for the file that a setting must name."""


def line_of(found: Entry | DataSet) -> str:
    """Return the line with every setting at its default: of a slot, for [recipe] or a [[variant]].

    Settings that are left out by default are left out here too.
    """
    if isinstance(found, DataSet):
        return f"data = {_text(found.name)}"
    written = [(one.name, _value(one)) for one in found.settings]
    inside = ", ".join(f"{name} = {value}" for name, value in written if value)
    name = _text(found.name)
    use = f"{{ use = {name}, {inside} }}" if inside else name
    return f"{found.slot} = [{use}]" if found.slot in LIST_SLOTS else f"{found.slot} = {use}"


def _value(setting: Setting) -> str:
    """Return the default as TOML; "" where it is nothing that could be written."""
    if setting.names_file:
        return _text(A_FILE)
    return "" if setting.default in (None, "", ()) else _toml(setting.default)


def _toml(value: Value) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, tuple):
        return f"[{', '.join(map(_toml, value))}]"
    return _text(value) if isinstance(value, str) else repr(value)


def _text(value: str) -> str:
    """Return a basic string of TOML, whose escapes are JSON's."""
    return json.dumps(value, ensure_ascii=False)
