"""What is known of a run while it runs: each trial's state, curves, looks, and who trains what.

Eats what a run tells of itself, in the order of `live.Watcher`. Nothing is worked out here that the
run has not looked at itself: effects and intervals are those of its own looks.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Literal

from hikaku.analysis.course import Course
from hikaku.analysis.figures import judged
from hikaku.present.tally import Planned, Tally
from hikaku.present.watcher import Watcher
from hikaku.record import Measured, Results
from hikaku.study.study import Metric, Study

MOST_POINTS = 200
"""So many points of a curve are kept; it is drawn with far fewer."""

Place = tuple[str, int]
"""An arm's name and a seed."""

State = Literal["waiting", "running", "done", "diverged", "failed", "unwanted"]


@dataclass
class Curve:
    """The figure that an arm's curve shows, over its seeds: sums by step, and each seed's last."""

    sums: dict[int, tuple[float, int]] = field(default_factory=dict)
    last: dict[int, float] = field(default_factory=dict)
    heard: dict[int, int] = field(default_factory=dict)
    steps: int = 1
    grain: int = 1

    def add(self, seed: int, step: int, value: float) -> None:
        """Take a value in; one that was heard already, as of a trial tried again, counts once."""
        if step <= self.heard.get(seed, 0):
            return
        self.heard[seed], self.steps = step, max(self.steps, step)
        if math.isfinite(value):
            self._sum(step, value, 1)
            self.last[seed] = value
            if len(self.sums) > MOST_POINTS:
                self._thin()

    def points(self) -> Iterator[tuple[float, float]]:
        """Yield the mean over seeds by the share of the way, in order."""
        for step in sorted(self.sums):
            total, count = self.sums[step]
            yield step / self.steps, total / count

    def _sum(self, step: int, value: float, count: int) -> None:
        step = -(-step // self.grain) * self.grain
        total, n = self.sums.get(step, (0.0, 0))
        self.sums[step] = total + value, n + count

    def _thin(self) -> None:
        """Sum over longer and longer stretches, until a drawing costs little again."""
        while len(self.sums) > MOST_POINTS // 2:
            self.grain, before, self.sums = 2 * self.grain, self.sums, {}
            for step, (total, count) in before.items():
                self._sum(step, total, count)


@dataclass(frozen=True)
class Task:
    """What a worker has on its hands: the trials that it trains now, and what computes them."""

    worker: int
    engine: str
    places: tuple[Place, ...]


@dataclass
class Watched:
    """A run so far. `arms` are in the study's order, base first; others come behind as they run."""

    clock: Callable[[], float]
    tally: Tally = field(init=False)
    study: Study | None = None
    arms: list[str] = field(default_factory=list)
    figure: str = ""
    ends: dict[Place, State] = field(default_factory=dict)
    curves: dict[str, Curve] = field(default_factory=dict)
    looks: dict[str, Course] = field(default_factory=dict)
    tasks: dict[int, Task] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Begin with nothing."""
        self.tally = Tally(self.clock)

    def planned(self, study: Study, plan: Planned, there: Results) -> None:
        """Hear what is going to be trained, and what is there already."""
        if not self.tally.total:
            self.study, self.arms = study, [arm.name for arm in study.arms]
            for (arm, seed), measured in there.trials.items():
                self._take(arm, seed, measured)
        self.tally.begin(study, plan)

    def placed(self, arm: str, seed: int, worker: int, engine: str) -> None:
        """Hear that a trial has begun; those that are still on one worker began together."""
        # What is tried again may have moved to another worker.
        for number in self.tasks:
            self._leave(number, (arm, seed))
        there = self.tasks[worker].places if worker in self.tasks else ()
        self.tasks[worker] = Task(worker, engine, (*there, (arm, seed)))

    def progress(self, arm: str, seed: int, step: int, steps: int) -> None:
        """Hear how far a trial is; one that is tried again has not ended."""
        self._known(arm)
        self.ends.pop((arm, seed), None)
        self.tally.running[arm, seed] = step / steps
        if step:
            self.curve(arm).steps = steps

    def read(self, arm: str, seed: int, step: int, scores: Mapping[str, float]) -> None:
        """Hear what was read of a trial on its way."""
        if self._chosen(scores):
            self.curve(arm).add(seed, step, scores.get(self.figure, math.nan))

    def ended(self, arm: str, seed: int, measured: Measured) -> None:
        """Hear that a trial has ended, and count it."""
        self.tally.running.pop((arm, seed), None)
        self.tally.ended += 1
        self._take(arm, seed, measured)
        for number in self.tasks:
            self._leave(number, (arm, seed))

    def looked(self, variant: str, went: Course) -> None:
        """Hear what the run has seen of a comparison."""
        self.looks[variant] = went

    def curve(self, arm: str) -> Curve:
        """Return what there is of an arm's curve."""
        return self.curves.setdefault(arm, Curve())

    def value(self, arm: str) -> float:
        """Return the mean of the figure where trials of an arm ended; of none, where they are."""
        last = self.curve(arm).last
        ended = [value for seed, value in last.items() if (arm, seed) in self.ends]
        values = ended or list(last.values())
        return sum(values) / len(values) if values else math.nan

    def state(self, arm: str, seed: int) -> State:
        """Return how it is with a trial; none is wanted any more where the run has decided."""
        place = arm, seed
        if place in self.tally.running:
            return "running"
        look = self.looks.get(arm)
        is_over = look is not None and look.verdict != "undecided"
        return self.ends.get(place, "unwanted" if is_over else "waiting")

    def running(self) -> list[str]:
        """Return the arms of which a trial is on its way, in order."""
        arms = {arm for arm, _ in self.tally.running}
        return [arm for arm in self.arms if arm in arms]

    def _take(self, arm: str, seed: int, measured: Measured) -> None:
        """Take in how a trial ended, and what of its curve was not heard on the way."""
        self._known(arm)
        self.ends[arm, seed] = measured.outcome.status
        found = {f"{one.split} {one.metric}" for one in measured.records if one.reading == "curve"}
        if self._chosen(found):
            for one in measured.records:
                if one.reading == "curve" and f"{one.split} {one.metric}" == self.figure:
                    self.curve(arm).add(seed, one.step, one.value)

    def _leave(self, worker: int, place: Place) -> None:
        task = self.tasks[worker]
        self.tasks[worker] = replace(task, places=tuple(p for p in task.places if p != place))

    def _known(self, arm: str) -> None:
        if arm not in self.arms:
            self.arms.append(arm)

    def _chosen(self, there: Mapping[str, float] | set[str]) -> bool:
        """Choose, once, the figure whose curves are shown; return whether there is one."""
        if not self.figure and self.study:
            wanted = figures(self.study.metric)
            self.figure = next((figure for figure in wanted if figure in there), "")
        return bool(self.figure)


def figures(metric: Metric) -> tuple[str, ...]:
    """Return what the curve of a study may show, by split and metric, the best first."""
    name = metric.name
    return f"validation {name}", f"{metric.split} {name}", "validation loss", f"train {name}"


def figure(metric: Metric, arm: str, seed: int, measured: Measured) -> float:
    """Return the judged figure of one trial; NaN where there is none."""
    one = Results(seeds=(seed,), trials={(arm, seed): measured})
    return float(judged(one, arm, metric)[0])


class Drawing(Watcher):
    """A watcher that draws what is known of a run, now and then."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._run = Watched(clock)

    def placed(self, arm: str, seed: int, worker: int, engine: str) -> None:
        """Remember who trains it."""
        self._run.placed(arm, seed, worker, engine)

    def progress(self, arm: str, seed: int, step: int, steps: int) -> None:
        """Move this trial on."""
        self._run.progress(arm, seed, step, steps)
        self.tick()

    def read(self, arm: str, seed: int, step: int, scores: Mapping[str, float]) -> None:
        """Draw its curve on."""
        self._run.read(arm, seed, step, scores)

    def looked(self, variant: str, went: Course) -> None:
        """Show what the run has seen."""
        self._run.looked(variant, went)
