"""`load_model`: the model of an arm, with the weights that a run has kept."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from hikaku.errors import StoreError, StudyError
from hikaku.record import Measured
from hikaku.run.keeping import best_seed, files_of
from hikaku.store.kept import Kept, head
from hikaku.store.store import Store
from hikaku.study.equal import equalized, is_settled, settled
from hikaku.study.keep import BEST, ENDING, LAST, best_file
from hikaku.study.nearest import suggest
from hikaku.study.study import Arm, Study, trained
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
    with Store.reading(store) as kept:
        steps = settled(study, kept)
        asked = arm_of(equalized(study, steps), arm)
        is_there = is_settled(study, steps, asked)
        keys = kept.planned_keys(study, trained(asked.work)) if is_there else {}
        trials = kept.measured(keys.values())
        files, database = kept.kept, str(kept.address)
    by_seed = {s: trials[key] for s, key in keys.items() if key in trials}
    chosen = _seed(study, asked, seed, by_seed, database)
    there = files.files(keys[chosen])
    wanted = f"{study.name}, {arm}, seed {chosen}:"
    if not there:
        others = [s for s, key in sorted(keys.items()) if files.files(key)]
        raise _none_there(_lost(study, asked, chosen, by_seed, files), others, wanted)
    path = pick(there, which, study, wanted)
    blueprint = from_head(head(path), f"{path}:")
    return Loaded(arm, chosen, path, restored(path, blueprint, study.folder))


def _lost(
    study: Study, arm: Arm, chosen: int, trials: Mapping[int, Measured], files: Kept
) -> Path | None:
    """Return the file that the study keeps of this trial, None where it keeps none of it."""
    of_study = {s: trials[s] for s in study.seeds if s in trials}
    best = best_seed(of_study, study.keep, trained(arm.work).recipe)
    if study.keep.weights == "none" or (study.keep.seeds == "best" and chosen != best):
        return None
    names = files_of(trials[chosen], study.keep, trained(arm.work).recipe)
    return files.folder / trials[chosen].outcome.key / names[-1] if names else None


def _none_there(lost: Path | None, others: list[int], where: str) -> StoreError:
    """Return the error that no file of weights is there, and what helps."""
    if lost is None:
        what = message("no weights were kept of this trial")
        mend = message('write `[keep]` with seeds = "all" into the study and run it again')
    else:
        what = message("the file of its weights is missing: {file}", file=lost)
        mend = message("write `[keep]` into the study and run it again, which trains them anew")
    if others:
        mend = message(
            "{mend}, or ask for a seed whose weights are there: {seeds}",
            mend=mend,
            seeds=", ".join(map(str, others)),
        )
    return StoreError.of(what, where=where, mend=mend)


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


def _seed(
    study: Study, arm: Arm, seed: int | None, trials: Mapping[int, Measured], store: str
) -> int:
    """Return the seed that is asked for, where its trial is done."""
    done = {s: trial for s, trial in trials.items() if trial.outcome.status == "done"}
    if seed is None:
        of_study = {s: done[s] for s in study.seeds if s in done}
        chosen = best_seed(of_study, study.keep, trained(arm.work).recipe)
        if chosen is not None:
            return chosen
    elif seed in done:
        return seed
    raise StudyError.of(
        message(
            "{study}: no trial of {arm} is done in {store}",
            study=study.name,
            arm=arm.name,
            store=store,
        )
        if seed is None
        else message(
            "{study}: the trial of {arm}, seed {seed}, is not done in {store}",
            study=study.name,
            arm=arm.name,
            seed=seed,
            store=store,
        ),
        why=message("done are the seeds: {seeds}", seeds=", ".join(map(str, done)))
        if done
        else None,
        mend=message("`hikaku run` trains what is missing; --store names another store"),
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
