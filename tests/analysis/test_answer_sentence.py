"""The whole study in one sentence: the loudest first, many alike only counted."""

from __future__ import annotations

from dataclasses import replace

import fake_study
import pytest

from hikaku.analysis.answer import answer
from hikaku.analysis.course import Verdict
from hikaku.analysis.endings import Endings
from hikaku.analysis.finding import Finding

FOUND = fake_study.whole().findings[0]
OF = "; effects on test accuracy, + is better."


def found(name: str, verdict: Verdict, effect: float = 0.0, against: str = "base") -> Finding:
    ends = {"ci_low": effect - 0.005, "ci_high": effect + 0.005}
    return replace(FOUND, variant=name, verdict=verdict, effect=effect, against=against, **ends)


@pytest.mark.parametrize(
    ("findings", "said"),
    [
        ([], "This study has no variant, so nothing is compared."),
        ([found("sam", "helps", 0.012)], f"sam (+0.012 [+0.007, +0.017], 5 seeds) helps{OF}"),
        ([found("sam", "undecided")], "sam is undecided."),
        (
            [found("a", "helps", 0.01), found("b", "helps", 0.02), found("c", "undecided")],
            "Of 3 variants, b (+0.020 [+0.015, +0.025], 5 seeds) and a (+0.010 [+0.005, +0.015], "
            f"5 seeds) help, and c is undecided{OF}",
        ),
        (
            [found(name, "no-practical-difference") for name in "abcde"],
            "Of 5 variants, all make no practical difference.",
        ),
        (
            [found(name, "hurts", -0.01 * n) for n, name in enumerate("abcd", start=1)]
            + [found(name, "undecided") for name in "efg"]
            + [found("sam", "helps", 0.02, against="sgd")],
            "Of 8 variants, sam against sgd (+0.020 [+0.015, +0.025], 5 seeds) helps, 4 hurt, most "
            f"of all d (-0.040 [-0.045, -0.035], 5 seeds), and 3 are undecided{OF}",
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
    assert told == "Of 2 variants, sgd (+0.010 [+0.005, +0.015], 5 seeds) and sam help" + OF


def test_what_divergences_decided_is_told_with_them_and_not_with_an_effect() -> None:
    helps = replace(
        found("sam", "helps", -0.009), by="divergence", base_endings=Endings(diverged=4)
    )
    assert str(answer([helps])) == "sam (diverged at 0 of 5 seeds, base at 4) helps."
    other = replace(found("sgd", "unstable"), by="divergence", variant_endings=Endings(diverged=5))
    assert str(answer([helps, other, found("c", "hurts", -0.5)])) == (
        "Of 3 variants, sam (diverged at 0 of 5 seeds, base at 4) helps, c (-0.500 [-0.505, "
        f"-0.495], 5 seeds) hurts, and sgd (diverged at 5 of 5 seeds, base at 0) is unstable{OF}"
    )
