"""A finding says itself in one plain sentence."""

from __future__ import annotations

import re
import string

import numpy as np
import pytest
from result_builder import ACCURACY, LOSS, compared

from hikaku.analysis.finding import WORDS
from hikaku.analysis.verdict import compare
from hikaku.words import Message

BASE = [0.90, 0.91, 0.89, 0.90, 0.92]
NOISE = [
    0.2, 0.0, 0.7, 0.2, -0.5, 0.4, 1.3, 0.9, -0.7, -1.2, -0.6, 0.1, -2.3, -0.2, -1.2, -0.7, -0.5,
    -0.3, 0.4, 1.0,
]  # fmt: skip
LONG = [0.90, 0.91, 0.89, 0.90] * 5


def shifted(*by):
    return [round(figure + step, 6) for figure, step in zip(BASE, by, strict=True)]


def moved(by, n=20, spread=0.01):
    """The first n figures of a variant that is better by about this."""
    return [round(b + by + spread * e, 5) for b, e in zip(LONG[:n], NOISE[:n], strict=True)]


CLEAR = shifted(0.010, 0.012, 0.016, 0.013, 0.014)


def finding(metric=ACCURACY, worth=0.01, base=BASE, most=None, others=0, **variants):
    variants |= {f"v{i}": base for i in range(others)}
    return compare(*compared(base, metric, worth, most, **variants))[0]


def sentence(**made):
    return str(finding(**made).sentence)


OWN = "each seed on its own split"
LOST = ["diverged"] * 6

SAID = {
    f"dropout helps, by more than 0.01: test accuracy +0.0130 [+0.0102, +0.0158], 5 seeds, "
    f"95 % interval, {OWN}.": {"dropout": CLEAR},
    f"a helps: test accuracy +0.0130 [+0.0102, +0.0158], 5 seeds, 95 % interval, {OWN}.": {
        "a": CLEAR, "worth": 0.0105,
    },
    f"a helps, by more than 0.001: test accuracy +0.013 [+0.008, +0.018], 5 seeds, "
    f"95 % family-wise over 5 variants, {OWN}.": {"a": CLEAR, "worth": 0.001, "others": 4},
    f"a helps, by more than 0.001: test accuracy +0.013 [+0.006, +0.020], 5 seeds, "
    f"exploratory over 20 variants (of the effects found, 5 % are expected to be false), {OWN}.": {
        "a": CLEAR, "worth": 0.001, "others": 19,
    },
    f"a hurts, by more than 0.01: test accuracy -0.0130 [-0.0158, -0.0102], 5 seeds, "
    f"95 % interval, {OWN}.": {"a": shifted(-0.010, -0.012, -0.016, -0.013, -0.014)},
    f"a hurts, by more than 0.01: test loss (+ is better) -0.0130 [-0.0158, -0.0102], 5 seeds, "
    f"95 % interval, {OWN}.": {"a": CLEAR, "metric": LOSS},
    f"a makes no practical difference: test accuracy +0.0002 [-0.0018, +0.0022], 5 seeds, "
    f"95 % interval, {OWN}; the equivalence interval [-0.0014, +0.0018] lies inside ±0.01.": {
        "a": shifted(0.002, -0.001, 0.001, -0.002, 0.001),
    },
    f"a makes no practical difference (real but negligible): test accuracy +0.0130 "
    f"[+0.0102, +0.0158], 5 seeds, 95 % interval, {OWN}; the equivalence interval "
    f"[+0.0109, +0.0151] lies inside ±0.1.": {"a": CLEAR, "worth": 0.1},
    "a makes no practical difference: test accuracy is identical at all 5 seeds.": {"a": BASE},
    f"a is undecided: test accuracy +0.010 [-0.010, +0.030], 5 seeds, 95 % interval, {OWN}; "
    f"about 13 unused seeds (`--fresh`) would be needed.": {
        "a": shifted(0.02, -0.01, 0.03, 0.0, 0.01),
    },
    f"a is undecided: test accuracy +0.004 [-0.023, +0.031], 5 seeds, 95 % interval, {OWN}; "
    f"more than 100 unused seeds (`--fresh`) would be needed.": {
        "a": shifted(0.02, -0.02, 0.02, -0.02, 0.02), "worth": 1e-5, "metric": ACCURACY,
    },
    f"a is undecided (too few seeds): test accuracy +0.0128 [+0.0088, +0.0167], 4 seeds, "
    f"95 % interval, {OWN}; about 5 unused seeds (`--fresh`) would be needed.": {
        "base": BASE[:4], "a": CLEAR[:4],
    },
    "a is undecided: test accuracy +0.0100, 1 seed.": {"base": BASE[:1], "a": CLEAR[:1]},
    "a is undecided: 2 of 5 seeds not finished.": {"a": [*CLEAR[:3], None, "failed"]},
    "a is undecided: 1 of 1 seed not finished.": {"base": BASE[:1], "a": [None]},
    "a is undecided (too few seeds): no seed has a figure in both arms; these are too few to say "
    "that one arm diverges more often.": {"base": BASE, "a": ["diverged"] * 5},
    "a is undecided: no seed has a figure in both arms.": {
        "base": ["blank"] * 5, "a": ["blank"] * 5,
    },
    f"a is undecided: test accuracy +0.0133 [+0.0118, +0.0148], 9 of 10 seeds, 95 % interval, "
    f"{OWN}; more seeds are left out of one arm than of the other.": {
        "base": BASE + BASE, "a": ["diverged", *CLEAR[1:], *CLEAR],
    },
    "a is unstable: it diverged at 6 of 6 seeds, base at 0; no seed has a figure in both arms.": {
        "base": LONG[:6], "a": LOST,
    },
    f"a is unstable: it diverged at 6 of 11 seeds, base at 0; where both finished: test accuracy "
    f"+0.0130 [+0.0102, +0.0158], 5 of 11 seeds, 95 % interval, {OWN}.": {
        "base": [*LONG[:6], *BASE], "a": [*LOST, *CLEAR],
    },
    f"a helps: base diverged at 6 of 11 seeds, it at 0; where both finished: test accuracy "
    f"+0.0130 [+0.0102, +0.0158], 5 of 11 seeds, 95 % interval, {OWN}.": {
        "base": [*LOST, *BASE], "a": [*LONG[:6], *CLEAR],
    },
    # Automatic seeds.
    f"a helps, by more than 0.01: test accuracy +0.031 [+0.020, +0.043], 5 seeds, 95 % interval, "
    f"{OWN}.": {"base": LONG[:9], "a": moved(0.03, 9), "most": 20},
    f"a is undecided: test accuracy +0.007 [-0.002, +0.014], 7 seeds, 95 % interval, {OWN}; "
    f"about 1 more seed (1 to 4), if any number decides it (chance 96 %).": {
        "base": LONG[:7], "a": moved(0.004, 7), "most": 20, "worth": 0.001,
    },
    f"a is undecided: test accuracy -0.0011 [-0.0026, +0.0040], 19 seeds, 95 % interval, {OWN}; "
    f"more seeds will hardly decide it (1 seed left, chance 0 %).": {
        "base": LONG[:19], "a": moved(0.001, 19), "most": 20, "worth": 0.002,
    },
    "a is undecided (too few seeds): test accuracy +0.00970, 3 seeds; about 2 more seeds (2 to 6), "
    "if any number decides it (chance 94 %).": {
        "base": LONG[:3], "a": moved(0.0067, 3), "most": 20, "worth": 0.001,
    },
    "a is undecided: test accuracy +0.00870, 1 seed.": {
        "base": LONG[:1], "a": moved(0.0067, 1), "most": 20,
    },
    "a helps: base diverged at 6 of 6 seeds, it at 0; no seed has a figure in both arms.": {
        "base": ["diverged"] * 9, "a": LONG[:9], "most": 20,
    },
}  # fmt: skip


@pytest.mark.parametrize("said", SAID)
def test_a_verdict_is_said_in_these_words(said):
    assert sentence(**SAID[said]) == said


def test_each_verdict_has_its_words():
    assert [str(word) for word in WORDS.values()] == [
        "helps", "hurts", "no practical difference", "undecided", "unstable",
    ]  # fmt: skip


def test_the_style_of_a_name_cannot_break_a_sentence():
    assert sentence(**{"{p=0.5}": CLEAR}).startswith("{p=0.5} helps")


def made():
    """Ends of base and of a variant, for every verdict and every way in which seeds are lost."""
    for n in (*range(8), 13, 20):
        for by, spread in ((0.03, 0.01), (-0.03, 0.01), (0.004, 0.002), (0.0, 0.01), (0.0, 0.0)):
            yield LONG[:n], moved(by, n, spread)
    for lost in ("diverged", "blank", "failed", None):
        for n in (1, 5, 6, 10):
            for by in (0.03, -0.03, 0.0):
                yield LONG[:10], [lost] * n + moved(by, 10)[n:]
                yield [lost] * n + LONG[n:10], moved(by, 10)
                yield [lost] * n + LONG[n:10], [lost] * n + moved(by, 10)[n:]


@pytest.mark.parametrize(
    ("others", "most"), [(0, None), (0, 20), (4, 30), (4, None), (19, None), (19, 20)]
)
def test_whatever_comes_out_reads_as_a_sentence(others, most):
    verdicts = set()
    for base, a in made():
        if not base and most is None:
            continue
        found = finding(base=base, most=most, others=others, worth=0.008, a=a)
        verdicts.add(found.verdict)
        text = str(found.sentence)
        assert text.startswith("a ") and text.endswith(".") and text.count(". ") == 0, text
        for said in (text, *map(str, (*found.cautions, *found.notes))):
            assert not re.search(
                r" [,.;:]|  |None|nan|inf\b|[{}]|\(\)|\b1 seeds|[,;:] ?[,;:]", said
            ), said
            assert said.count("(") == said.count(")"), said
    assert verdicts == set(WORDS)


@pytest.mark.parametrize("ends", [CLEAR, BASE, ["diverged"] * 5, [None] * 5, ["failed"] * 5])
@pytest.mark.parametrize("most", [None, 20])
def test_every_template_is_filled_by_its_own_values(ends, most):
    def check(said: Message):
        names = {name for _, name, _, _ in string.Formatter().parse(said.id) if name}
        assert names == {name for name, _ in said.values}
        for _, value in said.values:
            if isinstance(value, Message):
                check(value)

    found = finding(a=ends, most=most)
    for said in (found.sentence, *found.cautions, *found.notes):
        check(said)


def test_real_but_negligible_is_what_the_shown_interval_says():
    """The equivalence interval is narrower, and may exclude 0 where that one does not."""
    steps = np.array([-2.0, -1.0, 0.0, 1.0, 2.0]) * 0.001 + 0.0016
    found = finding(a=shifted(*steps))
    assert found.ci_low < 0 < found.equivalence_low
    assert "negligible" not in str(found.sentence)
