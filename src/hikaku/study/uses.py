"""A technique, model or data set as it is written: `"adam"` or `{ use = "adam", lr = 0.001 }`."""

from __future__ import annotations

from hikaku.study.entry import Entry
from hikaku.study.node import Node
from hikaku.study.recipe import Use
from hikaku.words import message


def read_name(node: Node) -> str | None:
    """Return the name written here, alone or under `use`; None, and a mistake noted, if none is."""
    if isinstance(node.value, str):
        return node.value
    if not isinstance(node.value, dict):
        node.misfit(message('a name, or a table { use = "name", … }'))
        return None
    return node["use"].read(str, None) if node["use"].required() else None


def name_place(node: Node) -> Node:
    """Return the node of the name itself: this one, or that of `use`."""
    return node["use"] if isinstance(node.value, dict) else node


def read_use(node: Node, entry: Entry) -> Use:
    """Return the complete use of `entry`: what is written here, everything else at its default."""
    if not isinstance(node.value, dict):
        return entry.use()
    known = {setting.name: setting for setting in entry.settings}
    node.is_table(("use", *known), message("{owner} has no setting", owner=entry.name), {})
    return entry.use(
        {
            name: node[name].read(setting.annotation, setting.default)
            for name, setting in known.items()
            if node[name].written
        }
    )
