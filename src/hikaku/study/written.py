"""The text in which a live class or function was written: in a file, a notebook's cell, a prompt.

Eats a class or function that is there already; makes its source, from what Python keeps of it for
tracebacks. Nothing is run. A text that is not what is running, or may not be, is refused.
"""

from __future__ import annotations

import ast
import inspect
import linecache
import sys
import textwrap
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import CodeType, FunctionType
from typing import Any

from hikaku.words import Message, message

Definition = ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda
MAIN = "__main__"
LAMBDA = "<lambda>"
GENERATED = ("<string>", "<attrs")
"""Begin the names of files that a decorator made up for the methods that it wrote."""


class Untold(Exception):
    """The source of something live cannot be told; `why` says why not."""

    def __init__(self, why: Message) -> None:
        self.why = why
        super().__init__(str(why))


@dataclass(frozen=True)
class Written:
    """A definition as its author wrote it.

    `text` is the whole statement, decorators included (of a lambda, the lambda alone); `page` the
    cell or file in which it stands; `globals` are the names that it sees while it runs.
    """

    name: str
    text: str
    page: ast.Module
    globals: Mapping[str, Any]


def written(value: Any) -> Written:
    """Return the text of a class or function. Raises `Untold` where it cannot be told."""
    name = getattr(value, "__name__", "")
    if getattr(value, "__qualname__", name) != name:
        raise Untold(message("{name} was defined inside a function or a class", name=name))
    return _class(value) if isinstance(value, type) else _function(value)


def pages(module: str = MAIN) -> Iterator[ast.Module]:
    """Yield the cells of a notebook or prompt that were run so far, or the file of a module."""
    found = sys.modules.get(module)
    cells = vars(found).get("In") if found and module == MAIN else None
    if not isinstance(cells, list):
        file = getattr(found, "__file__", None)
        prompts = [name for name in linecache.cache if str(name).startswith("<python-input")]
        cells = ["".join(linecache.getlines(str(name))) for name in ([file] if file else prompts)]
    yield from (tree for cell in cells if (tree := _parsed(str(cell))))


def _function(value: Any) -> Written:
    function = inspect.unwrap(value)
    if not isinstance(function, FunctionType):
        raise Untold(message("{name} was not written in Python", name=repr(value)[:60]))
    name, code = function.__name__, function.__code__
    if code.co_freevars:
        raise Untold(
            message(
                "{name} holds on to values of the function that made it ({names})",
                name=name,
                names=", ".join(code.co_freevars),
            )
        )
    lines, page = _page(code, name)
    nodes = [
        node
        for node in ast.walk(page)
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda))
        and getattr(node, "name", LAMBDA) == name
        and _first_line(node) == code.co_firstlineno
    ]
    found = {_text(node, lines) for node in nodes if essence(code) in _essences(node)}
    if not found and essence(code) in _essences(page):
        found = {_text(node, lines) for node in nodes}
    if len(found) != 1:
        raise _changed(name)
    return Written(name, found.pop(), page, function.__globals__)


def _class(cls: type[Any]) -> Written:
    name, methods = cls.__name__, dict(_methods(cls))
    if not methods:
        return _plain_class(cls)
    method = next(iter(methods.values()))
    lines, page = _page(method.__code__, name)
    found = [
        node
        for node in ast.walk(page)
        if isinstance(node, ast.ClassDef) and node.name == name and _holds(node, methods)
    ]
    if not found:
        raise _changed(name)
    text = _text(found[-1], lines)
    _check_unpatched(cls, found[-1], page)
    return Written(name, text, page, method.__globals__)


def _plain_class(cls: type[Any]) -> Written:
    """Return the latest class of this name: one without methods knows no place itself."""
    for page in reversed(list(pages(cls.__module__))):
        for node in reversed(page.body):
            if isinstance(node, ast.ClassDef) and node.name == cls.__name__:
                _check_unpatched(cls, node, page)
                text = ast.unparse(node) + "\n"
                return Written(cls.__name__, text, page, vars(sys.modules[cls.__module__]))
    raise Untold(message("{name} was not written as a class statement", name=cls.__name__))


def _methods(cls: type[Any]) -> Iterator[tuple[str, FunctionType]]:
    """Yield the functions that were written in the class's own statement, by their names."""
    for name, member in vars(cls).items():
        function = _plain_function(member)
        own = function is not None and function.__qualname__ == f"{cls.__qualname__}.{name}"
        if function and own and not function.__code__.co_filename.startswith(GENERATED):
            yield name, function


def _plain_function(member: Any) -> FunctionType | None:
    member = member.fget if isinstance(member, property) else member
    found = inspect.unwrap(getattr(member, "__func__", member))
    return found if isinstance(found, FunctionType) else None


def _page(code: CodeType, name: str) -> tuple[list[str], ast.Module]:
    lines = linecache.getlines(code.co_filename)
    page = _parsed("".join(lines))
    if not lines or page is None:
        raise Untold(message("the source of {name} is not kept", name=name))
    return lines, page


def _parsed(text: str) -> ast.Module | None:
    try:
        return ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


def _holds(node: ast.ClassDef, methods: Mapping[str, FunctionType]) -> bool:
    lines = range(_first_line(node), (node.end_lineno or node.lineno) + 1)
    return all(method.__code__.co_firstlineno in lines for method in methods.values())


def _first_line(node: Definition) -> int:
    decorators = [] if isinstance(node, ast.Lambda) else node.decorator_list
    return min([node.lineno, *(found.lineno for found in decorators)])


def _text(node: Definition, lines: list[str]) -> str:
    if isinstance(node, ast.Lambda):
        # Parentheses, for a lambda may go on over lines that stood in a call.
        return f"({ast.get_source_segment(''.join(lines), node)})"
    found = "".join(lines[_first_line(node) - 1 : node.end_lineno])
    return textwrap.dedent(found).rstrip() + "\n"


def essence(code: CodeType) -> tuple[object, ...]:
    """Return what a code does: two of equal essence do the same, wherever they stand."""
    consts = tuple(
        essence(item) if isinstance(item, CodeType) else (type(item), item)
        for item in code.co_consts
    )
    return (code.co_qualname, code.co_code, code.co_names, code.co_varnames, consts)


def _essences(text: ast.Module | Definition) -> list[tuple[object, ...]]:
    """Return the essence of every function, method and lambda that running a text makes.

    A notebook compiles each statement by itself, a file all of them at once. That makes a
    difference: calls by way of a name that the same text imports have another bytecode.
    """
    if not isinstance(text, ast.Module):
        text = ast.Module([ast.Expr(text) if isinstance(text, ast.Lambda) else text], [])
    ast.fix_missing_locations(text)
    waiting, found = [compile(text, "<text>", "exec", dont_inherit=True)], []
    while waiting:
        inside = [item for item in waiting.pop().co_consts if isinstance(item, CodeType)]
        found += [essence(code) for code in inside]
        waiting += inside
    return found


def _check_unpatched(cls: type[Any], node: ast.ClassDef, page: ast.Module) -> None:
    """Raise `Untold` where something was put into the class after its statement had been run."""
    defined = {item.name: item for item in node.body if isinstance(item, ast.FunctionDef)}
    literals = dict(_literals(node))
    named = {item.name for item in node.body if isinstance(item, ast.ClassDef)} | {
        found.id
        for item in node.body
        for found in ast.walk(item)
        if isinstance(found, ast.Name) and isinstance(found.ctx, ast.Store)
    }
    essences = _essences(node) + _essences(page)
    for name, member in vars(cls).items():
        if name in defined and not defined[name].decorator_list:
            function = _plain_function(member)
            own = function and function.__qualname__ == f"{cls.__qualname__}.{name}"
            same = bool(function and own and essence(function.__code__) in essences)
        elif name in literals:
            same = repr(member) == repr(literals[name]) or bool(node.decorator_list)
        else:
            known = name in named or name in defined or bool(node.decorator_list)
            same = known or name.startswith(("__", "_abc_"))
        if not same:
            what = f"{cls.__name__}.{name}"
            raise Untold(message("{name} was changed after it had been defined", name=what))


def _literals(node: ast.ClassDef) -> Iterator[tuple[str, object]]:
    """Yield the attributes of a class that are set once, to a literal."""
    for item in node.body:
        if isinstance(item, ast.Assign) and isinstance(item.targets[0], ast.Name):
            try:
                yield item.targets[0].id, ast.literal_eval(item.value)
            except ValueError:
                continue


def _changed(name: str) -> Untold:
    return Untold(message("the source of {name} is no longer what is running", name=name))
