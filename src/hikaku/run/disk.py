"""How much room on the disk the trials of a plan will take, before any of them is trained."""

from __future__ import annotations

from hikaku.execution.plan import Plan
from hikaku.run.identify import Identified
from hikaku.study.recipe import Recipe
from hikaku.study.study import Training
from hikaku.study.trial import Trial
from hikaku.training.size import size

TRIAL, RECORD, WEIGHT = 4_000, 100, 4
"""Bytes in the store: of a trial and its arrays, of one number with its index, of a weight."""
EACH = 6
"""Numbers of an evaluation: loss and accuracy, on train, in training mode and on validation."""


def room(known: Identified, todo: Plan) -> float:
    """Return about how many bytes these trials will take, their kept weights among them."""
    arms: set[str] = set()
    total = 0.0
    for key, trial in todo.trials:
        arm, _ = known.names(key)
        evaluations = _evaluations(trial, known, arm)
        total += TRIAL + RECORD * EACH * evaluations
        if known.study.keep.seeds == "all" or arm not in arms:
            total += _weights(known, arm, evaluations)
        arms.add(arm)
    return total


def room_text(amount: float) -> str:
    """Return an amount of bytes with its unit.

    >>> room_text(2e4), room_text(3.456e8), room_text(2.1e10)
    ('1 MB', '346 MB', '21 GB')
    """
    mega = max(1, round(amount / 1e6))
    return f"{mega} MB" if mega < 1000 else f"{amount / 1e9:,.3g} GB"


def _evaluations(trial: Trial, known: Identified, arm: str) -> int:
    if not isinstance(trial.work, Training):
        return 1
    recipe: Recipe = trial.work.recipe
    work, when = size(recipe, known.sizes[arm].train), recipe.evaluate_every
    every = when.every * (work.steps_per_epoch if when.unit == "epoch" else 1)
    return 1 + work.steps // every


def _weights(known: Identified, arm: str, evaluations: int) -> float:
    keep, survey = known.study.keep, known.surveys.get(known.twins.arm(arm))
    if keep.weights == "none" or survey is None or arm in known.twins.of:
        return 0
    files = max(1, evaluations // keep.every) if keep.weights == "all" else 1
    return float(WEIGHT * survey.parameters * files)
