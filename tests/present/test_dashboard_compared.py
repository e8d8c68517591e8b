"""No more studies are offered side by side than the page shows."""

from __future__ import annotations

import pytest

from hikaku.present.dashboard import MOST_COMPARED, Listed, Shown, compared_regions


def choice(chosen: int, listed: int) -> str:
    studies = [Listed(n, f"study-{n}", "", 2, 10, 10, "") for n in range(1, listed + 1)]
    shown = [Shown(one, one.title) for one in studies[:chosen]]
    return compared_regions(shown, studies, "en")["choice"]


def test_with_as_many_as_are_shown_no_further_one_is_offered_and_it_says_why():
    full = choice(MOST_COMPARED, 9)
    assert "add study-" not in full
    assert full.count("take out study-") == MOST_COMPARED
    assert f"{MOST_COMPARED} studies is the most side by side" in full
    assert choice(MOST_COMPARED - 1, 9).count("add study-") == 9 - MOST_COMPARED + 1


@pytest.mark.parametrize(("chosen", "listed"), [(MOST_COMPARED - 1, 9), (MOST_COMPARED,) * 2])
def test_where_nothing_more_could_be_added_nothing_is_said(chosen: int, listed: int):
    assert "is the most" not in choice(chosen, listed)
