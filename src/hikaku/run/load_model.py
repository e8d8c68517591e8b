"""`load_model`: the model of an arm, with the weights that a run has kept."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from hikaku.errors import StoreError, StudyError
from hikaku.record import Measured
from hikaku.run.keeping import best_seed
from hikaku.store.kept import head
from hikaku.store.store import Store
from hikaku.study.keep import BEST, ENDING, LAST, best_file
from hikaku.study.nearest import suggest
from hikaku.study.study import Arm, Study
from hikaku.training.blueprint import from_head
from hikaku.training.restore import Restored, restored
from hikaku.words import message


@dataclass(frozen=True)
class Loaded:
    """The model of an arm under a seed, and the file of weights that it got."""

    arm: str
    seed: int
    file: Path
    restored: Restored


def load(study: Study, arm: str, seed: int | None, which: str | int | None, store: str) -> Loaded:
    """Return the model of an arm with its kept weights, in evaluation mode.

    `seed` None is the best of the study's seeds, by what `keep.monitor` names. `which` is "best",
    "last", or an epoch (an update, where evaluations are counted so) of those that were all kept;
    None takes the best where it is there, else the last. Raises StudyError where there is no such
    arm or seed, and StoreError where no such weights were kept or the user's files have changed.
    """
    asked = arm_of(study, arm)
    with Store.reading(store) as kept:
        keys = kept.planned_keys(study, asked.work)
        trials = kept.measured(keys.values())
        files = kept.kept
    chosen = _seed(study, asked, seed, {s: trials[k] for s, k in keys.items() if k in trials})
    there = files.files(keys[chosen])
    wanted = f"{study.name}, {arm}, seed {chosen}:"
    if not there:
        raise StoreError.of(
            message("no weights were kept of this trial"),
            where=wanted,
            mend=message(
                'write `[keep]` with seeds = "all" into the study and run it again, or ask for '
                "a seed whose weights are there: {seeds}",
                seeds=", ".join(str(s) for s, key in sorted(keys.items()) if files.files(key))
                or "-",
            ),
        )
    path = pick(there, which, study, wanted)
    blueprint = from_head(head(path), f"{path}:")
    return Loaded(arm, chosen, path, restored(path, blueprint, study.folder))


def arm_of(study: Study, name: str) -> Arm:
    """Return the arm of this name; StudyError, with the nearest one, where there is none."""
    for arm in study.arms:
        if arm.name == name:
            return arm
    names = [arm.name for arm in study.arms]
    what = message("{study} has no arm '{name}'.", study=study.name, name=name)
    raise StudyError.of(
        suggest(what, name, names), mend=message("one of: {names}", names=", ".join(names))
    )


def _seed(study: Study, arm: Arm, seed: int | None, trials: Mapping[int, Measured]) -> int:
    """Return the seed that is asked for, where its trial is done."""
    done = {s: trial for s, trial in trials.items() if trial.outcome.status == "done"}
    if seed is None:
        of_study = {s: done[s] for s in study.seeds if s in done}
        chosen = best_seed(of_study, study.keep, arm.work.recipe)
        if chosen is not None:
            return chosen
    elif seed in done:
        return seed
    raise StudyError.of(
        message("{study}: no trial of {arm} is done", study=study.name, arm=arm.name)
        if seed is None
        else message(
            "{study}: the trial of {arm}, seed {seed}, is not done",
            study=study.name,
            arm=arm.name,
            seed=seed,
        ),
        why=message("done are the seeds: {seeds}", seeds=", ".join(map(str, done)) or "-"),
        mend=message("`hikaku run` trains what is missing"),
    )


def pick(there: Mapping[str, Path], which: str | int | None, study: Study, where: str) -> Path:
    """Return the file of the weights that are asked for among those that are there."""
    every = [path for name, path in there.items() if name[:5] in ("epoch", "step-")]
    best = next((there[name] for name in (best_file(study.keep), BEST) if name in there), None)
    found = {
        "best": best or _best(every, study),
        "last": there.get(LAST) or (every[-1] if every else None),
        None: best or there.get(LAST) or _best(every, study) or next(iter(there.values())),
    }
    if isinstance(which, int):
        names = (f"epoch-{which:04}{ENDING}", f"step-{which:06}{ENDING}")
        path = next((there[name] for name in names if name in there), None)
    else:
        path = found.get(which)
    if path is None:
        raise StoreError.of(
            message("the weights '{which}' were not kept of this trial", which=which),
            where=where,
            why=message("kept are: {names}", names=", ".join(there)),
            mend=message('write keep.weights = "all" and run the study again'),
        )
    return path


def _best(every: list[Path], study: Study) -> Path | None:
    """Return the file of the evaluation with the best monitor, among one file each."""
    sign = -1 if study.keep.mode == "max" else 1

    def cost(path: Path) -> float:
        scores = head(path).get("scores", {})
        return sign * float(scores.get(study.keep.monitor, sign * float("inf")))

    return min(every, key=cost, default=None)
