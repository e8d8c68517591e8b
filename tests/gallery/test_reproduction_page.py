"""The page of published experiments counts what was published and tells what still waits."""

from __future__ import annotations

from pathlib import Path

import pytest

import reproduction
from hikaku.analysis.claims import Judged
from hikaku.read.claims import Read, claims
from hikaku.record import Measured, Outcome
from hikaku.study.claims import OURS
from hikaku.study.decode import load
from hikaku.study.gallery import resolve
from reproduction import Redone, page

ENDED = Outcome("key", "done", 30, 3, 10, 1234, "plain", "here", "", (0, 0, 0), {"seconds": 1.0})


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> tuple[Redone, ...]:
    """One study with claims of two kinds that has run, and two that have not."""
    store = str(tmp_path_factory.mktemp("page") / "none.db")
    names = ("optimizers", "mnist-mlp", "dropconnect")
    read = {name: claims(load(resolve(name)), store) for name in names}
    run = read["optimizers"]
    ended = Measured(ENDED, ())
    run.results.trials.update(
        {(arm.name, seed): ended for arm in run.study.arms for seed in run.study.seeds}
    )
    both = tuple(Judged(one, "reproduced", (0,), 0.95) for one in run.study.claims)
    assert [one.claim.source == OURS for one in both] == [False, True]
    read["optimizers"] = Read(run.study, run.results, both)
    return tuple(Redone(name, one) for name, one in read.items())


def test_claims_of_our_own_are_marked_and_counted_apart(found: tuple[Redone, ...]) -> None:
    text = page(found, ())
    assert "1 published claims of the studies that have run: 1 reproduced" in text
    assert "1 claims of our own beside them, marked so: 1 reproduced" in text
    assert "| Adam is faster than AdaGrad and RMSProp too (ours) |" in text


def test_what_has_not_run_waits_and_a_study_without_claims_has_its_place(
    found: tuple[Redone, ...],
) -> None:
    text = page(found, ())
    assert "5 claims wait for studies that have not run: `mnist-mlp`, `dropconnect`." in text
    assert "## `dropconnect`" in text and f"Not run yet. {reproduction.NO_CLAIM}" in text
    assert "`hikaku claims dropconnect`" not in text


def test_a_study_that_was_cut_off_waits(found: tuple[Redone, ...]) -> None:
    run = found[0]
    last = run.read.results.trials.popitem()
    try:
        assert run.trials == 0 and f"`{run.name}`" in page(found, ()).split("wait for")[1]
    finally:
        run.read.results.trials.update([last])
    assert run.trials


def test_the_page_has_every_study_of_the_gallery(tmp_path: Path) -> None:
    every = {one.name for one in reproduction.redone(str(tmp_path / "none.db"))}
    assert every == set(reproduction.gallery())
