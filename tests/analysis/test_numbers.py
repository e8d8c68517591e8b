"""Written numbers: enough digits, a sign, and never a minus zero."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hikaku.analysis.numbers import decimals, effect_texts, mean_texts, plain, signed


@pytest.mark.parametrize(
    ("value", "places", "text"),
    [
        (0.0131, 3, "+0.013"), (-0.0131, 3, "-0.013"), (-0.0001, 3, "0.000"), (0.0, 2, "0.00"),
        (-0.0, 2, "0.00"), (math.nan, 3, "–"), (1234.5, 0, "+1234"), (3e12, 0, "+3.00e+12"),
        (-1.234e-11, 12, "-1.23e-11"),
    ],
)  # fmt: skip
def test_signed_writes_a_sign_but_no_minus_zero(value, places, text):
    assert signed(value, places) == text


def test_plain_writes_a_minus_only_below_zero():
    assert [plain(v, 2) for v in (1.0, -1.0, -0.001)] == ["1.00", "-1.00", "0.00"]


@pytest.mark.parametrize(
    ("texts", "expected"),
    [
        ((0.013, 0.006, 0.020), ("+0.013", "+0.006", "+0.020")),
        ((0.01302, 0.01182, 0.01422), ("+0.0130", "+0.0118", "+0.0142")),
        ((120.0, -310.0, 550.0), ("+120", "-310", "+550")),
        ((0.0130, 0.0001, 0.0259), ("+0.0130", "+0.0001", "+0.0259")),
        ((0.02, 0.02, 0.02), ("+0.0200", "+0.0200", "+0.0200")),
        ((0.02, math.nan, math.nan), ("+0.0200", "–", "–")),
        ((math.nan, math.nan, math.nan), ("–", "–", "–")),
        ((0.0, 0.0, 0.0), ("0.00", "0.00", "0.00")),
    ],
)
def test_an_effect_has_the_digits_that_its_interval_deserves(texts, expected):
    assert effect_texts(*texts) == expected


def test_a_mean_and_its_margin_have_the_same_decimals():
    assert mean_texts(0.95694, 0.95281, 0.96107) == ("0.957", "0.004")
    assert mean_texts(0.9, math.nan, math.nan) == ("0.900", "–")
    assert mean_texts(1.0, 1.0, 1.0) == ("1.00", "0.00")
    assert mean_texts(math.nan, math.nan, math.nan) == ("–", "–")


@given(
    st.floats(-1e3, 1e3).filter(lambda v: abs(v) > 1e-3 or v == 0), st.floats(1e-4, 1e3),
)  # fmt: skip
def test_the_last_digit_is_worth_at_most_a_quarter_of_the_half_width(value, half):
    places = decimals(half, value)
    assert 10.0**-places <= half / 4 or places == 0
    assert abs(float(signed(value, places)) - value) <= 0.5000001 * 10.0**-places


@given(st.floats(-10, 10), st.floats(1e-6, 10))
def test_the_end_of_an_interval_just_beside_zero_does_not_read_as_zero(centre, half):
    low = centre - half
    if abs(low) > half / 100:
        assert float(effect_texts(centre, low, centre + half)[1]) != 0
