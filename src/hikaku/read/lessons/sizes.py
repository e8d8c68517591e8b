"""`show output-size`: how many places a filter has along a side, by the formula."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from hikaku.errors import StudyError
from hikaku.present.report import Heading, Lines, Report
from hikaku.read.lessons.lesson import counted
from hikaku.reference.patches import output_size
from hikaku.words import Message, message


@dataclass(frozen=True)
class Side:
    """One side of an input, and the filter that goes along it; `places` are what the filter has."""

    size: int
    filter: int
    stride: int
    pad: int
    places: int

    @property
    def left(self) -> int:
        """How many numbers at the end no place reaches."""
        return (self.size + 2 * self.pad - self.filter) % self.stride

    def said(self, name: Message) -> Message:
        """Return the formula with the numbers put in."""
        formula = f"({self.size} + 2·{self.pad} − {self.filter})/{self.stride} + 1"
        if not self.left:
            return message("{name}: {formula} = {n}", name=name, formula=formula, n=self.places)
        return message(
            "{name}: {formula}, rounded down = {n}; never seen at the end: {left}",
            name=name,
            formula=formula,
            n=self.places,
            left=self.left,
        )


@dataclass(frozen=True)
class OutputSize:
    """The sides of an input with what a filter makes of them: one, or height and width."""

    sides: tuple[Side, ...]

    def report(self) -> Report:
        """Return the formula, the same with numbers, and the result."""
        names = (message("down"), message("across")) if len(self.sides) == 2 else (message("size"),)
        result = " × ".join(str(one.places) for one in self.sides)
        return Report(
            (
                Heading(message("Output size: {result}", result=result), level=1),
                Lines(
                    "(H + 2P − F)/S + 1",
                    tuple(one.said(name) for one, name in zip(self.sides, names, strict=True)),
                ),
            )
        )

    def as_json(self) -> dict[str, Any]:
        """Return each side's numbers."""
        return {
            "format": 1,
            "input": [one.size for one in self.sides],
            "filter": [one.filter for one in self.sides],
            "stride": self.sides[0].stride,
            "pad": self.sides[0].pad,
            "output": [one.places for one in self.sides],
            "unseen": [one.left for one in self.sides],
        }


def sizes(inputs: Sequence[int], filter_size: str, stride: int, pad: int) -> OutputSize:
    """Return the output's size for one side or two; `filter_size` is "2", or "2,3" for two.

    Raises `StudyError` for numbers that make no sense together.
    """
    if len(inputs) > 2:
        raise StudyError.of(
            message("an image has two sides, not {n}", n=len(inputs)),
            where="SIZE:",
            mend=message("write its height and width, as in output-size 6 6"),
        )
    parts = filter_size.split(",")
    filters = parts * len(inputs) if len(parts) == 1 else parts
    if len(filters) != len(inputs) or not all(part.strip().isdecimal() for part in filters):
        raise StudyError.of(
            message("'{text}' is no filter for {n} sides", text=filter_size[:60], n=len(inputs)),
            where="--filter:",
            mend=message("write one number, or one for each side with a comma between"),
        )
    pairs = zip(inputs, filters, strict=True)
    return OutputSize(tuple(side(size, int(one[:20]), stride, pad) for size, one in pairs))


def side(size: int, filter_size: int, stride: int, pad: int) -> Side:
    """Return one side. Raises `StudyError` for numbers that make no sense together."""
    counted("SIZE", size)
    counted("--filter", filter_size)
    counted("--stride", stride)
    counted("--pad", pad, least=0)
    if filter_size > size + 2 * pad:
        raise StudyError.of(
            message("a filter of {filter} does not fit into {size} + 2·{pad}", filter=filter_size,
                    size=size, pad=pad),
            where="--filter:",
            why=message("there is no place where it could stand"),
            mend=message("take a smaller filter, or more padding"),
        )  # fmt: skip  # the three numbers stand together
    return Side(size, filter_size, stride, pad, output_size(size, filter_size, stride, pad))
