"""Write the signature of every public name of hikaku to docs/reference/api.txt.

The listing is kept under version control, so a change of what users import shows as a diff.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator
from pathlib import Path

import hikaku

LISTING = Path(__file__).parents[1] / "docs" / "reference" / "api.txt"


def listing() -> str:
    """Return one line a name, and indented below a class one line for each public member."""
    names: list[str] = hikaku.__all__
    return "".join(f"{line}\n" for name in sorted(names) for line in lines(name))


def lines(name: str) -> Iterator[str]:
    """Yield the lines of one public name."""
    value = getattr(hikaku, name)
    if not callable(value):
        yield f"{name} = {value!r}"
        return
    yield f"{name}{signature(value)}"
    if inspect.isclass(value):
        for member in sorted(vars(value)):
            if not member.startswith("_"):
                yield from member_lines(member, vars(value)[member])


def member_lines(name: str, member: object) -> Iterator[str]:
    """Yield the line of a method or property; fields stand in the signature of their class."""
    match member:
        case property(fget=read) if read:
            yield f"    .{name} -> {inspect.signature(read).return_annotation}"
        case classmethod(__func__=function) | staticmethod(__func__=function):
            yield f"    .{name}{signature(function)}"
        case _ if inspect.isfunction(member):
            yield f"    .{name}{signature(member)}"


def signature(value: Callable[..., object]) -> str:
    """Return the signature with its annotations as the source writes them."""
    found = inspect.signature(value)
    parameters = [
        parameter.replace(annotation=Written.of(parameter.annotation))
        for parameter in found.parameters.values()
    ]
    result = Written.of(found.return_annotation)
    return str(found.replace(parameters=parameters, return_annotation=result))


class Written(str):
    """An annotation that shows itself without quotes."""

    __slots__ = ()
    __repr__ = str.__str__

    @classmethod
    def of(cls, annotation: object) -> object:
        """Return the annotation, unquoted where it is text."""
        return cls(annotation) if isinstance(annotation, str) else annotation


if __name__ == "__main__":
    LISTING.write_text(listing(), encoding="utf-8")
