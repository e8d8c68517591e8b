"""A stack that does not get through is halved until the culprit stands alone; nobody else loses."""

from __future__ import annotations

import signal
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from fake_pool import Behaviour, FakePool, handing, jobs_of, result
from tiny import job, use

from hikaku.errors import Paused, StudyError
from hikaku.execution.arithmetic import Arithmetic
from hikaku.execution.dispatch import dispatch
from hikaku.execution.happenings import Ended, Halved, Happening, Retried, Started
from hikaku.execution.job import Job
from hikaku.execution.orders import (
    Event,
    Finished,
    Lost,
    Progress,
    Raised,
    Refused,
    Result,
)
from hikaku.execution.together import run_together
from hikaku.execution.workers import Workers
from hikaku.record import Outcome
from hikaku.study.catalogue import models
from hikaku.study.recipe import Use
from hikaku.words import message

KILLED = Lost(-9)


def killed_by(culprits: str, told: int = 0, event: Event = KILLED) -> Behaviour:
    """A worker that tells `told` results, and dies if one of the culprits is left."""

    def behave(keys: Sequence[str]) -> list[Event]:
        if not set(keys) & set(culprits):
            return [*(result(key) for key in keys), Finished()]
        sound = [key for key in keys if key not in culprits]
        return [*(result(key) for key in sound[:told]), event]

    return behave


def ended(happened: Sequence[Happening]) -> dict[str, Outcome]:
    return {h.measured.outcome.key: h.measured.outcome for h in happened if isinstance(h, Ended)}


def test_a_stack_whose_worker_dies_is_halved_until_the_culprit_stands_alone() -> None:
    pool = FakePool(killed_by("f"))
    happened = list(dispatch(handing(jobs_of("abcdefgh")), pool))
    found = ended(happened)
    assert {key for key, outcome in found.items() if outcome.status == "done"} == set("abcdegh")
    assert found["f"].status == "failed" and "SIGKILL" in found["f"].error
    assert ["".join(h.keys) for h in happened if isinstance(h, Halved)] == [
        "abcdefgh",
        "efgh",
        "ef",
    ]
    assert ["".join(keys) for keys in pool.given] == [
        *("abcdefgh", "abcd", "efgh", "ef", "gh", "e"),
        *("f", "f", "f"),
    ]


def test_only_what_stood_alone_counts_as_an_attempt() -> None:
    happened = list(dispatch(handing(jobs_of("abcd")), FakePool(killed_by("b"))))
    found = ended(happened)
    assert {key: outcome.cost["attempts"] for key, outcome in found.items()} == {
        **dict.fromkeys("acd", 1.0),
        "b": 3.0,
    }
    assert sum(isinstance(h, Retried) for h in happened) == 2


def test_what_a_dying_stack_has_told_already_is_not_trained_again() -> None:
    pool = FakePool(killed_by("d", told=2))
    found = ended(list(dispatch(handing(jobs_of("abcdef")), pool)))
    assert found.keys() == set("abcdef")
    assert sorted(key for keys in pool.given[1:] for key in keys if key in "ab") == []


@pytest.mark.parametrize(
    "event",
    [Raised("boom", "Traceback"), Refused(StudyError.of(message("no"))), Finished(), Lost(3)],
    ids=["raised", "refused", "silent", "exit"],
)
def test_what_would_only_come_again_is_halved_and_fails_alone_once(event: Event) -> None:
    pool = FakePool(killed_by("c", event=event))
    happened = list(dispatch(handing(jobs_of("abc")), pool))
    found = ended(happened)
    assert {key: outcome.status for key, outcome in found.items()} == {
        "a": "done",
        "b": "done",
        "c": "failed",
    }
    assert found["c"].error
    assert found["c"].cost["attempts"] == 1
    assert not any(isinstance(h, Retried) for h in happened)
    assert pool.given.count(("c",)) == 1


def test_two_culprits_are_both_found() -> None:
    found = ended(list(dispatch(handing(jobs_of("abcdefg")), FakePool(killed_by("ag"), 2))))
    assert {key for key, outcome in found.items() if outcome.status == "failed"} == set("ag")
    assert found.keys() == set("abcdefg")


def test_a_worker_that_dies_under_others_is_not_held_against_them() -> None:
    """The machine killed it once; the halves get through, and nothing is lost."""
    deaths = iter([True])

    def behave(keys: Sequence[str]) -> list[Event]:
        if next(deaths, False):
            return [Progress("a", 1, 2), Lost(-9)]
        return [*(result(key) for key in keys), Finished()]

    happened = list(dispatch(handing(jobs_of("abcd")), FakePool(behave)))
    assert {outcome.status for outcome in ended(happened).values()} == {"done"}
    assert sum(isinstance(h, Halved) for h in happened) == 1
    assert [h.key for h in happened if isinstance(h, Started)] == [*"abcd", *"ab", *"cd"]


def test_other_stacks_go_on_beside_the_halves() -> None:
    pool = FakePool(killed_by("b"), 2)
    found = ended(list(dispatch(handing(jobs_of("ab"), jobs_of("cd"), jobs_of("ef")), pool)))
    assert {key for key, outcome in found.items() if outcome.status == "done"} == set("acdef")


def test_a_pause_ends_the_run_from_within_a_stack() -> None:
    paused = Refused(Paused.of(message("a file has changed")))
    with pytest.raises(Paused, match="a file has changed"):
        list(dispatch(handing(jobs_of("abcd")), FakePool(killed_by("c", event=paused))))


FATAL = '''
"""A clip that kills its process in the third update, where it is deadly."""
import os
import signal
from dataclasses import dataclass

from hikaku.study.card import Card

CARD = Card(slot="clip", family="test", claim="none", formula="g", paper="none", year=2026)


@dataclass(frozen=True)
class Fatal:
    """Leave gradients as they are."""

    deadly: bool = False

    def clip(self, grads, params):
        SEEN[self.deadly] = SEEN.get(self.deadly, 0) + 1
        if self.deadly and SEEN[True] > 2:
            os.kill(os.getpid(), signal.SIGKILL)
        return grads


SEEN = {}
'''


@pytest.mark.slow
def test_the_others_of_a_stack_come_out_as_if_nobody_had_died(tmp_path: Path) -> None:
    """Bit for bit, though they were trained in halves and in other company."""
    (tmp_path / "fatal.py").write_text(FATAL)
    path = f"{tmp_path}/fatal.py:Fatal"

    def dense(key: str, seed: int, **slots: object) -> Job:
        one = job(seed, key, **slots)
        work = replace(one.work, model=models()["mlp"].use({"hidden": (7,)}))
        return replace(one, work=work, arithmetic=Arithmetic(engine="dense"))

    jobs = [
        dense("base 0", 0),
        dense("adam 0", 0, optimizer=use("adam")),
        dense("deadly", 0, clip=(Use(path, (("deadly", True),)),)),
        dense("clip 0", 0, clip=(Use(path, (("deadly", False),)),)),
        dense("base 1", 1),
    ]
    undisturbed: list[Result] = []
    run_together([one for one in jobs if one.key != "deadly"], _only_results(undisturbed))
    wanted = {one.measured.outcome.key: one.measured for one in undisturbed}
    pool = Workers(2)
    try:
        happened = list(dispatch(handing(jobs), pool))
    finally:
        pool.close()
    found = {h.measured.outcome.key: h.measured for h in happened if isinstance(h, Ended)}
    assert found.keys() == {one.key for one in jobs}
    assert found["deadly"].outcome.status == "failed"
    assert signal.SIGKILL.name in found["deadly"].outcome.error
    assert found["deadly"].outcome.cost["attempts"] == 3
    for key, measured in wanted.items():
        assert found[key].records == measured.records
        for mine, its in zip(found[key].sheets, measured.sheets, strict=True):
            assert mine.name == its.name and np.array_equal(mine.array, its.array)


def _only_results(found: list[Result]) -> Callable[[Progress | Result], None]:
    def tell(event: Progress | Result) -> None:
        if isinstance(event, Result):
            found.append(event)

    return tell
