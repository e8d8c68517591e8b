"""Where the names of points are written: inside the view, beside their points, none on another.

Eats points, the widths of names and the size of the view, in pixels. Makes a `Place` for each name.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import astuple, dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

LINE = 14
"""From one line of names to the next."""

FAR = 3
"""A name further from its point, in lines, would not be taken for its name."""

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
) -> list[Place | None]:
    """Return where each name stands; `points` are (across, down), `room` is (width, height).

    A name stands right of its point, left of it where the view ends, across where it is longer than
    either side; half a line or more above or below where a name or a sign is in the way. None where
    nothing near its point is free: the first names have the choice.
    """
    taken = np.array([(x - SIGN, x + SIGN, y - SIGN, y + SIGN) for x, y in points])
    found: list[Place | None] = []
    for point, width in zip(points, widths, strict=True):
        tried = list(_tried(point, width, room))
        boxes = [place.box(width) for place in tried]
        free = np.flatnonzero(~_meet(np.array([astuple(box) for box in boxes]), taken))
        place = tried[free[0]] if len(free) else None
        if place is not None:
            taken = np.vstack([taken, astuple(boxes[free[0]])])
        found.append(place)
    return found


def _meet(boxes: NDArray[np.float64], taken: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Return of each box whether it covers some of the ground that is taken."""
    left, right, top, bottom = boxes.reshape(-1, 4, 1).transpose(1, 0, 2)
    beside = (right <= taken[:, 0]) | (taken[:, 1] <= left)
    apart = beside | (bottom <= taken[:, 2]) | (taken[:, 3] <= top)
    return np.asarray(~apart.all(axis=1))


def _tried(point: Point, width: float, room: tuple[float, float]) -> Iterator[Place]:
    """Yield the places of a name inside the view, the nearest first."""
    x, y = point[0], point[1] - ABOVE
    steps = range(1, 2 * FAR + 1)
    heights = [y, *(y + way * step * LINE / 2 for step in steps for way in (-1, 1))]
    for height in heights:
        if LINE / 2 <= height <= room[1] - LINE / 2:
            yield from (Place(at, height, anchor) for at, anchor in _sides(x, width, room[0]))


def _sides(x: float, width: float, room: float) -> list[tuple[float, Anchor]]:
    sides: list[tuple[float, Anchor]] = []
    if x + ASIDE + width <= room:
        sides.append((x + ASIDE, "left"))
    if x - ASIDE - width >= 0:
        sides.append((x - ASIDE, "right"))
    middle = min(max(x, width / 2), max(room - width / 2, width / 2))
    return sides or [(middle, "center")]
