"""Names beside points: inside the view, and none on another or on a sign."""

from __future__ import annotations

from itertools import combinations
from time import process_time

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from hikaku.present.point_names import ABOVE, ASIDE, FAR, LINE, SIGN, Box, name_places

WIDE, HIGH = 300.0, 240.0
POINTS = st.lists(st.tuples(st.floats(0, WIDE), st.floats(0, HIGH)), min_size=1, max_size=8)


def meets(one: Box, other: Box) -> bool:
    beside = one.right <= other.left or other.right <= one.left
    return not (beside or one.bottom <= other.top or other.bottom <= one.top)


@given(POINTS, st.floats(20, 280))
def test_no_name_covers_another_or_a_sign_or_leaves_the_view(
    points: list[tuple[float, float]], width: float
) -> None:
    places = name_places(points, [width] * len(points), (WIDE, HIGH))
    boxes = [place.box(width) for place in places if place]
    assert not any(meets(one, other) for one, other in combinations(boxes, 2))
    signs = [Box(x - SIGN, x + SIGN, y - SIGN, y + SIGN) for x, y in points]
    assert not any(meets(box, sign) for box in boxes for sign in signs)
    assert all(box.left >= -1e-9 and box.right <= WIDE + 1e-9 for box in boxes)
    assert all(box.top >= 0 and box.bottom <= HIGH for box in boxes)


def test_a_name_stands_beside_its_point() -> None:
    (right,) = name_places([(50.0, 100.0)], [80.0], (WIDE, HIGH))
    assert right
    assert (right.x, right.y, right.anchor) == (50 + ASIDE, 100 - ABOVE, "left")
    (left,) = name_places([(250.0, 100.0)], [80.0], (WIDE, HIGH))
    assert left
    assert (left.x, left.anchor) == (250 - ASIDE, "right")
    (over,) = name_places([(150.0, 100.0)], [250.0], (WIDE, HIGH))
    assert over and over.anchor == "center" and over.y < 100 - SIGN


def test_names_without_room_near_their_points_are_left_out_the_last_first() -> None:
    places = name_places([(150.0, 120.0)] * 30, [250.0] * 30, (WIDE, HIGH))
    named = [place for place in places if place]
    assert places == [*named, *[None] * (30 - len(named))] and 3 <= len(named) <= 2 * FAR + 1
    assert all(abs(place.y - 120) <= FAR * LINE + ABOVE for place in named)


def test_hundreds_of_names_are_placed_without_waiting() -> None:
    luck = np.random.default_rng(0)
    points = [(float(x), float(y)) for x, y in luck.uniform((0, 0), (WIDE, HIGH), (200, 2))]
    began = process_time()
    places = name_places(points, [60.0] * 200, (WIDE, HIGH))
    assert process_time() - began < 0.5
    assert None in places
