"""Which trial to train next, where seeds are automatic: the one most likely to decide something.

Eats a study, what is measured so far and which trials are on their way. Makes: the next trial.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field, replace

from hikaku.analysis.course import Course
from hikaku.analysis.finding import seconds_each
from hikaku.analysis.forecast import Forecast, forecast
from hikaku.analysis.verdict import courses
from hikaku.execution.plan import Plan, plan
from hikaku.record import Measured, Results
from hikaku.run.identify import Identified
from hikaku.store.store import Store
from hikaku.study.study import BASE, FEWEST, Study

Place = tuple[str, int]
"""An arm's name and a seed."""


def left(known: Identified, kept: Store, done: Collection[str], workers: int) -> Plan:
    """Return the plan of what may still be trained: every trial that is not done.

    With automatic seeds only those of comparisons that are open, and base's where there is one.
    """
    study, trials = known.study, known.trials
    if study.auto:
        results = kept.results(study, known.fingerprints)
        # What failed is tried again, so it closes nothing.
        ended = {at: one for at, one in results.trials.items() if one.outcome.status != "failed"}
        went = courses(study, replace(results, trials=ended))
        arms = {name for name, one in went.items() if one.is_open}
        arms |= {BASE} if arms else set()
        trials = {
            key: trial
            for key, trial in trials.items()
            if key in done or known.names(key)[0] in arms
        }
    return plan(trials, done, str(known.arithmetic), workers)


@dataclass
class Allocation:
    """The seeds of a study, spent where they can still change a verdict.

    A trial that counts for nothing any more is never begun. What is trained may hang on how long
    trials take and on how many run at once; what is judged does not (`analysis.course`).
    """

    study: Study
    results: Results
    running: set[Place] = field(default_factory=set)
    _courses: Mapping[str, Course] | None = None
    _forecasts: dict[str, Forecast | None] = field(default_factory=dict)

    def begin(self) -> Place | None:
        """Return the next trial, which is then on its way; None where there is none for now.

        Until every open comparison has the five seeds that a verdict takes, seeds go in order.
        After that comes the comparison most likely to be decided per second. Base's trial of a
        seed, which all variants share, comes before theirs.
        """
        wanted = [(self._worth(name, place), name, place) for name, place in self._wanted()]
        if not wanted:
            return None
        (_, name, place) = max(wanted, key=lambda one: one[0])
        seed = self._rule_seeds(name)[place]
        arm = BASE if self._is_free(BASE, seed) else name
        self.running.add((arm, seed))
        return arm, seed

    def ended(self, arm: str, seed: int, measured: Measured) -> None:
        """Hear that a trial has ended."""
        self.running.discard((arm, seed))
        self.results = replace(self.results, trials={**self.results.trials, (arm, seed): measured})
        self._courses = None
        self._forecasts.clear()

    @property
    def courses(self) -> Mapping[str, Course]:
        """How every comparison stands."""
        if self._courses is None:
            self._courses = courses(self.study, self.results)
        return self._courses

    def _wanted(self) -> Iterator[tuple[str, int]]:
        """Yield each open comparison with the place, in its list, of its next seed to begin."""
        for name, went in self.courses.items():
            if not went.is_open:
                continue
            for place, seed in enumerate(went.rule.seeds):
                if seed in self.study.seeds and (
                    self._is_free(name, seed) or self._is_free(BASE, seed)
                ):
                    yield name, place
                    break

    def _is_free(self, arm: str, seed: int) -> bool:
        return (arm, seed) not in self.results.trials and (arm, seed) not in self.running

    def _rule_seeds(self, name: str) -> tuple[int, ...]:
        return self.courses[name].rule.seeds

    def _worth(self, name: str, place: int) -> tuple[float, ...]:
        """Return what orders trials: larger is sooner."""
        went = self.courses[name]
        if place < FEWEST or not went.rule.auto:
            return (1.0, -place)
        if name not in self._forecasts:
            self._forecasts[name] = forecast(went)
        ahead = self._forecasts[name]
        needs_base = self._is_free(BASE, went.rule.seeds[place])
        arms = (name, BASE) if needs_base else (name,)
        cost = sum(seconds_each(self.results, arm) for arm in arms)
        return (0.0, self._index(ahead, place - len(went.judged), cost or 1.0), -place)

    @staticmethod
    def _index(ahead: Forecast | None, running: int, cost: float) -> float:
        """Return the chance of a verdict per second, at the best number of further seeds.

        Times the chance that this seed is wanted at all: `running` others are on their way.
        """
        if ahead is None:
            return 0.0
        rates = (chance / k for k, chance in enumerate(ahead.within) if k)
        still = 1 - ahead.within[min(max(running, 0), len(ahead.within) - 1)]
        return still * max(rates, default=0.0) / cost
