"""What is dispatched goes on from the newest states; what is asked to end is saved, or given up."""

from __future__ import annotations

import threading
from collections.abc import Collection, Iterator, Sequence

import pytest
from fake_pool import FakeHand, FakePool, handing, jobs_of, result

from hikaku.execution.dispatch import ATTEMPTS, dispatch
from hikaku.execution.happenings import Ended, Happening, Parking, Retried
from hikaku.execution.orders import Doubted, Event, Finished, Lost, Parked, Raised, Saved
from hikaku.record import Checkpoint


def state(key: str, step: int) -> Checkpoint:
    return Checkpoint(key, step, f"{step}.safetensors", "")


def test_those_that_have_come_as_far_go_on_together() -> None:
    pool = FakePool(lambda keys: [*map(result, keys), Finished()])
    steps = {"b": 7, "d": 7, "e": 3}

    def saved(keys: Collection[str]) -> dict[str, tuple[Checkpoint, ...]]:
        return {key: (state(key, steps[key]),) for key in keys if key in steps}

    happened = list(dispatch(handing(jobs_of("abcdef")), pool, saved))
    assert ["".join(keys) for keys in pool.given] == ["acf", "bd", "e"]
    assert sum(isinstance(h, Ended) for h in happened) == 6


@pytest.mark.fault("A2", "A11")
def test_a_trial_that_comes_further_between_its_deaths_is_not_given_up() -> None:
    lives = iter(range(20))

    def behave(keys: Sequence[str]) -> list[Event]:
        life = next(lives)
        if life == 9:
            return [result("a"), Finished()]
        further = [Saved(state("a", life))] if life % (ATTEMPTS - 1) else []
        return [*further, Lost(-9)]

    happened = list(dispatch(handing(jobs_of("a")), FakePool(behave)))
    (ended,) = (h.measured.outcome for h in happened if isinstance(h, Ended))
    assert (ended.status, ended.cost["attempts"]) == ("done", 10)
    assert sum(isinstance(h, Retried) for h in happened) == 9


@pytest.mark.fault("A11")
def test_a_trial_that_never_comes_further_is_given_up() -> None:
    happened = list(dispatch(handing(jobs_of("a")), FakePool(lambda keys: [Lost(-9)])))
    (ended,) = (h.measured.outcome for h in happened if isinstance(h, Ended))
    assert (ended.status, ended.cost["attempts"]) == ("failed", ATTEMPTS)


@pytest.mark.fault("G1")
def test_a_doubted_state_is_told_of_and_the_state_before_it_taken() -> None:
    states = [state("a", 9), state("a", 5)]
    doubted: list[Happening] = []

    def behave(keys: Sequence[str]) -> list[Event]:
        if states:
            return [Doubted(((states[0], "it is damaged"),))]
        return [*map(result, keys), Finished()]

    pool = FakePool(behave)
    for happening in dispatch(
        handing(jobs_of("ab")), pool, lambda keys: dict.fromkeys(keys, tuple(states))
    ):
        if isinstance(happening, Doubted):
            doubted.append(happening)
            del states[0]
    assert len(doubted) == 2
    assert pool.given == [("a", "b")] * 3


class Patient(FakePool):
    """Tells of a task only when it is asked to end."""

    def events(self, timeout: float) -> Iterator[tuple[FakeHand, Event]]:
        if self.all[0].parked:
            yield from super().events(timeout)


def test_what_is_asked_to_end_is_parked_and_nothing_new_begins() -> None:
    stop, told = threading.Event(), []

    def behave(keys: Sequence[str]) -> list[Event]:
        return [Saved(state("a", 3)), Parked()]

    pool = Patient(behave)
    hand = pool.all[0]
    for happening in dispatch(handing(jobs_of("a"), jobs_of("b")), pool, stop=stop):
        told.append(type(happening).__name__)
        stop.set()
    assert [name for name in told if name != "Waiting"] == ["Started", "Parking", "Saved"]
    assert hand.parked and pool.given == [("a",)]


def test_a_result_that_comes_while_everything_is_saved_counts() -> None:
    stop, ended = threading.Event(), []
    pool = Patient(lambda keys: [*map(result, keys), Finished()])
    for happening in dispatch(handing(jobs_of("a"), jobs_of("b")), pool, stop=stop):
        stop.set()
        ended += [happening.measured.outcome.key] if isinstance(happening, Ended) else []
    assert ended == ["a"]


@pytest.mark.parametrize("broken", [Raised("BrokenPipeError", ""), Lost(-15), Lost(7)])
def test_what_breaks_while_everything_is_saved_has_not_failed(broken: Event) -> None:
    stop, told = threading.Event(), []
    pool = Patient(lambda keys: [broken])
    for happening in dispatch(handing(jobs_of("a")), pool, stop=stop):
        stop.set()
        told.append(type(happening).__name__)
    assert set(told) <= {"Started", "Parking", "Waiting"}


def test_nobody_waits_for_more_than_the_time_of_grace(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("hikaku.execution.dispatch.GRACE_SECONDS", 0.0)
    stop = threading.Event()
    pool = FakePool(lambda keys: [])
    told = []
    for happening in dispatch(handing(jobs_of("a")), pool, stop=stop):
        told.append(happening)
        stop.set()
    assert isinstance(told[-1], Parking)
