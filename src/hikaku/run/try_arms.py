"""Every arm is tried before anything trains, so that a mistake costs no hour of training."""

from __future__ import annotations

from dataclasses import replace

from hikaku.errors import Fault, StudyError
from hikaku.execution.dispatch import check
from hikaku.execution.job import AnyJob
from hikaku.execution.orders import Pool
from hikaku.execution.plan import Plan
from hikaku.run.identify import Identified


def try_arms(known: Identified, todo: Plan, pool: Pool) -> None:
    """Try every arm that has trials to train; raise all that is wrong at once, base first."""
    jobs: dict[str, AnyJob] = {}
    for key, _ in todo.trials:
        jobs.setdefault(known.names(key)[0], known.job(key))
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
