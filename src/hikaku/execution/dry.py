"""An arm is tried before anything trains: built, updated twice, read and judged once."""

from __future__ import annotations

import math

from hikaku.errors import StudyError
from hikaku.execution.job import Job
from hikaku.execution.plain import Prepared, prepare_process, prepared
from hikaku.execution.unchanged import check_files
from hikaku.training.repeatable import refuse_unrepeatable
from hikaku.training.stack import Trained
from hikaku.words import message

FEW = 16
"""Samples of each split that a dry run looks at."""

UPDATES = 2

CLOSE = 1e-2
"""Two engines agree far better in a loss after two updates, in float32 too."""


def dry_run(job: Job) -> None:
    """Raise what is wrong with this arm: build it, make two updates, read and judge it once.

    A few samples of each split are enough for that, but for two whole batches to train on.
    """
    check_files(job)
    few = max(FEW, 2 * job.work.recipe.batch_size)
    trial = prepared(job, few)
    refuse_nothing(trial)
    refuse_unrepeatable(job.work, trial.ground.sample, job.seed, job.folder)
    prepare_process()
    trained = trial.train(lambda seen: None, limit=UPDATES)
    if job.arithmetic.engine != "plain":
        refuse_other_numbers(job, few, trained)


def are_close(one: float, other: float) -> bool:
    """Return whether two engines mean the same by these losses; neither need be finite."""
    if not math.isfinite(one) or not math.isfinite(other):
        return math.isfinite(one) == math.isfinite(other)
    return math.isclose(one, other, rel_tol=CLOSE, abs_tol=CLOSE)


def refuse_other_numbers(job: Job, few: int, trained: Trained) -> None:
    """Raise `StudyError` where the job's engine does not give what the plain step gave."""
    from hikaku.execution.together import prepared_together, trained_together

    # A trial of its own: the models of the other have been moved and run.
    trials = list(prepared_together([job], few))
    ((_, other),) = trained_together(trials, lambda lane, seen: None, UPDATES)
    # Where one diverges the other may an update later: what both have read is compared.
    for one, same in zip(trained.records, other.records, strict=False):
        if one.metric == "loss" and not are_close(one.value, same.value):
            raise StudyError.of(
                message(
                    "the {engine} engine gives another {split} loss than the plain step: {other}, "
                    "not {value}",
                    engine=job.arithmetic.engine,
                    split=one.split,
                    other=same.value,
                    value=one.value,
                ),
                mend=message("write --engine plain, and tell us of this model"),
            )


def refuse_nothing(trial: Prepared) -> None:
    """Raise `StudyError` where a trial makes no update."""
    if trial.size.steps < 1:
        raise StudyError.of(
            message("recipe: there is nothing to train"),
            why=message("{n} training samples give no update", n=trial.ground.samples[0]),
            mend=message("raise data.train, recipe.epochs or recipe.steps"),
        )
