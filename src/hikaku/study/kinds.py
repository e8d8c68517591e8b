"""The kinds of `card` at work: their range in words, and what was written turned into a value.

Eats an annotation and a plain value; makes the value as the program wants it, or a `Misfit`.
"""

from __future__ import annotations

from collections.abc import ItemsView, Mapping
from functools import cache
from types import UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from annotated_types import Ge, Gt, Le, Lt
from pydantic import ConfigDict, TypeAdapter, ValidationError

from hikaku.study import card
from hikaku.words import Message, message

KINDS: Mapping[str, Any] = {
    name: value for name, value in vars(card).items() if get_origin(value) is Annotated
}
"""Every kind that a setting may name, as `card` defines it."""


class Misfit(ValueError):
    """A value that its kind does not hold; `place` leads from the value to the item at fault."""

    def __init__(self, place: tuple[int, ...] = ()) -> None:
        self.place = place
        super().__init__(place)


def fit(annotation: Any, value: object) -> Any:
    """Return `value` as a value of this kind: lists as tuples, 1 as 1.0 where a float is wanted.

    A table is one, of its keys and values, where its kind is `Table`. Nothing is guessed: "0.5" is
    no number, and neither is true. Raises `Misfit`.
    """
    pairs = value.items() if annotation is card.Table and isinstance(value, Mapping) else value
    value = _frozen(pairs)
    try:
        found = _adapter(annotation).validate_python(value)
    except ValidationError as error:
        place = error.errors(include_url=False)[0]["loc"]
        raise Misfit(tuple(step for step in place if isinstance(step, int))) from None
    if isinstance(value, bool) is not isinstance(found, bool):
        raise Misfit  # true is equal to 1, and so would pass as the choice 1
    return found + 0.0 if isinstance(found, float) else found  # -0.0 and 0.0 are one setting


def allowed(annotation: Any) -> Message:
    """Return the range of a kind in words: "> 0", "0 to 1", "a list of whole numbers >= 1"."""
    if get_origin(annotation) in (UnionType, Union):
        return _either(get_args(annotation))
    if get_origin(annotation) is Literal:
        return message("one of: {choices}", choices=", ".join(map(str, get_args(annotation))))
    base, marks = _taken_apart(annotation)
    if get_origin(base) in (UnionType, Union):
        return _either(get_args(base))
    if get_origin(base) is tuple:
        return _list(*_taken_apart(get_args(base)[0]))
    if base is int:
        return _with_bounds(message("a whole number"), marks)
    if base is float:
        return _bounds(marks) or message("a number")
    if card.NamesFile in marks:
        return message("a file of kept weights")
    return message("true or false") if base is bool else message("text")


@cache
def _adapter(annotation: Any) -> TypeAdapter[Any]:
    return TypeAdapter(annotation, config=ConfigDict(strict=True))


def _frozen(value: object) -> object:
    if isinstance(value, (list, tuple, ItemsView)):
        return tuple(map(_frozen, value))
    return value


def _taken_apart(annotation: Any) -> tuple[Any, tuple[Any, ...]]:
    if get_origin(annotation) is not Annotated:
        return annotation, ()
    base, *marks = get_args(annotation)
    return base, tuple(marks)


def _either(choices: tuple[Any, ...]) -> Message:
    words = [allowed(choice) for choice in choices if choice is not type(None)]
    found = words[0]
    for word in words[1:]:
        found = message("{this}, or {that}", this=found, that=word)
    return message("{this}, or left out", this=found) if type(None) in choices else found


def _list(base: Any, marks: tuple[Any, ...]) -> Message:
    if get_origin(base) is tuple:
        return message("a table")
    if base is int:
        return _with_bounds(message("a list of whole numbers"), marks)
    if base is float:
        return _with_bounds(message("a list of numbers"), marks)
    return message("a list of texts")


def _with_bounds(noun: Message, marks: tuple[Any, ...]) -> Message:
    bounds = _bounds(marks)
    return message("{noun} {bounds}", noun=noun, bounds=bounds) if bounds else noun


def _bounds(marks: tuple[Any, ...]) -> Message | None:
    low = _bound(marks, Gt, "gt", ">") or _bound(marks, Ge, "ge", ">=")
    high = _bound(marks, Lt, "lt", "<") or _bound(marks, Le, "le", "<=")
    if low.startswith(">=") and high.startswith("<="):
        return message("{low} to {high}", low=low[3:], high=high[3:])
    if low and high:
        return message("{low} and {high}", low=low, high=high)
    return message("{bound}", bound=low or high) if low or high else None


def _bound(marks: tuple[Any, ...], mark: type, name: str, sign: str) -> str:
    """Return the bound as "> 0"; an infinite one only says "a number", so it is left out."""
    for found in marks:
        if isinstance(found, mark) and abs(getattr(found, name)) != float("inf"):
            return f"{sign} {getattr(found, name):g}" if name else ""
    return ""
