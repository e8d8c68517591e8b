"""The picture of effects on the dashboard draws what its verdicts were decided by."""

from __future__ import annotations

from dataclasses import replace

import fake_study

from hikaku.present.dashboard import Listed, Shown, compared_regions


def drawn(whole: fake_study.Whole, **changed: object) -> str:
    finding = replace(whole.findings[0], **changed)
    listed = Listed(1, "digits", "", 2, 10, 10, "")
    shown = Shown(listed, "digits", findings=(finding,))
    return compared_regions((shown,), (listed,), "en")["compared"]


def test_no_practical_difference_is_drawn_by_the_interval_that_lies_within_the_margin() -> None:
    shown = drawn(
        fake_study.automatic(("dropout",)),
        verdict="no-practical-difference", effect=0.0, worth=0.01,
        ci_low=-0.02, ci_high=0.02, equivalence_low=-0.009, equivalence_high=0.009,
    )  # fmt: skip
    assert 'stroke-width="4"' in shown and 'stroke-width="1.5"' in shown
    assert 'fill="var(--same)"' in shown and "within the margin" in shown


def test_without_a_pair_and_a_margin_there_is_an_axis_all_the_same() -> None:
    nothing = dict.fromkeys(
        ("effect", "ci_low", "ci_high", "equivalence_low", "equivalence_high"), float("nan")
    )
    assert "no interval yet" in drawn(
        fake_study.automatic(("dropout",)), worth=0.0, verdict="undecided", seeds=(), **nothing
    )
