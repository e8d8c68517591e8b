"""hikaku (比較): which training techniques really help on my model and my data.

import hikaku as hk
answer = hk.run("digits")
print(answer.table())
"""

from __future__ import annotations

import sys
from importlib import import_module
from types import ModuleType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from hikaku.analysis.finding import Finding
    from hikaku.api import Answer, Study, load, load_model, results, run
    from hikaku.errors import HikakuError

__all__ = ["Answer", "Finding", "HikakuError", "Study", "load", "load_model", "results", "run"]

_HOMES = {
    "Answer": "hikaku.api",
    "Finding": "hikaku.analysis.finding",
    "HikakuError": "hikaku.errors",
    "Study": "hikaku.api",
    "load": "hikaku.api",
    "load_model": "hikaku.api",
    "results": "hikaku.api",
    "run": "hikaku.api",
}


def __getattr__(name: str) -> Any:
    """Load a public name on first use: importing hikaku loads neither torch nor numpy."""
    if name in _HOMES:
        return getattr(import_module(_HOMES[name]), name)
    raise AttributeError(f"module 'hikaku' has no attribute {name!r}")


def __dir__() -> list[str]:
    """Return the public names."""
    return __all__


class _Surface(ModuleType):
    """The package, keeping its public names when a room of the same name (`run`) is imported."""

    def __setattr__(self, name: str, value: object) -> None:
        if not (name in _HOMES and isinstance(value, ModuleType)):
            super().__setattr__(name, value)


sys.modules[__name__].__class__ = _Surface
