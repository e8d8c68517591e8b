"""A training that hangs is found by its silence alone, and nobody else is taken for one."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from itertools import pairwise

import pytest

from hikaku.execution.memory import Taken
from hikaku.execution.orders import Beat, Progress
from hikaku.execution.process import DUMP
from hikaku.execution.watchdog import STRIDE, Patience, Watchdog

LOOK = 0.5
"""Seconds between two looks; any number of them is whole in binary."""


def watched(
    watchdog: Watchdog, seconds: float, *, computes: bool = False
) -> list[tuple[float, signal.Signals]]:
    """Return what is sent while a trial is silent for so long, and when."""
    sent = []
    for look in range(round(seconds / LOOK)):
        number = watchdog.look(LOOK, computes=computes)
        if number:
            sent.append(((look + 1) * LOOK, number))
    return sent


def begun(updates: int = 1, every: float = 1.0) -> Watchdog:
    """Return the watchdog of a trial that has told of this many updates."""
    watchdog = Watchdog(Patience())
    for step in range(updates):
        assert not watched(watchdog, every)
        watchdog.heard(Beat("key", step))
    return watchdog


@pytest.mark.fault("A13")
def test_after_five_silent_minutes_the_stacks_are_asked_for_then_the_end_is_forced() -> None:
    sent = watched(begun(100), 3600)
    assert sent == [(300.0, DUMP), (302.0, signal.SIGKILL)]


@pytest.mark.fault("A13")
def test_slow_updates_buy_twenty_of_their_own_time() -> None:
    assert watched(begun(9, every=60.0), 1199) == []
    assert watched(begun(9, every=60.0), 1200) == [(1200.0, DUMP)]


@pytest.mark.fault("A13")
def test_one_slow_update_among_many_is_no_excuse() -> None:
    watchdog = begun(50)
    assert not watched(watchdog, 250)
    watchdog.heard(Beat("key", 51))
    assert watchdog.limit == 300


@pytest.mark.fault("A13")
def test_a_process_that_computes_all_the_while_has_an_hour() -> None:
    watchdog = begun(50)
    assert watched(watchdog, 3599, computes=True) == []
    assert [number for _, number in watched(watchdog, 20, computes=True)] == [DUMP, signal.SIGKILL]
    assert watchdog.silence == 3619


def test_until_the_first_update_there_is_an_hour() -> None:
    watchdog = Watchdog(Patience())
    assert watched(watchdog, 3599) == []
    assert [number for _, number in watched(watchdog, 60)] == [DUMP, signal.SIGKILL]


def test_an_evaluation_is_a_sign_of_life_too_and_every_sign_begins_anew() -> None:
    watchdog = begun(5)
    for _ in range(10):
        assert watched(watchdog, 299) == []
        watchdog.heard(Progress("key", 1, 2))
    assert watched(watchdog, 300)
    watchdog.heard(Beat("key", 7))
    assert not watchdog.is_late and watched(watchdog, 299) == []


@pytest.mark.fault("A18")
def test_a_night_in_which_nobody_looked_on_counts_as_one_look() -> None:
    watchdog = begun(5)
    assert watchdog.look(8 * 3600.0, computes=False) is None
    assert watchdog.silence == STRIDE


@pytest.mark.fault("A17")
def test_the_wall_clock_is_not_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    import time

    jumps = iter([0.0, 3600.0, -3600.0] * 10_000)
    monkeypatch.setattr(time, "time", lambda: next(jumps))
    sent = watched(begun(5), 320)
    assert [later - sooner for (sooner, _), (later, _) in pairwise(sent)] == [2.0]


@pytest.mark.fault("A13")
@pytest.mark.parametrize(("does", "computes"), [("while True: pass", True), ("input()", False)])
def test_who_only_waits_for_a_processor_is_thought_to_compute(does: str, computes: bool) -> None:
    """At the lowest priority beside others it may get none for seconds."""
    with subprocess.Popen([sys.executable, "-c", does], stdin=subprocess.PIPE) as process:
        time.sleep(1.0)
        taken = Taken()
        taken.look(process.pid, 0.0)
        # As if a day had passed: of that it has got next to nothing.
        taken.look(process.pid, 86_400.0)
        found = taken.computes
        process.kill()
    assert found is computes
