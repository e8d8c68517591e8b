"""The instrument is calibrated: every limit of `calibration.gates` is kept, on the small scale."""

from __future__ import annotations

import csv
from functools import cache, partial
from pathlib import Path

import numpy as np
import pytest

from calibration.divergence import PLANS, called_unequal
from calibration.gates import Gate, Item, Line, near
from calibration.page import page
from calibration.pool import ARMS, TABLE, pool
from calibration.suite import ITEMS, SMALL
from hikaku.analysis.divergence import diverges_more
from hikaku.analysis.rule import ALPHA

ROOT = Path(__file__).parents[2]
SLOW = {"commands"}
"""What takes more than ten seconds."""


@pytest.mark.parametrize(
    "name", [pytest.param(one, marks=[pytest.mark.slow] * (one in SLOW)) for one in ITEMS]
)
def test_every_limit_is_kept(name):
    measured = ITEMS[name](SMALL)
    missed = [(one.what, one.value, str(one.gate)) for one in measured.lines if not one.holds]
    assert measured.lines
    assert not missed


def test_the_pool_holds_what_it_says():
    figures = pool()
    assert {arm: len(figures[arm]) for arm in ARMS} == {
        "base": 400,
        "twin": 400,
        "label-noise": 60,
        "lr-tenth": 60,
    }
    assert all(((one > 0) & (one < 1)).all() for one in figures.values())
    with TABLE.open(encoding="utf-8") as lines:
        rows = list(csv.reader(line for line in lines if not line.startswith("#")))[1:]
    assert [int(row[0]) for row in rows] == list(range(400))
    assert (figures["base"] != figures["twin"]).mean() > 0.9


@pytest.mark.parametrize("rule", PLANS.values(), ids=PLANS)
def test_how_often_an_arm_is_called_unequal_is_what_paths_say(rule):
    variant, base = np.random.default_rng(1).random((2, 4000, rule.most)) < 0.3
    alone = [ends.cumsum(axis=1).tolist() for ends in (variant & ~base, base & ~variant)]
    looks = range(rule.most) if rule.auto else [rule.most - 1]
    decide = cache(partial(diverges_more, most=rule.most, alpha=ALPHA, auto=rule.auto))
    called = [any(decide(a[at], b[at]) for at in looks) for a, b in zip(*alone, strict=True)]
    assert np.mean(called) == pytest.approx(called_unequal(rule, 0.3), abs=0.01)


def test_a_gate_is_kept_up_to_its_ends_and_no_further():
    assert Gate(high=0.05).holds(0.05) and not Gate(high=0.05).holds(0.0501)
    assert Gate(low=0.95).holds(0.95) and not Gate(low=0.95).holds(0.949)
    assert near(0.46, 0.03).holds(0.43) and not near(0.46, 0.03).holds(0.491)
    assert not Gate().holds(float("nan"))


def test_the_page_marks_a_limit_that_is_not_kept():
    kept = Line("power", 0.46, 0.001, 1000, near(0.46, 0.03))
    missed = Line("errors", 0.07, 0.001, 1000, Gate(high=0.055))
    written = page([Item("Title", "About.", (kept, missed))])
    assert "| power | 0.4600 | 0.0010 | 1,000 | 0.43 to 0.49 | yes |" in written
    assert "| errors | 0.0700 | 0.0010 | 1,000 | at most 0.055 | **no** |" in written
    assert "Of 2 limits 1 are kept; not kept: errors." in written


def test_the_page_that_is_shipped_holds_every_table():
    shipped = (ROOT / "docs" / "calibration.md").read_text(encoding="utf-8")
    assert shipped.count("\n## ") == len(ITEMS)
