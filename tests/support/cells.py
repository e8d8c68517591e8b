"""A notebook without a kernel: cells run in a `__main__` of their own, as IPython runs them."""

from __future__ import annotations

import ast
import linecache
import sys
from types import ModuleType
from typing import Any

import pytest


class Notebook:
    """Cells that were run; `names` holds what they bound."""

    def __init__(self, patch: pytest.MonkeyPatch) -> None:
        self.module = ModuleType("__main__")
        self.names: dict[str, Any] = vars(self.module)
        self.names["In"] = [""]
        patch.setitem(sys.modules, "__main__", self.module)

    def run(self, cell: str) -> dict[str, Any]:
        """Run a cell, each statement by itself, and return everything bound so far."""
        cell = cell.strip("\n") + "\n"
        place = f"<cell {len(self.names['In'])} of {id(self)}>"
        linecache.cache[place] = (len(cell), None, cell.splitlines(keepends=True), place)
        self.names["In"].append(cell)
        for node in ast.parse(cell).body:
            code = compile(ast.Module([node], []), place, "exec", dont_inherit=True)
            exec(code, self.names)
        return self.names
