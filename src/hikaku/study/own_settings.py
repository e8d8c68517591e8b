"""Settings of a training function or command of the user's: their values, and what varies them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial

from hikaku.study.node import Node
from hikaku.study.recipe import Value
from hikaku.study.signature import Free
from hikaku.study.study import Outside
from hikaku.study.vary import Place
from hikaku.words import message


@dataclass(frozen=True)
class Settings:
    """A base trained outside hikaku, whose settings can be varied."""

    base: Outside
    sound: bool

    @property
    def start(self) -> Outside:
        """Base itself."""
        return self.base

    @property
    def places(self) -> dict[str, Place[Outside]]:
        """Each setting that can be varied, by its path."""
        return {
            f"settings.{name}": Place(partial(self._change, name)) for name, _ in self.base.settings
        }

    def work(self, parts: Outside) -> Outside:
        """Return what an arm of these parts does: itself."""
        return parts

    def _change(self, name: str, node: Node) -> Callable[[Outside], Outside]:
        value = alike(setting_value(node), dict(self.base.settings)[name])

        def change(parts: Outside) -> Outside:
            return replace(parts, settings=tuple({**dict(parts.settings), name: value}.items()))

        return change


def setting_value(node: Node) -> Value:
    """Return the value of a setting that is written here, of whatever kind."""
    value: Value = node.read(
        Free, None, message("a number, a text, true, false, or a list of these")
    )
    return value


def alike(value: Value, base: Value) -> Value:
    """Return a whole number as a number with a point where base writes one, in lists too."""
    if isinstance(value, tuple) and isinstance(base, tuple) and len(value) == len(base):
        return tuple(map(alike, value, base))
    if isinstance(value, int) and not isinstance(value, bool) and isinstance(base, float):
        return float(value)
    return value
