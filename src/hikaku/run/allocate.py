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


def measured(known: Identified, kept: Store) -> Results:
    """Return what there is of the study's trials, also where only other studies have trained them.

    What failed is tried again, and so counts as not there.
    """
    results = kept.results(known.study, known.fingerprints)
    own = {one.outcome.key: one for one in results.trials.values()}
    others = kept.measured(known.trials.keys() - own.keys())
    found = {
        known.names(key): one
        for key, one in (own | others).items()
        if key in known.trials and one.outcome.status != "failed"
    }
    return replace(results, trials=found, bases=dict(known.bases), twins=dict(known.twins.of))


def left(known: Identified, there: Results, done: Collection[str], workers: int) -> Plan:
    """Return the plan of what may still be trained: the trials that are not done, given what is.

    None of a comparison that is over: one that automatic seeds have decided, or one whose verdict
    was shown for other seeds; and of base and its twins none that no comparison wants. A base
    alone, which nothing can decide, gets the fewest automatic seeds.
    """
    went = courses(known.study, there)
    wanted: dict[str, frozenset[int]] = {
        name: frozenset(one.rule.seeds if one.is_open else one.judged) for name, one in went.items()
    }
    alone = known.study.seeds[:FEWEST] if known.study.auto else known.study.seeds
    bases = {BASE: frozenset[int]() if went else frozenset(alone)}
    for name, base in known.bases.items():
        bases[base] = bases.get(base, frozenset()) | wanted[name]
    wanted |= bases
    trials = {
        key: trial
        for key, trial in known.trials.items()
        if key in done or trial.seed in wanted[known.names(key)[0]]
    }
    return plan(trials, done, known.group, workers)


@dataclass
class Allocation:
    """The seeds of a study, spent where they can still change a verdict.

    Of the trials in `places` one that counts for nothing any more is never begun. What is trained
    may hang on how long trials take and on how many run at once; what is judged does not
    (`analysis.course`).
    """

    study: Study
    results: Results
    places: Collection[Place]
    running: set[Place] = field(default_factory=set)
    _courses: dict[str, Course] = field(default_factory=dict)
    _forecasts: dict[str, Forecast | None] = field(default_factory=dict)

    def begin(self) -> Place | None:
        """Return the next trial, which is then on its way; None where there is none for now.

        Until every open comparison has the five seeds that a verdict takes, seeds go in order.
        After that comes the comparison most likely to be decided per second. Base's trial of a
        seed, which its variants share, comes before theirs.
        """
        wanted = [(self._worth(name, place), name, place) for name, place in self._wanted()]
        if not wanted:
            return None
        (_, name, place) = max(wanted, key=lambda one: one[0])
        seed = self.courses[name].rule.seeds[place]
        base = self.results.base_of(name)
        arm = base if self._is_free(base, seed) else name
        self.running.add((arm, seed))
        return arm, seed

    def ended(self, arm: str, seed: int, measured: Measured) -> None:
        """Hear that a trial has ended."""
        self.running.discard((arm, seed))
        self.results = replace(self.results, trials={**self.results.trials, (arm, seed): measured})
        base_of = self.results.base_of
        pairs = [(one.name, base_of(one.name)) for one in self.study.compared]
        whole = [
            name
            for name, base in pairs
            if arm in (name, base) and {(name, seed), (base, seed)} <= self.results.trials.keys()
        ]
        if whole:
            self._judge(whole)

    @property
    def courses(self) -> Mapping[str, Course]:
        """How every comparison stands."""
        if not self._courses:
            self._judge(None)
        return self._courses

    def _judge(self, only: Collection[str] | None) -> None:
        """Work out those comparisons again for which a seed has become whole."""
        found = courses(self.study, self.results, only=only)
        self._courses = {**self._courses, **found}
        for name in found:
            self._forecasts.pop(name, None)

    def _wanted(self) -> Iterator[tuple[str, int]]:
        """Yield each open comparison with the place, in its list, of its next seed to begin."""
        for name, went in self.courses.items():
            if not went.is_open:
                continue
            for place, seed in enumerate(went.rule.seeds):
                if self._is_free(name, seed) or self._is_free(self.results.base_of(name), seed):
                    yield name, place
                    break

    def _is_free(self, arm: str, seed: int) -> bool:
        at = (arm, seed)
        return at in self.places and at not in self.results.trials and at not in self.running

    def _worth(self, name: str, place: int) -> tuple[float, ...]:
        """Return what orders trials: larger is sooner."""
        went = self.courses[name]
        if place < FEWEST or not went.rule.auto:
            return (1.0, -place)
        if name not in self._forecasts:
            self._forecasts[name] = forecast(went)
        ahead = self._forecasts[name]
        base = self.results.base_of(name)
        arms = (name, base) if self._is_free(base, went.rule.seeds[place]) else (name,)
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
