"""Twins: what of the reference library does the same as a technique, as the technique's card says.

The card's `twin` is a name, "hikaku.reference.optimizers:Adam". Its parameters bear the names of
the technique's settings where they mean the same.
"""

from __future__ import annotations

import importlib.util
import inspect
from collections.abc import Callable, Mapping
from typing import Any

from hikaku.study.catalogue import Catalogue
from hikaku.study.recipe import Use
from hikaku.techniques.parts import touched
from hikaku.techniques.slots import Facts

LIBRARY = "hikaku.reference."


def named(use: Use, catalogue: Catalogue) -> str:
    """Return the name of a technique's twin, "" where it has none or is nobody's we know."""
    entry = catalogue.techniques.get(use.name)
    return entry.card.twin if entry and entry.card else ""


def found(twin: str) -> Callable[..., Any]:
    """Return the function or class of this name. Raises `ValueError` for one from elsewhere."""
    module, _, name = twin.partition(":")
    if not module.startswith(LIBRARY):
        raise ValueError(f"{twin} is not in {LIBRARY}")
    there: Callable[..., Any] = getattr(importlib.import_module(module), name)
    return there


def gradient(twin: str) -> Callable[..., Any]:
    """Return the gradient of a twin that is a loss or a penalty: it stands beside it."""
    return found(f"{twin}_gradient")


def ours(twin: str) -> bool:
    """Return whether this names something in the library."""
    module, _, name = twin.partition(":")
    if not module.startswith(LIBRARY) or importlib.util.find_spec(module) is None:
        return False
    return hasattr(importlib.import_module(module), name)


HANDLED: Mapping[str, frozenset[str]] = {
    "penalty": frozenset({"exempt", "at"}),
    "optimizer": frozenset({"exempt"}),
    "project": frozenset({"exempt", "amount"}),
    "stopping": frozenset({"monitor", "mode", "restore"}),
}
"""By slot, the settings that whoever calls a twin sees to."""


def left_out(use: Use, slot: str, twin: Callable[..., Any]) -> list[str]:
    """Return the settings of a technique that its twin does not take and nobody sees to."""
    handled = HANDLED.get(slot, frozenset())
    known = inspect.signature(twin).parameters
    return [name for name, _ in use.settings if name not in known and name not in handled]


def decays(use: Use, facts: Facts) -> frozenset[str] | None:
    """Return the names that a technique makes smaller: None, all, where it exempts none."""
    return None if dict(use.settings).get("exempt", "none") == "none" else facts.decays


def is_of(use: Use, facts: Facts, name: str) -> bool:
    """Return whether a penalty is of the parameter of this name."""
    settings: dict[str, Any] = dict(use.settings)
    return touched(name, settings.get("exempt", "none"), facts, settings.get("at", ()))


def taken(twin: Callable[..., Any], settings: Mapping[str, object]) -> dict[str, Any]:
    """Return those of a technique's settings that its twin takes, under their names."""
    known = inspect.signature(twin).parameters
    return {name: value for name, value in settings.items() if name in known}
