"""A class or function in a user's file: which settings it takes, read by `ast` and never run.

The user's code stays as it is, so what cannot be told from its text is left open: then any
setting may be written, and whether it is right shows when every arm is tried before training.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, cast

from hikaku.errors import Fault, StudyError
from hikaku.study.catalogue import own_file
from hikaku.study.entry import Setting
from hikaku.study.kinds import Misfit, fit
from hikaku.study.literal import FILLED_IN
from hikaku.study.nearest import suggest
from hikaku.study.node import Node
from hikaku.study.recipe import Use, Value
from hikaku.study.syntax import parse
from hikaku.words import Message, message

KINDS: Mapping[str, Any] = {"int": int, "float": float, "str": str, "bool": bool}
"""Annotations that are held to; any other, and none, allows every value."""

_Scalar = bool | int | float | str
Free = _Scalar | tuple[_Scalar | tuple[_Scalar, ...], ...]


@dataclass(frozen=True)
class Signature:
    """What may be written beside `use`: `settings`, `needed` ones of them, or anything if `open`.

    The default of a setting is None where the text does not say it, or where it is a list, which
    Python fills in by itself.
    """

    settings: tuple[Setting, ...]
    needed: frozenset[str]
    open: bool


def read_own(
    node: Node,
    name: str,
    folder: str,
    reserved: tuple[Setting, ...],
    elsewhere: tuple[str, ...],
    filled: Message | None = None,
) -> Use | None:
    """Return the complete use of the user's own `my_file.py:Name`; what is wrong is noted.

    `reserved` are settings of ours beside the user's; the keys `elsewhere` are read by others.
    `filled` says which settings need not be written, where one is missing.
    """
    place = node["use"] if isinstance(node.value, dict) else node
    try:
        reference, path, symbol = own_file(name, folder)
        found = signature(path, symbol)
    except StudyError as error:
        node.mistakes.add_all(place.path, error)
        return None
    taken = {"use", *elsewhere, *(setting.name for setting in reserved)}
    for key in (setting.name for setting in found.settings if setting.name in taken):
        place.fault(
            message(
                "the parameter '{name}' of {owner} has a name that hikaku uses itself; rename it.",
                name=key,
                owner=symbol,
            ),
            message("give the parameter another name"),
        )
    known = {setting.name: setting for setting in (*found.settings, *reserved)}
    written = tuple(key for key in node.names() if key not in ("use", *elsewhere))
    if isinstance(node.value, dict) and not found.open:
        node.is_table(
            ("use", *elsewhere, *known), message("{owner} has no setting", owner=symbol), {}
        )
    mend = filled or message("write it beside the name, or give the parameter a default")
    for key in sorted(found.needed - taken - set(written)):
        place.fault(message("{owner} needs the setting '{key}'.", owner=symbol, key=key), mend)
    values: dict[str, Value] = {
        setting.name: setting.default
        for setting in known.values()
        if setting.default is not None and setting.name not in found.needed
    }
    for key in written:
        annotation = known[key].annotation if key in known else Free
        values[key] = node[key].read(annotation, None, _wanted(annotation))
    return Use(reference, tuple(values.items()))


def _wanted(annotation: Any) -> Any:
    free = message("a number, a text, true, false, or a list of these")
    return free if annotation is Free else None


def signature(path: Path, symbol: str) -> Signature:
    """Return what the class or function `symbol` of a file takes.

    Raises `StudyError` where the file cannot be read as Python or holds no such name.
    """
    names, node = dict(_names(parse(path).tree)), definition(path, symbol)
    function = _constructor(node, names) if isinstance(node, ast.ClassDef) else node
    if not isinstance(function, (ast.FunctionDef, ast.AsyncFunctionDef)):
        return Signature((), frozenset(), open=function is not None)
    given = function.args
    skipped = 1 if isinstance(node, ast.ClassDef) else 0
    plain = [*given.posonlyargs, *given.args]
    defaults: list[ast.expr | None] = [None] * (len(plain) - len(given.defaults))
    pairs = [
        *list(zip(plain, [*defaults, *given.defaults], strict=True))[skipped:],
        *zip(given.kwonlyargs, given.kw_defaults, strict=True),
    ]
    own = [(argument, default) for argument, default in pairs if argument.arg not in FILLED_IN]
    return Signature(
        tuple(_setting(argument, default) for argument, default in own),
        frozenset(argument.arg for argument, default in own if default is None),
        open=given.kwarg is not None,
    )


def definition(path: Path, symbol: str) -> ast.AST:
    """Return what defines the name `symbol` at the top of a file: a statement of its text.

    Raises `StudyError` where the file cannot be read as Python or holds no such name.
    """
    names = dict(_names(parse(path).tree))
    if symbol not in names:
        what = message("'{file}' holds no '{symbol}'.", file=path.name, symbol=symbol)
        mend = message("it holds: {names}", names=", ".join(defined(path)) or "-")
        raise StudyError(Fault(suggest(what, symbol, names), mend=mend))
    return names[symbol]


def defined(path: Path) -> tuple[str, ...]:
    """Return the public classes and functions at the top of a file, in its order.

    Raises `StudyError` where the file cannot be read as Python.
    """
    kinds = (ast.ClassDef, ast.FunctionDef)
    found = (node.name for node in parse(path).tree.body if isinstance(node, kinds))
    return tuple(dict.fromkeys(name for name in found if not name.startswith("_")))


def _names(tree: ast.Module) -> Iterator[tuple[str, ast.AST]]:
    """Yield every name that the file defines at its top, with what defines it."""
    for node in ast.walk(tree):
        if isinstance(node, (ast.Import, ast.ImportFrom)):
            yield from ((alias.asname or alias.name, node) for alias in node.names)
    for node in tree.body:
        if isinstance(node, (ast.ClassDef, ast.FunctionDef)):
            yield node.name, node
        elif isinstance(node, ast.Assign):
            yield from (
                (target.id, node) for target in node.targets if isinstance(target, ast.Name)
            )


def _constructor(node: ast.ClassDef, names: Mapping[str, ast.AST]) -> ast.AST | None:
    """Return the `__init__` of a class or of its parent in the same file; itself if unknown.

    None where there is none at all: `nn.Module` takes no settings.
    """
    if any(isinstance(found, ast.expr) for found in node.decorator_list):
        return node  # a dataclass, or whatever the decorator makes of it
    for item in node.body:
        if isinstance(item, ast.FunctionDef) and item.name == "__init__":
            return item
    parents = [ast.unparse(base).rpartition(".")[2] for base in node.bases]
    for parent in parents:
        if isinstance(names.get(parent), ast.ClassDef):
            return _constructor(cast(ast.ClassDef, names[parent]), names)
    return None if parents in (["Module"], []) else node


def _setting(argument: ast.arg, default: ast.expr | None) -> Setting:
    annotation = _annotation(argument.annotation)
    value: Value = None
    if default is not None:
        try:
            value = fit(annotation, ast.literal_eval(default))
        except (Misfit, ValueError, TypeError, SyntaxError, RecursionError, MemoryError):
            value = None
    # A list would come back as another type than the user wrote.
    kind = ast.unparse(argument.annotation) if argument.annotation else ""
    return Setting(argument.arg, kind, None if isinstance(value, tuple) else value, annotation)


def _annotation(kind: ast.expr | None) -> Any:
    if isinstance(kind, ast.Name) and kind.id in KINDS:
        return KINDS[kind.id]
    if isinstance(kind, ast.Subscript) and ast.unparse(kind.value).endswith("Literal"):
        try:
            return cast(Any, Literal)[ast.literal_eval(kind.slice)]
        except (ValueError, TypeError, SyntaxError):
            return Free
    return Free
