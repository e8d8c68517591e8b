"""`equalize`: as many updates for each variant as cost what base's cost, settled once for all."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import replace

from hikaku.errors import HikakuError, StudyError
from hikaku.execution.choose_pool import pool_for
from hikaku.execution.job import Job
from hikaku.execution.orders import Gauge
from hikaku.execution.workers import answered
from hikaku.run.gather_data import Notes
from hikaku.run.identify import Identified, identify
from hikaku.store.store import Store
from hikaku.study.equal import OWN, equalized, settled
from hikaku.study.study import BASE, Study, trained
from hikaku.training.size import size
from hikaku.words import message

TURNS = 3
"""How often each arm is timed."""


def equalize(study: Study, store: str, watch: Notes, *, wait: bool = True) -> Study:
    """Return the study as it is to be trained: with `equal` "epochs", as it is.

    What is not settled yet is measured by a worker and kept in the store; what is settled stays,
    whatever this machine would measure now. `wait` is as for `run`. Raises `StudyError` where an
    update of an arm cannot be measured, or where base has come to make other updates since.
    """
    if study.equal == "epochs":
        return study
    with Store.reading(store) as kept:
        steps = settled(study, kept)
    known = identify(study, watch)
    own = own_steps(known)
    _check_base(study, own[BASE], steps.get(BASE, own[BASE]))
    missing = [arm.name for arm in study.arms if arm.name not in steps]
    if not missing:
        return equalized(study, steps)
    watch.note(message("measuring what an update of each arm costs ..."))
    found = measure(known, own, missing)
    marks = known.fingerprints
    with Store.writing(store, wait=wait, notify=watch.note) as kept:
        for name, number in found.items():
            steps[name] = kept.allow(marks[BASE], marks[name], study.equal, number)
    for arm in study.variants:
        if arm.name in found:
            watch.note(
                message(
                    "{arm}: {steps} updates cost as many {equal} as base's {base}",
                    arm=arm.name,
                    steps=steps[arm.name] or own[arm.name],
                    equal=study.equal,
                    base=own[BASE],
                )
            )
    return equalized(study, steps)


def own_steps(known: Identified) -> dict[str, int]:
    """Return by arm how many updates its own recipe says."""
    return {
        arm.name: size(trained(arm.work).recipe, known.sizes[arm.name].train).steps
        for arm in known.study.arms
    }


def measure(known: Identified, own: Mapping[str, int], names: Collection[str]) -> dict[str, int]:
    """Return how many updates each of these arms is given, by name; base gets its own.

    For a variant that is base's updates times the cost of one of them over the cost of one of its
    own, rounded, at least 1; `OWN` where its own recipe (`own`, by arm) says just that. Base is
    computed as the variant is: by its twin, where that is what it is compared with.
    """
    jobs = _jobs(known)
    bases = {name: base if _is_base(known, base) else BASE for name, base in known.bases.items()}
    bases |= {name: BASE for name in names if name not in bases}
    costs: dict[str, float] = {}
    # A clock on a busy machine is slow now and then: the arms take turns, and the best turn counts.
    turns = TURNS if known.study.equal == "seconds" else 1
    with closing(pool_for(known.study, 1, lambda told: None)) as pool:
        timed = dict.fromkeys((BASE, *(bases[name] for name in names), *names))
        for name in turns * tuple(timed):
            with _blaming(f"{known.study.name} ({name}):"):
                cost = float(answered(pool, Gauge(jobs[name], known.study.equal)))
            costs[name] = min(cost, costs.get(name, cost))
    found = {name: max(1, round(own[BASE] * costs[bases[name]] / costs[name])) for name in names}
    return {
        name: OWN if name != BASE and steps == own[name] else steps for name, steps in found.items()
    }


def _is_base(known: Identified, name: str) -> bool:
    return known.twins.arm(name) == BASE


def _jobs(known: Identified) -> dict[str, Job]:
    """Return the job of each arm's first seed."""
    found: dict[str, Job] = {}
    for key in known.trials:
        name, _ = known.names(key)
        job = known.job(key)
        assert isinstance(job, Job)
        found.setdefault(name, job)
    return found


@contextmanager
def _blaming(place: str) -> Iterator[None]:
    """Let every fault that is raised say of which arm it is."""
    try:
        yield
    except HikakuError as error:
        faults = (replace(one, where=f"{place} {one.where}".strip()) for one in error.faults)
        raise type(error)(*faults) from error


def _check_base(study: Study, now: int, before: int) -> None:
    """Raise where base has other updates than when those of the variants were settled."""
    if now != before:
        raise StudyError.of(
            message(
                'equal = "{equal}" was settled for {n} updates of base', equal=study.equal, n=before
            ),
            why=message("with the data of today it makes {n}", n=now),
            mend=message(
                "write recipe.steps = {n} in place of epochs: what costs as much is measured anew",
                n=now,
            ),
        )
