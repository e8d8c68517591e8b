"""The whole study in one sentence: the loudest first, many alike only counted."""

from __future__ import annotations

from dataclasses import replace

import fake_study
import pytest

from hikaku.analysis.answer import answer
from hikaku.analysis.course import Verdict
from hikaku.analysis.finding import Finding

FOUND = fake_study.whole().findings[0]


def found(name: str, verdict: Verdict, effect: float = 0.0, against: str = "base") -> Finding:
    ends = {"ci_low": effect - 0.005, "ci_high": effect + 0.005}
    return replace(FOUND, variant=name, verdict=verdict, effect=effect, against=against, **ends)


@pytest.mark.parametrize(
    ("findings", "said"),
    [
        ([], "This study has no variant, so nothing is compared."),
        ([found("sam", "helps", 0.012)], "sam (+0.012 [+0.007, +0.017]) helps."),
        ([found("sam", "undecided")], "sam is undecided."),
        (
            [found("a", "helps", 0.01), found("b", "helps", 0.02), found("c", "undecided")],
            "Of 3 variants, b (+0.020 [+0.015, +0.025]) and a (+0.010 [+0.005, +0.015]) help, "
            "and c is undecided.",
        ),
        (
            [found(name, "no-practical-difference") for name in "abcde"],
            "Of 5 variants, all make no practical difference.",
        ),
        (
            [found(name, "hurts", -0.01 * n) for n, name in enumerate("abcd", start=1)]
            + [found(name, "undecided") for name in "efg"]
            + [found("sam", "helps", 0.02, against="sgd")],
            "Of 8 variants, sam against sgd (+0.020 [+0.015, +0.025]) helps, 4 hurt, most of "
            "all d (-0.040 [-0.045, -0.035]), and 3 are undecided.",
        ),
    ],
)
def test_the_answer_names_what_helps_and_hurts_and_counts_the_rest(
    findings: list[Finding], said: str
) -> None:
    assert str(answer(findings)) == said


def test_an_effect_that_is_not_known_is_not_said() -> None:
    blank = replace(found("sam", "helps"), effect=float("nan"), ci_low=float("nan"), seeds=())
    told = str(answer([blank, found("sgd", "helps", 0.01)]))
    assert told == "Of 2 variants, sgd (+0.010 [+0.005, +0.015]) and sam help."
