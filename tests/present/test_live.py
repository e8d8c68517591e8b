"""While it runs: few plain lines where there is no terminal, nothing when told to be quiet."""

from __future__ import annotations

import io
from dataclasses import dataclass, replace
from itertools import count

import fake_study
import pytest

from hikaku.analysis.verdict import courses
from hikaku.present.live import EVERY_SECONDS, watcher
from hikaku.present.tally import Tally
from hikaku.record import Measured, Results
from hikaku.study.study import Budget
from hikaku.words import message

LONG = "x" * 200
NOTHING = Results((), {})


def ended(arm: str, status: str) -> Measured:
    """A trial that ended so, with a test accuracy of about .957 where it is done."""
    found = fake_study.measured(arm, 0, 0.0)
    records = found.records if status == "done" else ()
    return Measured(replace(found.outcome, status=status), records)


@dataclass
class FakePlan:
    trials: tuple[int, ...] = (1, 2)
    reused: int = 3


@dataclass
class FakeClock:
    now: float = 100.0

    def __call__(self) -> float:
        return self.now


def run(file: io.StringIO, clock: FakeClock, quiet: bool = False) -> None:
    """Two trials at once, 100 readings each, a second between readings; one diverges."""
    with watcher(quiet, file, "en", clock) as watch:
        watch.planned(fake_study.study(), FakePlan(), 2, NOTHING)
        for step in range(101):
            for arm in ("dropout", LONG):
                watch.progress(arm, 0, step, 100)
            watch.tick()
            clock.now += 1
        # A line is written above the table, which is drawn again below it.
        watch.note(message("halfway"))
        watch.ended("dropout", 0, ended("dropout", "done"))
        watch.ended(LONG, 0, ended("dropout", "diverged"))


@pytest.fixture
def terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.setenv("COLUMNS", "80")


def test_outside_a_terminal_lines_are_few_and_plain() -> None:
    file, clock = io.StringIO(), FakeClock()
    run(file, clock)
    lines = file.getvalue().splitlines()
    assert "\x1b" not in file.getvalue()
    assert lines[0] == "2 trials to train, 3 reused; 2 workers"
    assert "1/2 dropout seed 0: done, test accuracy 0.957" in lines
    assert lines[-2].endswith("seed 0: diverged")
    assert lines[-1] == "2 of 2 trials trained in 1:41, 3 reused"
    on_the_way = [line for line in lines if "gone" in line]
    assert 10 < len(on_the_way) <= 101 / EVERY_SECONDS
    assert "0/2 trials, 0:50 gone, about 0:51 left" in on_the_way


def test_quiet_shows_no_progress_and_still_says_what_goes_wrong() -> None:
    file = io.StringIO()
    run(file, FakeClock(), quiet=True)
    assert file.getvalue() == "halfway\n"


def test_lines_say_what_the_run_has_seen_of_a_comparison() -> None:
    whole = fake_study.automatic(("batch-norm",))
    file = io.StringIO()
    with watcher(False, file, "en", FakeClock()) as watch:
        watch.looked("batch-norm", courses(whole.study, whole.results)["batch-norm"])
    assert file.getvalue() == "batch-norm: +0.034 [+0.019, +0.048] after 5 seeds\n"


@pytest.mark.usefixtures("terminal")
def test_the_terminal_is_given_back_when_the_run_is_interrupted() -> None:
    file = io.StringIO()
    with pytest.raises(KeyboardInterrupt), watcher(False, file, "en", FakeClock()) as watch:
        watch.planned(fake_study.study(), FakePlan(), 1, NOTHING)
        watch.progress("base", 0, 1, 10)
        raise KeyboardInterrupt
    assert file.getvalue().rindex("\x1b[?25h") > file.getvalue().rindex("\x1b[?25l")
    assert "0 of 2 trials trained" in file.getvalue()


def test_a_run_that_planned_nothing_ends_without_a_word() -> None:
    file = io.StringIO()
    with watcher(False, file, "en", FakeClock()) as watch:
        watch.note(message("waiting"))
    assert file.getvalue() == "waiting\n"


@pytest.mark.parametrize("forced", ["", "1"])
def test_a_hostile_name_cannot_act(forced: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FORCE_COLOR", forced)
    file = io.StringIO()
    with watcher(False, file, "en", FakeClock()) as watch:
        watch.planned(fake_study.study(), FakePlan(), 1, NOTHING)
        watch.progress("[bold]\x1b[2J", 0, 1, 10)
        watch.ended("[bold]\x1b[2J", 0, ended("base", "failed"))
    assert "[bold]�[2J seed 0: failed" in file.getvalue()
    assert "\x1b[2J" not in file.getvalue()


def test_the_time_left_follows_the_pace() -> None:
    ticks = count(step=10)
    tally = Tally(clock=lambda: float(next(ticks)))
    tally.begin(fake_study.study(), FakePlan(trials=(1, 2, 3, 4)))
    assert str(tally.times()) == "0:10 gone"
    tally.ended, tally.running = 1, {("base", 1): 0.5}
    tally.clock = lambda: 60.0
    assert str(tally.times()) == "1:00 gone, about 1:40 left"


def automatic_run(file: io.StringIO, clock: FakeClock) -> None:
    asked = replace(fake_study.study(), auto=True)
    with watcher(False, file, "en", clock) as watch:
        watch.planned(asked, FakePlan(trials=tuple(range(100))), 2, NOTHING)
        watch.progress("base", 0, 1, 2)
        clock.now += 30
        watch.tick()
        watch.ended("base", 0, ended("base", "done"))


def test_with_automatic_seeds_every_total_is_called_the_most() -> None:
    file = io.StringIO()
    automatic_run(file, FakeClock())
    assert file.getvalue().splitlines() == [
        "at most 100 trials to train, 3 reused, until every comparison is decided; 2 workers",
        "0/≤100 trials, 0:30 gone, at most about 1:39:30 left",
        "1/≤100 base seed 0: done, test accuracy 0.956",
        "1 trials trained of at most 100, in 0:30, 3 reused",
    ]


def test_what_is_planned_later_comes_on_top_of_what_has_ended() -> None:
    tally = Tally(FakeClock())
    tally.begin(fake_study.study(), FakePlan(trials=(1, 2), reused=3))
    tally.ended = 2
    tally.begin(fake_study.study(), FakePlan(trials=(3,), reused=0))
    assert str(tally.summary()) == "2 of 3 trials trained in 0:00, 3 reused"


def test_no_more_trials_are_announced_than_the_budget_pays_for() -> None:
    tally = Tally(FakeClock())
    asked = replace(fake_study.study(), auto=True, budget=Budget(trials=30))
    tally.begin(asked, FakePlan(trials=tuple(range(100))))
    assert tally.most == "≤30"


def test_nothing_is_announced_to_take_longer_than_the_budget_lasts() -> None:
    clock = FakeClock()
    tally = Tally(clock)
    tally.begin(replace(fake_study.study(), budget=Budget(minutes=2)), FakePlan((1,) * 100))
    clock.now += 30
    tally.ended = 1
    assert str(tally.times()) == "0:30 gone, about 1:30 left"
