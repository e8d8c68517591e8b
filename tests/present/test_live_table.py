"""In a terminal a run is a table that fits, stays calm, and shows what the run itself has seen."""

from __future__ import annotations

import io
import re
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace

import fake_study
import pyte
import pytest
from rich.cells import cell_len

from hikaku.analysis.finding import WORDS
from hikaku.analysis.verdict import courses
from hikaku.present.board import SIGNS, board
from hikaku.present.live import watcher
from hikaku.present.live_lines import lines_of, shape_of
from hikaku.present.live_table import EVERY_SECONDS
from hikaku.present.watched import Watched
from hikaku.present.watcher import Watcher
from hikaku.record import Results
from hikaku.study.study import BASE, Study
from hikaku.words import message, say

JAPANESE = ("ドロップアウト", "ラベル平滑化", "とても長い名前の手法を試してみる実験その一")


@dataclass
class FakePlan:
    trials: tuple[int, ...]
    reused: int = 0


@dataclass
class FakeClock:
    now: float = 100.0

    def __call__(self) -> float:
        return self.now


class Window(io.StringIO):
    """A terminal of this size; `screen` is what can be read in it, `drawn` counts what came."""

    def __init__(self, width: int = 80, height: int = 24) -> None:
        super().__init__()
        self.screen = pyte.HistoryScreen(width, height)
        self._stream = pyte.Stream(self.screen)
        self.drawn = 0

    encoding = "utf-8"

    def write(self, text: str) -> int:
        self.drawn += "■" in text or "·" in text
        self._stream.feed(text.replace("\n", "\r\n"))
        return super().write(text)

    @property
    def lines(self) -> list[str]:
        # A wide letter takes two places, of which the second is empty.
        return [line.rstrip() for line in self.screen.display]

    def line(self, begins: str) -> str:
        return next(line for line in self.lines if line.startswith(begins))


Opened = Callable[..., tuple[Window, FakeClock, Watcher]]


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch) -> Iterator[Opened]:
    """Open a window, and give the watcher that draws in it."""
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.delenv("NO_COLOR", raising=False)
    with contextmanager(_windows)(monkeypatch) as found:
        yield found


def _windows(patch: pytest.MonkeyPatch) -> Iterator[Opened]:
    watches = []

    def found(
        study: Study, width: int = 80, height: int = 24, language: str = "en", **told: object
    ) -> tuple[Window, FakeClock, Watcher]:
        patch.setenv("COLUMNS", str(width))
        patch.setenv("LINES", str(height))
        window, clock = Window(width, height), FakeClock()
        watches.append(watcher(False, window, language, clock))
        watch = watches[-1].__enter__()
        there = told.get("there", Results(study.seeds, {}))
        assert isinstance(there, Results)
        count = len(study.arms) * len(study.seeds) - len(there.trials)
        watch.planned(study, FakePlan(tuple(range(count)), len(there.trials)), 2, there)
        return window, clock, watch

    yield found
    for one in watches:
        one.__exit__(None, None, None)


def train(watch: Watcher, clock: FakeClock, found: Results, worker: int, *places: object) -> None:
    """Let trials begin together, be read at every epoch in a tenth of a second each, and end."""
    for arm, seed in places:  # type: ignore[misc]  # pairs
        watch.placed(arm, seed, worker, "plain")
        watch.progress(arm, seed, 0, 1)
    for arm, seed in places:  # type: ignore[misc]  # pairs
        for one in found.trials[arm, seed].records:
            if (one.reading, one.split, one.metric) == ("curve", "validation", "accuracy"):
                watch.read(arm, seed, one.step, {"validation accuracy": one.value})
                watch.progress(arm, seed, one.step, 480)
                clock.now += 0.1
        watch.ended(arm, seed, found.trials[arm, seed])
    draw(watch, clock)


def draw(watch: Watcher, clock: FakeClock) -> None:
    """Let a while go by, so that it is drawn."""
    clock.now += 60
    watch.tick()


def names(count: int) -> tuple[str, ...]:
    return tuple(f"technique-{number}" for number in range(count))


def test_every_trial_is_a_cell_and_every_arm_a_curve_and_a_figure(opened: Opened) -> None:
    asked = fake_study.study()
    found = fake_study.results(asked)
    window, clock, watch = opened(asked)
    train(watch, clock, found, 1, (BASE, 0), ("label-smoothing", 0))
    train(watch, clock, found, 1, ("label-smoothing", 3))
    watch.placed("dropout", 0, 2, "plain")
    watch.progress("dropout", 0, 240, 480)
    watch.placed("l2", 0, 2, "plain")
    watch.progress("l2", 0, 240, 480)
    draw(watch, clock)
    assert re.fullmatch(r"base +■····  ▁.+█ 0\.9\d\d", window.line("base"))
    assert window.line("label-smoothing  ").split()[1] == "■··×·"
    assert window.line("dropout").split()[1] == "▄····"
    assert window.line("worker 2") == f"{'worker 2, plain: dropout 0, l2 0':75} 50%"
    assert "validation accuracy" in window.line("     ")
    assert "3/30" in window.line("━")


def test_trials_that_are_there_already_stand_in_their_cells(opened: Opened) -> None:
    asked = fake_study.study(("dropout",))
    whole = fake_study.results(asked, diverged=(("dropout", 1),))
    there = replace(whole, trials={p: one for p, one in whole.trials.items() if p[1] < 2})
    window, _, _ = opened(asked, there=there)
    assert window.line("base").split()[1] == "■■···"
    assert window.line("dropout").split()[1] == "■×···"
    assert "0/6" in window.line("─")


def test_an_effect_is_shown_when_the_run_has_looked_and_not_before(opened: Opened) -> None:
    whole = fake_study.automatic(("batch-norm",), most=20)
    window, clock, watch = opened(whole.study)
    for seed in range(5):
        train(watch, clock, whole.results, 1, (BASE, seed), ("batch-norm", seed))
    assert "[" not in window.line("batch-norm")
    watch.looked("batch-norm", courses(whole.study, whole.results)["batch-norm"])
    draw(watch, clock)
    assert re.search(r"▲ +5 \+0\.034 \[\+0\.\d+, \+0\.\d+\]$", window.line("batch-norm"))
    assert window.line("batch-norm").split()[1] == "■■■", "nothing more of it is wanted"
    assert any("▲ helps" in line for line in window.lines)


@pytest.mark.parametrize("language", ["en", "ja"])
@pytest.mark.parametrize("width", [60, 80, 120])
def test_no_sign_in_the_legend_is_without_its_word(width: int, language: str) -> None:
    found = fake_study.automatic(("batch-norm", "dropout", "l2"), worth=0.004)
    run = Watched(FakeClock())
    run.planned(found.study, FakePlan((1,)), Results(found.study.seeds, {}))
    looks = courses(found.study, found.results)
    for name, went in looks.items():
        run.looked(name, went)
    shape = shape_of(run, width, 24, language)
    legend = [line.plain for line in lines_of(board(run, shape.room), shape, language)][-1]
    for verdict in {went.verdict for went in looks.values()}:
        assert f"{SIGNS[verdict]} {say(WORDS[verdict], language)}" in legend
    assert "…" not in legend


@pytest.mark.parametrize(("width", "height"), [(80, 24), (40, 24), (120, 50), (60, 10), (20, 5)])
@pytest.mark.parametrize("arms", [("dropout",), JAPANESE, names(30), names(999)])
def test_it_fits_into_the_window(width: int, height: int, arms: tuple[str, ...]) -> None:
    asked = replace(fake_study.study(arms, tuple(range(10))), auto=True)
    one = fake_study.measured(arms[-1], 0, 0.01)
    run = Watched(FakeClock())
    run.planned(asked, FakePlan(tuple(range(10 * len(asked.arms)))), Results(asked.seeds, {}))
    for worker in range(1, 17):
        run.placed(arms[-1], worker % 10, worker, "dense")
        run.progress(arms[-1], worker % 10, 1, 2)
    run.ended(arms[-1], 0, one)
    for language in ("en", "ja"):
        shape = shape_of(run, width, height, language)
        lines = [line.plain for line in lines_of(board(run, shape.room), shape, language)]
        assert max(map(cell_len, lines)) < width
        assert len(lines) < height
        assert lines[1].startswith(BASE)
        assert height < 24 or lines[-1].startswith("· "), "the legend"
        shown = [line for line in lines[2:] if line.startswith(arms[-1][:3])]
        assert height < 10 or shown, "what runs is shown"


@pytest.mark.parametrize(
    ("seeds", "told"),
    [(2, "worker 1: label-smoothing 0 1"), (9, "worker 1: 9 trials")],
)
def test_a_narrow_line_drops_the_engine_and_then_counts_the_trials(seeds: int, told: str) -> None:
    asked = fake_study.study(seeds=tuple(range(10)))
    run = Watched(FakeClock())
    run.planned(asked, FakePlan(tuple(range(60))), Results(asked.seeds, {}))
    for seed in range(seeds):
        run.placed("label-smoothing", seed, 1, "stacked")
    shape = shape_of(run, 40, 24, "en")
    lines = [line.plain for line in lines_of(board(run, shape.room), shape, "en")]
    assert f"{told:34}   0%" in lines


def test_columns_of_wide_letters_stand_below_each_other(opened: Opened) -> None:
    window, _, _ = opened(fake_study.study(JAPANESE), language="ja")
    rows = [line for line in window.lines if "·····" in line]
    assert len(rows) == 4
    assert len({cell_len(line.partition("·")[0]) for line in rows}) == 1


def test_it_is_drawn_rarely_and_only_where_something_has_changed(opened: Opened) -> None:
    window, clock, watch = opened(fake_study.study())
    before = window.drawn
    for step in range(10_000):
        watch.progress(BASE, 0, step, 10_000)
        clock.now += 0.001
    assert window.drawn - before <= 10 / EVERY_SECONDS
    draw(watch, clock)
    before = window.drawn
    for _ in range(100):
        watch.tick()
    assert window.drawn == before


def test_showing_a_run_takes_less_than_a_hundredth_of_its_time(opened: Opened) -> None:
    asked = fake_study.study(names(30), tuple(range(10)))
    window, clock, watch = opened(asked)
    spent = 0.0
    for epoch in range(1, 61):
        clock.now += 1
        watch.read(BASE, 0, 8 * epoch, {"validation accuracy": epoch / 60})
        began = time.process_time()
        watch.progress(BASE, 0, 8 * epoch, 480)
        spent += time.process_time() - began
    assert window.drawn > 5
    assert spent < 0.01 * 60


def test_no_color_and_a_terminal_without_letters_are_honoured(
    opened: Opened, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    asked = fake_study.study()
    found = fake_study.results(asked)
    monkeypatch.setattr(Window, "encoding", "ascii")
    window, clock, watch = opened(asked)
    train(watch, clock, found, 1, (BASE, 0))
    assert window.line("base").isascii()
    assert not re.findall(r"\x1b\[[0-9;]*3[0-7]m", window.getvalue())


def test_what_is_worth_a_line_stays_above_and_the_table_goes_when_all_is_over(
    opened: Opened,
) -> None:
    asked = fake_study.study(("dropout",), (0, 1))
    found = fake_study.results(asked)
    window, clock, watch = opened(asked)
    train(watch, clock, found, 1, (BASE, 0))
    watch.note(message("a path of many words: {path}", path="/a" * 60))
    watch.close()
    assert window.lines[0] == "4 trials to train, 0 reused; 2 workers"
    assert window.lines[1] == "a path of many words:"
    assert window.lines[4].startswith("1 of 4 trials trained in 1:06")
    assert not any("■" in line for line in window.lines)
    assert not window.screen.cursor.hidden
