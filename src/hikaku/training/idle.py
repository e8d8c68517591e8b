"""Whether a schedule lets the first epoch go by without a step."""

from __future__ import annotations

import torch

from hikaku.draws import Draws
from hikaku.techniques.slots import History
from hikaku.training.program import Program, moment_at
from hikaku.training.step import own


def first_epoch_is_idle(program: Program) -> bool:
    """Return whether the rate is 0 at the first and at the last update of the first epoch.

    Asked of our own schedules alone, which look at no sample: another's may count its calls.
    """
    schedule, draws = program.slots.schedule, Draws(program.seed)
    if not type(schedule).__module__.startswith("hikaku."):
        return False
    moments = (
        moment_at(program, update, torch.zeros(0), draws)
        for update in (0, program.facts.steps_per_epoch - 1)
    )
    return all(float(schedule.rate(own(moment, schedule), History())) == 0 for moment in moments)
