"""Where the names of points are written: inside the view, beside their points, none on another.

Eats points, the widths of names and the size of the view, in pixels. Makes a `Place` for each name.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import count
from typing import Literal

LINE = 14
"""From one line of names to the next."""

ASIDE, ABOVE, SIGN = 8, 9, 7
"""From a point to its name, up to the name's middle, and to the rim of the point's sign."""

Point = tuple[float, float]
Anchor = Literal["left", "right", "center"]
"""Which part of a name stands at its place: "left" stands right of its point."""


@dataclass(frozen=True)
class Box:
    """What is taken, from the top left."""

    left: float
    right: float
    top: float
    bottom: float

    def meets(self, other: Box) -> bool:
        """Return whether both cover some of the same ground."""
        beside = self.right <= other.left or other.right <= self.left
        return not (beside or self.bottom <= other.top or other.bottom <= self.top)


@dataclass(frozen=True)
class Place:
    """Where the anchor of a name lies, and the middle of its line."""

    x: float
    y: float
    anchor: Anchor

    def box(self, width: float) -> Box:
        """Return what a name of this width covers here."""
        left = self.x - {"left": 0.0, "center": width / 2, "right": width}[self.anchor]
        return Box(left, left + width, self.y - LINE / 2, self.y + LINE / 2)


def name_places(
    points: Sequence[Point], widths: Sequence[float], room: tuple[float, float]
) -> list[Place]:
    """Return where each name stands; `points` are (across, down), `room` is (width, height).

    A name stands right of its point, left of it where the view ends, across where it is longer than
    either side; half a line or more above or below where a name or a sign is in the way.
    """
    taken = [Box(x - SIGN, x + SIGN, y - SIGN, y + SIGN) for x, y in points]
    found = []
    for point, width in zip(points, widths, strict=True):
        place = next(
            one
            for one in _tried(point, width, room)
            if not any(one.box(width).meets(other) for other in taken)
        )
        taken.append(place.box(width))
        found.append(place)
    return found


def _tried(point: Point, width: float, room: tuple[float, float]) -> Iterator[Place]:
    """Yield the places of a name, the nearest first; at last, where nothing is free, below all."""
    x, y = point[0], point[1] - ABOVE
    steps = range(1, int(2 * room[1] / LINE) + 1)
    heights = [y, *(y + way * step * LINE / 2 for step in steps for way in (-1, 1))]
    seen = [height for height in heights if LINE / 2 <= height <= room[1] - LINE / 2]
    sides = _sides(x, width, room[0])
    for height in seen:
        yield from (Place(at, height, anchor) for at, anchor in sides)
    at, anchor = sides[0]
    yield from (Place(at, room[1] + n * LINE, anchor) for n in count())


def _sides(x: float, width: float, room: float) -> list[tuple[float, Anchor]]:
    sides: list[tuple[float, Anchor]] = []
    if x + ASIDE + width <= room:
        sides.append((x + ASIDE, "left"))
    if x - ASIDE - width >= 0:
        sides.append((x - ASIDE, "right"))
    middle = min(max(x, width / 2), max(room - width / 2, width / 2))
    return sides or [(middle, "center")]
