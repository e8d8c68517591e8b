"""Which trial of an arm is its best one, whose weights stay, and whose are still wanted."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from hikaku.record import Measured, Results
from hikaku.store.kept import Kept, head
from hikaku.store.store import Store
from hikaku.study.keep import counts, wanted
from hikaku.study.recipe import Recipe
from hikaku.study.study import Keep, Study, trained


def best_seed(trials: Mapping[int, Measured], keep: Keep, recipe: Recipe) -> int | None:
    """Return the seed whose kept weights have the best monitor; None where no trial is done.

    Of equal ones, the first.
    """
    done = [seed for seed, measured in trials.items() if measured.outcome.status == "done"]
    return min(done, key=lambda seed: cost(trials[seed], keep, recipe), default=None)


def cost(measured: Measured, keep: Keep, recipe: Recipe) -> float:
    """Return the monitor at the weights that are kept, turned so that lower is better.

    Infinite where it was never measured.
    """
    split, _, metric = keep.monitor.partition(" ")
    reading = "last" if keep.weights == "last" else "curve"
    outcome = measured.outcome
    values = [
        -row.value if keep.mode == "max" else row.value
        for row in measured.records
        if (row.reading, row.split, row.metric) == (reading, split, metric)
        and (
            row.step == outcome.step
            or counts(keep, recipe.evaluate_every, row.step, outcome.steps_per_epoch)
        )
    ]
    return min((value for value in values if value == value), default=float("inf"))


def files_of(measured: Measured, keep: Keep, recipe: Recipe) -> tuple[str, ...]:
    """Return the names of the files that stay of a trial."""
    updates = [row.step for row in measured.records if row.reading == "curve"]
    return wanted(keep, recipe.evaluate_every, updates, measured.outcome.steps_per_epoch)


def lacking(study: Study, fingerprints: Mapping[str, str], kept: Store) -> frozenset[str]:
    """Return the keys of trials that are done, and whose weights the study asks for in vain.

    Where only the best trial's weights are to stay, an arm lacks none before all its seeds ended.
    """
    if not study.keep.asks or study.keep.weights == "none":
        return frozenset()
    results, files = kept.results(study, fingerprints), kept.kept
    return frozenset(
        measured.outcome.key
        for arm in study.arms
        for measured in _chosen(study, results, arm.name, trained(arm.work).recipe)
        if not _is_there(measured, study.keep, trained(arm.work).recipe, files)
    )


def _chosen(study: Study, results: Results, arm: str, recipe: Recipe) -> Iterator[Measured]:
    """Yield the trials of an arm whose weights are to stay, as far as that is known."""
    trials = {
        seed: results.trials[arm, seed] for seed in study.seeds if (arm, seed) in results.trials
    }
    if study.keep.seeds == "all":
        yield from (trial for trial in trials.values() if trial.outcome.status == "done")
    elif study.auto or len(trials) == len(study.seeds):
        best = best_seed(trials, study.keep, recipe)
        if best is not None:
            yield trials[best]


def _is_there(measured: Measured, keep: Keep, recipe: Recipe, files: Kept) -> bool:
    there = files.files(measured.outcome.key)
    return all(
        name in there and (keep.what == "weights" or _brings_its_code(there[name]))
        for name in files_of(measured, keep, recipe)
    )


def _brings_its_code(path: Path) -> bool:
    found = head(path)
    needed = any(name.endswith(".py") for name in found.get("files", ()))
    return bool(found) and (bool(found["texts"]) or not needed)


@dataclass
class Pruner:
    """Sees to it that of each arm only the best trial's weights stay, of those that a run writes.

    What it had to compare with from other runs is known at the end only.
    """

    study: Study
    files: Kept
    mine: dict[str, dict[int, Measured]] = field(default_factory=dict)

    def ended(self, arm: str, seed: int, measured: Measured) -> None:
        """Hear that a trial of this run has ended; what it outdoes, or is outdone by, goes."""
        keep, arms = self.study.keep, {one.name for one in self.study.arms}
        # Of a twin of base nothing is written.
        is_kept = keep.weights != "none" and arm in arms
        if is_kept and keep.seeds == "best" and measured.outcome.status == "done":
            mine = self.mine.setdefault(arm, {})
            mine[seed] = measured
            self._leave(arm, best_seed(mine, self.study.keep, self._recipe(arm)))

    def concluded(self, results: Results) -> None:
        """Delete the files that this run wrote of arms whose best trial is another run's."""
        for arm in self.mine:
            trials = {seed: trial for (name, seed), trial in results.trials.items() if name == arm}
            self._leave(arm, best_seed(trials, self.study.keep, self._recipe(arm)))

    def _leave(self, arm: str, best: int | None) -> None:
        mine, recipe = self.mine[arm], self._recipe(arm)
        for seed in [seed for seed in mine if seed != best]:
            measured = mine.pop(seed)
            names = files_of(measured, self.study.keep, recipe)
            self.files.drop(measured.outcome.key, names)

    def _recipe(self, arm: str) -> Recipe:
        return trained(next(one.work for one in self.study.arms if one.name == arm)).recipe
