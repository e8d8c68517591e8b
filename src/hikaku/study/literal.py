"""Python source read as text: cards, settings, models and data sets, all of them literals.

Eats a source file; makes `Entry` and `DataSet`. Nothing here is imported or run, so reading
somebody's technique is safe, and `hikaku --help` never pays for torch. All that is wrong with a
file is said at once, with its lines.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import MISSING, fields
from pathlib import Path
from typing import Any, Literal, cast, get_type_hints

from hikaku.errors import StudyError
from hikaku.study.card import Card
from hikaku.study.entry import DataSet, Entry, Setting
from hikaku.study.kinds import KINDS, Misfit, allowed, fit
from hikaku.study.nearest import suggest
from hikaku.study.recipe import Value
from hikaku.study.syntax import Source, parse
from hikaku.words import message

NEVER_EMPTY = ("family", "claim", "formula", "paper")
FILLED_IN = ("inputs", "classes")
"""Parameters of a model's factory that hikaku fills in from the data."""


def read_technique(path: Path, name: str) -> Entry:
    """Return the entry of a technique's file: docstring, `CARD`, one public frozen dataclass.

    Raises `StudyError` with everything that keeps the file from being a technique.
    """
    source = parse(path)
    summary = _summary(source.tree)
    if not summary:
        source.fault(None, message("a technique's file begins with a docstring."))
    card = _card(source)
    cls = _dataclass(source)
    settings = tuple(_fields(source, cls)) if cls else ()
    if card and cls:
        _check_off(source, cls, card, {setting.name: setting for setting in settings})
    StudyError.gather(source.faults)
    assert card and cls  # otherwise there were faults
    return Entry(name, card.slot, card, summary, settings, path, cls.name)


def read_models(path: Path) -> Mapping[str, Entry]:
    """Return an entry per public top-level function of the file, by its name in studies."""
    source = parse(path)
    found = {}
    for node in source.tree.body:
        if isinstance(node, ast.FunctionDef) and not node.name.startswith("_"):
            settings = tuple(_parameters(source, node))
            name = node.name.replace("_", "-")
            found[name] = Entry(name, "model", None, _summary(node), settings, path, node.name)
    StudyError.gather(source.faults)
    return found


def read_datasets(path: Path) -> Mapping[str, DataSet]:
    """Return a data set per module-level `X = Builtin(name="…", …)`, by its name.

    Other arguments of the call (readers, addresses, checksums) are left alone.
    """
    source = parse(path)
    calls = [call for _, call in _assigned_calls(source.tree, "Builtin")]
    found = [_dataset(source, call) for call in calls]
    StudyError.gather(source.faults)
    return {item.name: item for item in found if item}


def _summary(node: ast.Module | ast.FunctionDef) -> str:
    lines = (ast.get_docstring(node) or "").strip().splitlines()
    return lines[0] if lines else ""


def _assigned_calls(tree: ast.Module, function: str) -> Iterator[tuple[str, ast.Call]]:
    """Yield (name, call) for every module-level `name = function(…)`."""
    for node in tree.body:
        if isinstance(node, (ast.Assign, ast.AnnAssign)) and isinstance(node.value, ast.Call):
            target = node.targets[0] if isinstance(node, ast.Assign) else node.target
            called = node.value.func
            if isinstance(target, ast.Name) and getattr(called, "id", "") == function:
                yield target.id, node.value


def _literal(node: ast.expr) -> Any:
    """Return the value of a literal. Raises `ValueError` for anything that would have to run."""
    try:
        return ast.literal_eval(node)
    except (TypeError, SyntaxError, RecursionError, MemoryError) as error:
        raise ValueError(str(error)) from None


def _card(source: Source) -> Card | None:
    calls = [call for name, call in _assigned_calls(source.tree, "Card") if name == "CARD"]
    if len(calls) != 1:
        source.fault(None, message("a technique's file holds one literal `CARD = Card(…)`."))
        return None
    call, before = calls[0], len(source.faults)
    hints = get_type_hints(Card, include_extras=True)
    written: dict[str, object] = {}
    if call.args:
        source.fault(call, message("the arguments of Card are written with their names."))
    for keyword in call.keywords:
        _card_field(source, keyword, hints, written)
    for item in fields(Card):
        needed = item.default is MISSING and item.default_factory is MISSING
        if needed and item.name not in {keyword.arg for keyword in call.keywords}:
            source.fault(call, message("the card lacks '{name}'.", name=item.name))
        elif written.get(item.name) == "" and item.name in NEVER_EMPTY:
            source.fault(call, message("the card's '{name}' is empty.", name=item.name))
    return cast(Any, Card)(**written) if len(source.faults) == before else None


def _card_field(
    source: Source, keyword: ast.keyword, hints: Mapping[str, Any], written: dict[str, object]
) -> None:
    name = keyword.arg or "**"
    if name not in hints:
        unknown = message("a card has no field '{name}'.", name=name)
        source.fault(keyword.value, suggest(unknown, name, hints))
        return
    try:
        value = _literal(keyword.value)
        # `off` is a mapping of settings; its values are compared with the technique's own kinds.
        written[name] = value if isinstance(value, dict) else fit(hints[name], value)
    except Misfit:
        source.fault(
            keyword.value,
            message(
                "the card's '{name}' must be {allowed}.", name=name, allowed=allowed(hints[name])
            ),
        )
    except ValueError:
        source.fault(keyword.value, message("the card's '{name}' is no literal.", name=name))


def _dataclass(source: Source) -> ast.ClassDef | None:
    found = [
        node
        for node in source.tree.body
        if isinstance(node, ast.ClassDef) and not node.name.startswith("_") and _decorator(node)
    ]
    if len(found) != 1:
        source.fault(
            found[1] if found else None,
            message(
                "a technique's file holds one public dataclass, not {count}.", count=len(found)
            ),
        )
        return None
    if not _is_frozen(_decorator(found[0])):
        source.fault(found[0], message("a technique is @dataclass(frozen=True)."))
    return found[0]


def _check_off(
    source: Source, cls: ast.ClassDef, card: Card, settings: Mapping[str, Setting]
) -> None:
    for name, value in card.off.items():
        try:
            fits = name in settings and (fit(settings[name].annotation, value), True)[1]
        except Misfit:
            fits = False
        if not fits:
            source.fault(
                cls, message("the card's 'off' sets '{name}' to what it cannot be.", name=name)
            )


def _decorator(node: ast.ClassDef) -> ast.expr | None:
    for found in node.decorator_list:
        called = found.func if isinstance(found, ast.Call) else found
        name = called.attr if isinstance(called, ast.Attribute) else getattr(called, "id", "")
        if name == "dataclass":
            return found
    return None


def _is_frozen(decorator: ast.expr | None) -> bool:
    return isinstance(decorator, ast.Call) and any(
        keyword.arg == "frozen"
        and isinstance(keyword.value, ast.Constant)
        and keyword.value.value is True
        for keyword in decorator.keywords
    )


def _fields(source: Source, cls: ast.ClassDef) -> Iterator[Setting]:
    for node in cls.body:
        if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
            yield from _setting(source, node, node.target.id, node.annotation, node.value)


def _parameters(source: Source, function: ast.FunctionDef) -> Iterator[Setting]:
    given = function.args
    if given.vararg or given.kwarg:
        source.fault(function, message("a model's factory names each of its settings."))
    plain = [*given.posonlyargs, *given.args]
    defaults: list[ast.expr | None] = [None] * (len(plain) - len(given.defaults))
    pairs = zip(
        [*plain, *given.kwonlyargs], [*defaults, *given.defaults, *given.kw_defaults], strict=True
    )
    for parameter, default in pairs:
        if parameter.arg not in FILLED_IN:
            yield from _setting(source, parameter, parameter.arg, parameter.annotation, default)


def _setting(
    source: Source, node: ast.AST, name: str, kind: ast.expr | None, default: ast.expr | None
) -> Iterable[Setting]:
    """Return the setting alone, or nothing and a fault."""
    annotation = _annotation(kind)
    if name == "use" or name.startswith("_"):
        source.fault(node, message("no setting can be called '{name}'.", name=name))
    elif annotation is None or kind is None:
        source.fault(
            node,
            message(
                "the kind of '{name}' must be a Literal or one of: {kinds}.",
                name=name,
                kinds=", ".join(KINDS),
            ),
        )
    elif default is None:
        source.fault(node, message("'{name}' needs a default.", name=name))
    else:
        try:
            value: Value = fit(annotation, _literal(default))
            return (Setting(name, ast.unparse(kind), value, annotation),)
        except Misfit:
            source.fault(
                node,
                message(
                    "the default of '{name}' must be {allowed}.",
                    name=name,
                    allowed=allowed(annotation),
                ),
            )
        except ValueError:
            source.fault(node, message("the default of '{name}' is no literal.", name=name))
    return ()


def _annotation(kind: ast.expr | None) -> Any:
    """Return what a kind stands for, None where it is no kind of ours."""
    if isinstance(kind, ast.Name):
        return KINDS.get(kind.id)
    if isinstance(kind, ast.Subscript) and getattr(kind.value, "id", "") == "Literal":
        try:
            choices = _literal(kind.slice)
        except ValueError:
            return None
        return cast(Any, Literal)[choices]
    return None


def _dataset(source: Source, call: ast.Call) -> DataSet | None:
    hints = get_type_hints(DataSet)
    written: dict[str, Any] = {}
    for keyword in call.keywords:
        if keyword.arg in hints:
            try:
                written[keyword.arg] = fit(hints[keyword.arg], _literal(keyword.value))
            except ValueError:
                source.fault(
                    keyword.value,
                    message(
                        "the data set's '{name}' must be a literal: {allowed}.",
                        name=keyword.arg,
                        allowed=allowed(hints[keyword.arg]),
                    ),
                )
    lacking = [
        item.name
        for item in fields(DataSet)
        if item.default is MISSING and item.name not in {word.arg for word in call.keywords}
    ]
    for name in lacking:
        source.fault(call, message("the data set lacks '{name}'.", name=name))
    return DataSet(**written) if not source.faults else None
