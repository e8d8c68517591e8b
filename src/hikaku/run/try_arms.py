"""Every arm is tried before anything trains, so that a mistake costs no hour of training."""

from __future__ import annotations

from dataclasses import replace

from hikaku.errors import Fault, StudyError
from hikaku.execution.dispatch import check
from hikaku.execution.job import AnyJob, Job
from hikaku.execution.orders import Pool
from hikaku.execution.plan import Plan
from hikaku.run.identify import Identified


def _kind(job: AnyJob) -> object:
    """Return what jobs have in common of which one need be tried; None where it is not known."""
    if not isinstance(job, Job) or not job.kind:
        return None
    init = job.work.recipe.init
    return job.kind, job.arithmetic, init.name if init else ""


def try_arms(known: Identified, todo: Plan, pool: Pool) -> None:
    """Try every arm that has trials to train; raise all that is wrong at once, base first.

    Of arms that are one program, whose first weights come from one technique, the first is tried.
    """
    kinds: dict[object, tuple[str, AnyJob]] = {}
    for key, _ in todo.trials:
        (arm, _), job = known.names(key), known.job(key)
        kinds.setdefault(_kind(job) or arm, (arm, job))
    jobs = dict(kinds.values())
    errors = {known.names(key)[0]: error for key, error in check(list(jobs.values()), pool)}
    found: dict[str, Fault] = {}
    for arm in (arm for arm in jobs if arm in errors):
        for fault in errors[arm].faults:
            # What is wrong with base is wrong with most variants too; once is enough.
            found.setdefault(
                fault.text(),
                replace(fault, where=f"{known.study.name} ({arm}): {fault.where}".strip()),
            )
    StudyError.gather(found.values())
