"""The marks of an axis about 0: 0 is one of them at every width, and no label touches the next."""

from __future__ import annotations

import json
import re

import pytest

from hikaku.present.marks import APART, LETTER, WIDTHS, marks_about_zero


def at_each_width(low: float, high: float) -> dict[int, list[float]]:
    said = str(marks_about_zero(low, high)["values"].expr)
    lists = [json.loads(found) for found in re.findall(r"\[[^]]*\]", said)]
    return dict(zip(reversed(WIDTHS), lists, strict=True))


@pytest.mark.parametrize(
    ("low", "high"),
    [(-0.012, 0.0409), (-0.9, 0.13), (-3e-5, 2e-5), (-0.5, 1234.0), (-1.0, 1.0), (0.0, 0.07)],
)
def test_zero_is_marked_and_labels_fit(low: float, high: float) -> None:
    for width, marks in at_each_width(low, high).items():
        assert 0 in marks and len(marks) >= 2
        assert all(low <= mark <= high for mark in marks)
        if len(marks) > 3:
            longest = max(len(f"{mark:g}") for mark in marks)
            apart = (marks[1] - marks[0]) / (high - low) * max(width, 80)
            assert apart >= LETTER * min(longest, 3) + APART


def test_a_wide_axis_has_more_marks() -> None:
    found = at_each_width(-0.02, 0.05)
    assert len(found[540]) > len(found[120]) >= 2
