"""Everything that a class or function of a notebook's needs, gathered into one Python text.

Eats live classes and functions; makes the text of a module that defines them again: imports,
constants, and definitions in an order in which they can be run. Equal cells give equal texts, for
the text is what a trial's key hashes. Nothing is run.
"""

from __future__ import annotations
import __future__

import ast
import functools
import math
import symtable
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from types import FunctionType, MethodType, ModuleType
from typing import Any, Literal

from hikaku.study.written import LAMBDA, MAIN, Untold, Written, pages, written
from hikaku.words import message

MOST_NUMBERS = 1000
"""An array of more numbers is data, and no constant of a program."""

FUTURE = "from __future__ import annotations"
COMPREHENSIONS = ("listcomp", "setcomp", "dictcomp", "genexpr")
MISSING = object()
When = Literal["defined", "called"]
"""Whether a definition needs a name while its statement is run, or not before it is called."""


@dataclass
class Gathering:
    """A module's text while it grows.

    `parts` are in the order in which they can be run; `names` are those that the text binds, and
    what they stand for; `modules` those that it imports from.
    """

    imports: set[str] = field(default_factory=set)
    parts: list[str] = field(default_factory=list)
    names: dict[str, Any] = field(default_factory=dict)
    modules: set[str] = field(default_factory=set)

    def text(self, *head: str) -> str:
        """Return the module's text, its blocks below those of `head`."""
        imports = sorted(self.imports - {FUTURE}, key=lambda line: (line.split()[1], line))
        blocks = [*head, FUTURE * (FUTURE in self.imports), "\n".join(imports), *self.parts]
        return "\n\n".join(block.rstrip("\n") for block in blocks if block) + "\n"

    def bind(self, name: str, value: Any) -> None:
        """Write what makes `name` stand for `value`. Raises `Untold` where that cannot be told."""
        if name in self.names:
            if self.names[name] is not value:
                raise Untold(message("two things are called {name}", name=name))
            return
        self.names[name] = value
        if lines := self._imported(name, value):
            self.imports |= lines
        elif _is_definition(value):
            self._define(name, value)
        else:
            self.parts.append(f"{name} = {self.expression(value, name)}")

    def expression(self, value: Any, name: str = "") -> str:
        """Return the text that makes `value` again, what it needs bound; raises `Untold`."""
        if isinstance(value, float) and not math.isfinite(value):
            return f"float({str(value)!r})"
        if value is None or type(value) in (bool, int, float, complex, str, bytes):
            return repr(value)
        if type(value) in (tuple, list, set, frozenset, dict):
            return self._container(value, name)
        if isinstance(value, functools.partial):
            return self._partial(value, name)
        called = str(getattr(value, "__name__", ""))
        if called == LAMBDA:
            return self._lambda(value)
        if isinstance(value, MethodType) and isinstance(value.__self__, type):
            return f"{self.expression(value.__self__, name)}.{called}"
        if not _is_definition(value) and not (called.isidentifier() and _places(called, value)):
            return self._foreign(value, name)
        self.bind(called, value)
        return called

    def _container(self, value: Any, name: str) -> str:
        if isinstance(value, dict):
            keys, items = (
                [self.expression(item, name) for item in side]
                for side in (value.keys(), value.values())
            )
            return "{" + ", ".join(f"{k}: {v}" for k, v in zip(keys, items, strict=True)) + "}"
        items = [self.expression(item, name) for item in value]
        if isinstance(value, (set, frozenset)):
            return f"{type(value).__name__}([{', '.join(sorted(items))}])"
        inside = ", ".join(items)
        return f"[{inside}]" if isinstance(value, list) else f"({inside}{',' * (len(items) == 1)})"

    def _partial(self, value: functools.partial[Any], name: str) -> str:
        self.bind("functools", functools)
        parts = [
            self.expression(value.func, name),
            *(self.expression(item, name) for item in value.args),
            *(f"{key}={self.expression(item, name)}" for key, item in value.keywords.items()),
        ]
        return f"functools.partial({', '.join(parts)})"

    def _foreign(self, value: Any, name: str) -> str:
        """Return an array of few numbers, or one of torch's plain values."""
        kind, room = type(value).__name__, type(value).__module__
        if room == "torch" and kind in ("dtype", "device", "Size"):
            self.bind("torch", sys.modules["torch"])
            return f"torch.{repr(value).removeprefix('torch.')}"
        numbers = math.prod(getattr(value, "shape", (MOST_NUMBERS + 1,)))
        if room in ("numpy", "torch") and numbers <= MOST_NUMBERS and hasattr(value, "tolist"):
            if kind in ("Tensor", "ndarray") and not getattr(value, "requires_grad", False):
                self.bind(room, sys.modules[room])
                make = "tensor" if room == "torch" else "array"
                dtype = f"{room}.{str(value.dtype).removeprefix('torch.')}"
                return f"{room}.{make}({self.expression(value.tolist(), name)}, dtype={dtype})"
            if value.shape == ():
                self.bind(room, sys.modules[room])
                return f"{room}.{kind}({self.expression(value.tolist(), name)})"
        live = message("it needs a live {kind}", kind=f"{room}.{kind}")
        named = message("it needs {name}, a live {kind}", name=name, kind=f"{room}.{kind}")
        raise Untold(named if name else live)

    def _lambda(self, value: Any) -> str:
        found = written(value)
        for when in ("defined", "called"):
            self._bind_needs(found, when)
        return found.text

    def _define(self, name: str, value: Any) -> None:
        """Write a definition: what it needs to be run, itself, then what it needs to be called."""
        if value.__name__ == LAMBDA:
            self.parts.append(f"{name} = {self._lambda(value)}")
            return
        found = written(value)
        if self.names.setdefault(found.name, value) is not value:
            raise Untold(message("two things are called {name}", name=found.name))
        self._bind_needs(found, "defined")
        if isinstance(value, type):
            _check_bases(value, found)
        if _is_future(value):
            self.imports.add(FUTURE)
        self.parts.append(f"\n{found.text}")
        if found.name != name:
            self.parts.append(f"{name} = {found.name}")
        self._bind_needs(found, "called")

    def _bind_needs(self, found: Written, when: When) -> None:
        for name in _needs(found, when):
            self.bind(name, found.globals[name])

    def _imported(self, name: str, value: Any) -> set[str]:
        """Return the imports that bind this name to this value, none where none does."""
        if isinstance(value, ModuleType):
            self.modules.add(value.__name__)
            if value.__name__ != name:
                return {f"import {value.__name__} as {name}"}
            return {f"import {name}", *(f"import {below}" for below in _imported_below(name))}
        for module, symbol in _places(name, value):
            self.modules.add(module)
            return {f"from {module} import {symbol}" + f" as {name}" * (symbol != name)}
        return set()


def _is_definition(value: Any) -> bool:
    """Return whether this is a class or function, or one that a decorator has wrapped."""
    wrapped = callable(getattr(value, "__wrapped__", None)) and hasattr(value, "__name__")
    return isinstance(value, (type, FunctionType)) or wrapped


def _places(name: str, value: Any) -> list[tuple[str, str]]:
    """Return each (module, symbol) that is this value, those first that imported it as `name`."""
    return [
        (module, symbol)
        for module, symbol in (*_as_written(name), *_as_named(value))
        if module != MAIN and getattr(sys.modules.get(module), symbol, MISSING) is value
    ]


def _as_written(name: str) -> Iterator[tuple[str, str]]:
    """Yield (module, symbol) of every `from module import symbol as name` that was run."""
    for page in pages():
        for node in ast.walk(page):
            if isinstance(node, ast.ImportFrom) and node.module and not node.level:
                for alias in node.names:
                    if name == (alias.asname or alias.name):
                        yield node.module, alias.name
                    elif alias.name == "*":
                        yield node.module, name


def _as_named(value: Any) -> Iterator[tuple[str, str]]:
    """Yield (module, symbol) as the value itself says where it is from."""
    module, symbol = getattr(value, "__module__", None), getattr(value, "__qualname__", "")
    if isinstance(module, str) and symbol.isidentifier():
        yield module, symbol


def _imported_below(name: str) -> Iterator[str]:
    """Yield the modules below `name` of every `import name.below` that was run."""
    for page in pages():
        for node in ast.walk(page):
            if isinstance(node, ast.Import):
                for alias in node.names:
                    below = alias.name.startswith(f"{name}.") and not alias.asname
                    if below and alias.name in sys.modules:
                        yield alias.name


def _needs(found: Written, when: When) -> Iterator[str]:
    """Yield, in a fixed order, the globals that a definition reads at this time.

    What is bound nowhere is left out: whoever runs the definition is told.
    """
    table = symtable.symtable(found.text, "<text>", "exec")
    at_once = set(_globals_of(_run_at_once(table)))
    names = at_once if when == "defined" else set(_globals_of(_all(table))) - at_once
    for name in sorted(names - {found.name}):
        if name in found.globals and not name.startswith("__"):
            yield name


def _all(table: symtable.SymbolTable) -> Iterator[symtable.SymbolTable]:
    yield table
    for child in table.get_children():
        yield from _all(child)


def _run_at_once(table: symtable.SymbolTable) -> Iterator[symtable.SymbolTable]:
    """Yield the scopes that are run when the text is: not the inside of functions."""
    yield table
    for child in table.get_children():
        is_called = child.get_type() == "function"
        if not is_called or child.get_name().strip("<>") in COMPREHENSIONS:
            yield from _run_at_once(child)


def _globals_of(tables: Iterable[symtable.SymbolTable]) -> Iterator[str]:
    """Yield the names that scopes read from the module; `x = x` in a class reads it too."""
    for table in tables:
        for symbol in table.get_symbols():
            outside = symbol.is_global() or table.get_type() in ("module", "class")
            if symbol.is_referenced() and outside:
                yield symbol.get_name()


def _check_bases(cls: type[Any], found: Written) -> None:
    """Raise `Untold` where a base has been defined anew since: running the text gives another."""
    for base in cls.__bases__:
        now = found.globals.get(base.__name__, base)
        if base.__module__ == MAIN and now is not base and written(now).text != written(base).text:
            raise Untold(
                message(
                    "{base} has changed since {name} was made from it; run that cell again",
                    base=base.__name__,
                    name=cls.__name__,
                )
            )


def _is_future(value: Any) -> bool:
    """Return whether the definition was run with its annotations left as text."""
    members = vars(value).values() if isinstance(value, type) else [value]
    flags = (getattr(getattr(item, "__code__", None), "co_flags", 0) for item in members)
    return any(flag & __future__.annotations.compiler_flag for flag in flags)
