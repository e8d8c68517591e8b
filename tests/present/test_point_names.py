"""Names beside points: inside the view, and none on another or on a sign."""

from __future__ import annotations

from itertools import combinations

from hypothesis import given
from hypothesis import strategies as st

from hikaku.present.point_names import ABOVE, ASIDE, SIGN, Box, name_places

WIDE, HIGH = 300.0, 240.0
POINTS = st.lists(st.tuples(st.floats(0, WIDE), st.floats(0, HIGH)), min_size=1, max_size=8)


@given(POINTS, st.floats(20, 280))
def test_no_name_covers_another_or_a_sign_or_leaves_the_view(
    points: list[tuple[float, float]], width: float
) -> None:
    places = name_places(points, [width] * len(points), (WIDE, HIGH))
    boxes = [place.box(width) for place in places]
    assert not any(one.meets(other) for one, other in combinations(boxes, 2))
    signs = [Box(x - SIGN, x + SIGN, y - SIGN, y + SIGN) for x, y in points]
    assert not any(box.meets(sign) for box in boxes for sign in signs)
    assert all(box.left >= -1e-9 and box.right <= WIDE + 1e-9 for box in boxes)


def test_a_name_stands_beside_its_point() -> None:
    (right,) = name_places([(50.0, 100.0)], [80.0], (WIDE, HIGH))
    assert (right.x, right.y, right.anchor) == (50 + ASIDE, 100 - ABOVE, "left")
    (left,) = name_places([(250.0, 100.0)], [80.0], (WIDE, HIGH))
    assert (left.x, left.anchor) == (250 - ASIDE, "right")
    (over,) = name_places([(150.0, 100.0)], [250.0], (WIDE, HIGH))
    assert over.anchor == "center" and over.y < 100 - SIGN


def test_many_names_at_one_place_go_below_the_view() -> None:
    places = name_places([(5.0, 5.0)] * 9, [250.0] * 9, (WIDE, 60.0))
    assert any(place.y > 60 for place in places)
