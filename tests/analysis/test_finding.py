"""A finding says itself in one plain sentence."""

from __future__ import annotations

import string

import pytest
from result_builder import ACCURACY, LOSS, compared

from hikaku.analysis.finding import WORDS
from hikaku.analysis.verdict import compare
from hikaku.words import Message

BASE = [0.90, 0.91, 0.89, 0.90, 0.92]


def shifted(*by):
    return [round(figure + step, 6) for figure, step in zip(BASE, by, strict=True)]


CLEAR = shifted(0.010, 0.012, 0.016, 0.013, 0.014)


def finding(metric=ACCURACY, worth=0.01, base=BASE, **variants):
    return compare(*compared(base, metric, worth, **variants))[0]


def sentence(**made):
    return str(finding(**made).sentence)


def test_helps_gives_effect_interval_seeds_and_level():
    assert sentence(dropout=CLEAR) == (
        "dropout helps, by more than 0.01: test accuracy +0.0130 [+0.0102, +0.0158], 5 seeds, "
        "95 % interval."
    )
    assert sentence(dropout=CLEAR, worth=0.0105).startswith(
        "dropout helps: test accuracy +0.0130 ["
    )


def test_the_family_is_named_when_there_is_one():
    said = sentence(a=CLEAR, b=BASE, c=BASE, d=BASE, e=BASE)
    assert said.endswith("5 seeds, 95 % family-wise over 5 variants.")


def test_hurts_mirrors_helps():
    worse = shifted(-0.010, -0.012, -0.016, -0.013, -0.014)
    assert sentence(a=worse) == (
        "a hurts, by more than 0.01: test accuracy -0.0130 [-0.0158, -0.0102], 5 seeds, "
        "95 % interval."
    )
    assert sentence(a=worse, worth=0.012).startswith("a hurts: test accuracy -0.0130")


def test_a_lower_metric_says_which_way_plus_is():
    assert "test loss (+ is better) -0.0130 [" in sentence(metric=LOSS, a=CLEAR)


def test_no_practical_difference_shows_the_interval_that_it_rests_on():
    assert sentence(a=shifted(0.002, -0.001, 0.001, -0.002, 0.001)) == (
        "a makes no practical difference: test accuracy +0.0002 [-0.0018, +0.0022], 5 seeds, "
        "95 % interval; the equivalence interval [-0.0014, +0.0018] lies inside ±0.01."
    )


def test_a_real_but_negligible_effect_is_called_that():
    assert sentence(a=CLEAR, worth=0.1).startswith(
        "a makes no practical difference (real but negligible): test accuracy +0.0130"
    )
    assert "(real but negligible)" in sentence(
        a=[2 * b - c for b, c in zip(BASE, CLEAR, strict=True)], worth=0.1
    )


def test_identical_arms_are_called_identical():
    assert sentence(a=BASE) == (
        "a makes no practical difference: test accuracy is identical at all 5 seeds."
    )


def test_undecided_says_about_how_many_seeds_more():
    assert sentence(a=shifted(0.02, -0.01, 0.03, 0.0, 0.01)) == (
        "a is undecided: test accuracy +0.010 [-0.010, +0.030], 5 seeds, 95 % interval; "
        "about 8 more seeds."
    )
    assert sentence(a=shifted(0.02, -0.02, 0.02, -0.02, 0.001), worth=1e-5).endswith(
        "; more than 100 more seeds."
    )


def test_too_few_seeds_are_called_that():
    assert sentence(base=BASE[:4], a=CLEAR[:4]).startswith("a is undecided (too few seeds): ")
    assert sentence(base=BASE[:4], a=CLEAR[:4]).endswith("; about 1 more seed.")
    assert sentence(base=BASE[:1], a=CLEAR[:1]) == (
        "a is undecided (too few seeds): test accuracy +0.0100, 1 seed; about 4 more seeds."
    )


def test_an_unfinished_comparison_shows_no_effect():
    assert sentence(a=[*CLEAR[:3], None, "failed"]) == (
        "a is undecided: 2 of 5 seeds not finished."
    )
    assert sentence(base=BASE[:1], a=[None]) == "a is undecided: 1 of 1 seed not finished."


def test_unstable_counts_the_divergences_of_both_arms():
    assert sentence(a=["diverged", *CLEAR[1:]]) == (
        "a is unstable: it diverged at 1 of 5 seeds, base at 0; where both finished: "
        "test accuracy +0.0138 [+0.0110, +0.0165], 4 of 5 seeds, 95 % interval."
    )
    assert sentence(a=["diverged"] * 5).endswith(
        "where both finished: no seed has a figure in both arms."
    )


def test_a_withheld_verdict_says_why():
    six = [*BASE, 0.9]
    worse = [figure - 0.1 for figure in six]
    assert sentence(base=["diverged", *six[1:]], a=worse).startswith(
        "a is undecided, because more seeds are left out of one arm than of the other: "
    )


def test_without_any_pair_no_number_is_made_up():
    assert sentence(base=["blank"] * 5, a=["blank"] * 5) == (
        "a is undecided: no seed has a figure in both arms."
    )


def test_each_verdict_has_its_words():
    assert [str(word) for word in WORDS.values()] == [
        "helps", "hurts", "no practical difference", "undecided", "unstable",
    ]  # fmt: skip


def test_the_style_of_a_name_cannot_break_a_sentence():
    assert sentence(**{"{p=0.5}": CLEAR}).startswith("{p=0.5} helps")


@pytest.mark.parametrize("ends", [CLEAR, BASE, ["diverged"] * 5, [None] * 5, ["failed"] * 5])
def test_every_template_is_filled_by_its_own_values(ends):
    def check(said: Message):
        names = {name for _, name, _, _ in string.Formatter().parse(said.id) if name}
        assert names == {name for name, _ in said.values}
        for _, value in said.values:
            if isinstance(value, Message):
                check(value)

    found = finding(a=ends)
    for said in (found.sentence, *found.cautions):
        check(said)
