"""A whole study by the dense engine: no bit depends on workers or on who shares a stack."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from hikaku import api
from hikaku.api import Answer
from hikaku.errors import EnvironmentFault
from hikaku.execution import rule
from hikaku.store.store import Store
from hikaku.study.decode import from_mapping
from hikaku.study.study import Engine

pytestmark = pytest.mark.slow

STUDY: dict[str, Any] = {
    "format": 1,
    "metric": "accuracy",
    "worth": 0.01,
    "seeds": 3,
    "model": {"use": "mlp", "hidden": [13, 7]},
    "data": {"use": "digits", "train": 73, "validation": 30},
    "recipe": {"epochs": 2, "batch_size": 16, "optimizer": {"use": "sgd", "lr": 0.1}},
    "variant": [{"name": "adam", "layers": ["batch-norm"], "optimizer": "adam"}],
}
"""Awkward sizes on purpose: odd widths, and a last batch of nine."""


def ran(store: Path, workers: int = 1, engine: Engine = "auto", **changes: Any) -> Answer:
    asked = from_mapping(STUDY | changes, name="tiny", folder=store.parent)
    return api.run(asked, store=store, workers=workers, quiet=True, engine=engine)


def left(answer: Answer) -> dict[tuple[str, int], tuple[Any, ...]]:
    """All that was measured of each trial, but for what it cost."""
    return {
        place: (
            (one.outcome.key, one.outcome.status, one.outcome.step, one.outcome.arithmetic),
            one.records,
            [(sheet.name, sheet.array.tobytes()) for sheet in one.sheets],
        )
        for place, one in answer.results.trials.items()
    }


def costs(answer: Answer, of: str) -> list[float]:
    return [one.outcome.cost.get(of, 1.0) for one in answer.results.trials.values()]


@pytest.fixture(scope="module")
def stacked(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Answer]:
    """The store and the answer of a run that trains all six trials as one stack."""
    store = tmp_path_factory.mktemp("stacked") / "store.db"
    return store, ran(store)


def test_a_study_of_dense_chains_is_one_stack_and_says_so(stacked: tuple[Path, Answer]) -> None:
    _, answer = stacked
    assert answer.trained == 6
    assert all(key[3].startswith("dense cpu") for key, *_ in left(answer).values())
    assert costs(answer, "stack") == [6.0] * 6
    assert all(seconds > 0 for seconds in costs(answer, "seconds"))
    assert all(flops > 1e5 for flops in costs(answer, "flops"))


@pytest.mark.parametrize("workers", [2, 3])
def test_no_bit_depends_on_the_number_of_workers(
    stacked: tuple[Path, Answer], workers: int, tmp_path: Path
) -> None:
    answer = ran(tmp_path / "store.db", workers)
    assert left(answer) == left(stacked[1])
    assert answer.findings == stacked[1].findings
    assert max(costs(answer, "stack")) <= -(-6 // workers)


@pytest.mark.parametrize("widest", [1, 4])
def test_no_bit_depends_on_the_width_of_a_stack(
    stacked: tuple[Path, Answer], widest: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rule, "WIDEST", widest)
    answer = ran(tmp_path / "store.db")
    assert left(answer) == left(stacked[1])
    assert set(costs(answer, "stack")) == ({1.0} if widest == 1 else {4.0, 2.0})


def test_no_bit_depends_on_what_was_trained_before(
    stacked: tuple[Path, Answer], tmp_path: Path
) -> None:
    """Base alone first, then one seed, then all of it: three stacks of other company."""
    store = tmp_path / "store.db"
    ran(store, seeds=1, variant=[{"name": "slow", "optimizer": {"use": "sgd", "lr": 0.01}}])
    ran(store, seeds=2)
    answer = ran(store)
    assert answer.trained == 2
    assert left(answer) == left(stacked[1])


def test_a_second_run_trains_nothing(stacked: tuple[Path, Answer]) -> None:
    store, answer = stacked
    again = ran(store, workers=2)
    assert (again.trained, again.reused) == (0, 6)
    assert left(again) == left(answer)


def test_automatic_seeds_are_the_same_trials_whoever_trains_them(
    stacked: tuple[Path, Answer], tmp_path: Path
) -> None:
    changes = {"seeds": "auto", "worth": 0.3}
    answers = [ran(tmp_path / f"{n}.db", n, **changes) for n in (1, 3)]
    first, second = (left(answer) for answer in answers)
    shared = first.keys() & second.keys()
    assert len(shared) >= 6
    for place in shared:
        assert first[place] == second[place]
    for place in shared & left(stacked[1]).keys():
        assert first[place] == left(stacked[1])[place]
    assert [f.verdict for f in answers[0].findings] == [f.verdict for f in answers[1].findings]


def test_the_plain_engine_agrees_and_lives_beside_it(tmp_path: Path) -> None:
    store = tmp_path / "store.db"
    dense, plain = ran(store), ran(store, engine="plain")
    assert (plain.trained, plain.reused) == (6, 0)
    ours, theirs = left(dense), left(plain)
    assert ours.keys() == theirs.keys()
    assert all(ours[place][0][0] != theirs[place][0][0] for place in ours)
    for arm in ("base", "adam"):
        for split in ("train", "validation", "test"):
            mine, its = (
                answer.results.values(arm, "loss", split, "last") for answer in (dense, plain)
            )
            assert mine == pytest.approx(its, rel=1e-4)
    assert [f.verdict for f in dense.findings] == [f.verdict for f in plain.findings]
    assert (ran(store).reused, ran(store, engine="plain").reused) == (6, 6)
    keys = [str(one[0][0]) for one in (*ours.values(), *theirs.values())]
    with Store.reading(str(store)) as kept:
        assert len(kept.measured(keys)) == 12


def test_an_arm_that_the_engine_cannot_take_is_trained_plainly_with_a_twin_of_base(
    tmp_path: Path,
) -> None:
    """One comparison has one arithmetic: base is trained in both."""
    wide = {"name": "wide", "model": {"use": "small-cnn", "channels": [2, 2], "dense": 8}}
    answer = ran(tmp_path / "store.db", workers=2, seeds=2, variant=[wide, *STUDY["variant"]])
    engines = {place: str(key[3]).split()[0] for place, (key, *_) in left(answer).items()}
    assert {engine for (arm, _), engine in engines.items() if arm == "base"} == {"dense"}
    assert {engine for (arm, _), engine in engines.items() if arm == "adam"} == {"dense"}
    assert {engine for (arm, _), engine in engines.items() if arm == "wide"} == {"plain"}
    twin = answer.results.base_of("wide")
    assert twin != "base" and engines[twin, 0] == "plain"
    assert answer.trained == 8


def test_an_engine_that_cannot_take_base_is_refused_before_anything_trains(tmp_path: Path) -> None:
    small = {"use": "small-cnn", "channels": [2, 2], "dense": 8}
    with pytest.raises(EnvironmentFault, match="--engine dense"):
        ran(tmp_path / "store.db", engine="dense", model=small, variant=[])


METRIC = '''
def mean_top(probabilities, targets):
    """The mean of the highest probabilities."""
    return float(probabilities.max(1).mean())
'''


def test_a_metric_of_the_users_is_read_from_trials_that_are_trained_plainly(tmp_path: Path) -> None:
    (tmp_path / "mine.py").write_text(METRIC)
    metric = {"name": "mine.py:mean_top", "better": "higher"}
    answer = ran(tmp_path / "store.db", workers=2, seeds=1, metric=metric, worth=0.1)
    assert {one.outcome.arithmetic.split()[0] for one in answer.results.trials.values()} == {
        "plain"
    }
