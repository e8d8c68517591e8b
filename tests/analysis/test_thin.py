from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hikaku.analysis.thin import thin

HEIGHTS = st.lists(st.floats(allow_nan=True, allow_infinity=True), min_size=1, max_size=300)
MOST = st.integers(4, 60)


@given(HEIGHTS, MOST)
def test_the_first_and_the_last_point_stay_and_the_order_too(heights: list[float], most: int):
    kept = thin(np.array(heights), most).tolist()
    assert kept[0] == 0 and kept[-1] == len(heights) - 1
    assert kept == sorted(set(kept))


@given(HEIGHTS, MOST)
def test_there_are_never_more_than_asked_for_and_a_short_curve_stays_whole(heights, most):
    kept = thin(np.array(heights), most)
    assert len(kept) == len(heights) if len(heights) <= most else len(kept) <= most


@pytest.mark.fault("F15")
@given(HEIGHTS, MOST)
def test_no_spike_is_lost(heights: list[float], most: int):
    values = np.array(heights)
    finite = values[np.isfinite(values)]
    kept = values[thin(values, most)]
    if len(finite):
        assert {finite.min(), finite.max()} <= set(kept)


@given(HEIGHTS, MOST)
def test_thinned_again_it_stays_as_it_is(heights: list[float], most: int):
    once = np.array(heights)[thin(np.array(heights), most)]
    again = once[thin(once, most)]
    assert Counter(map(repr, once)) == Counter(map(repr, again))


def test_a_million_points_become_as_many_as_a_screen_shows():
    values = np.sin(np.arange(1_000_000) / 1e4)
    values[777_777] = 9.0
    kept = thin(values, 200)
    assert len(kept) <= 200 and 777_777 in kept
