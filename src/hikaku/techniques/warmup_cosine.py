"""Warm-up, then cosine decay: the shark's fin.

The first gradients are wild and Adam's estimates are young, so the rate climbs in a line from
`start` to 1 over `warmup` epochs; then half a cosine brings it down to `floor` at the end of the
planned training, so that the weights settle. Update by update, the first one already has a share
of the rate, start + (1 − start) / (updates of the warm-up), and the last one stands just above
`floor`: no update is wasted. `every = "epoch"` is the habit of many tutorials: the rate stands
still within an epoch at the value of its beginning, so with `start` 0 the whole first epoch has
rate 0 and learns nothing. The end is the *planned* one: early stopping cuts the settling off.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

from torch import Tensor

from hikaku.study.card import Card, Fraction, StaticNonNegative
from hikaku.techniques.slots import History, Moment

CARD = Card(
    slot="schedule",
    family="schedule",
    claim="A gentle start and a slow landing reach better weights than one constant rate.",
    formula="start + (1−start)·(t+1)/W for t < W;  "
    "floor + (1−floor)·½(1 + cos π(t−W)/(T−W)) after;  W = warmup · updates per epoch",
    paper="Loshchilov & Hutter 2017, SGDR: Stochastic Gradient Descent with Warm Restarts, ICLR, "
    "arXiv:1608.03983; warm-up: Goyal et al. 2017, arXiv:1706.02677",
    year=2017,
    helps="Long trainings, large batches, large learning rates, transformers.",
    hurts="Trainings that are cut short: the rate has not come down yet.",
    cost="None.",
    pitfalls="The mean rate is about half of lr: tune lr in both arms. Restarts are not made.",
    off={"warmup": 0.0, "floor": 1.0},
    twin="hikaku.reference.schedules:warmup_cosine",
)


@dataclass(frozen=True)
class WarmupCosine:
    """Climb from `start` to 1 over `warmup` epochs, then fall to `floor` along half a cosine.

    `warmup` may be a fraction of an epoch; 0 begins at the full rate.
    """

    warmup: StaticNonNegative = 5.0
    start: Fraction = 0.0
    floor: Fraction = 0.0
    every: Literal["update", "epoch"] = "update"

    def rate(self, moment: Moment, history: History) -> float | Tensor:
        """Return the factor of this update, from 0 to 1."""
        per_epoch = moment.facts.steps_per_epoch
        now, ahead = (moment.step, 1) if self.every == "update" else (moment.epoch * per_epoch, 0)
        climb = self.warmup * per_epoch
        if now < climb:
            return self.start + (1 - self.start) * min(1.0, (now + ahead) / climb)
        fallen = (now - climb) / (moment.facts.steps - climb)
        return self.floor + (1 - self.floor) * (0.5 * (1 + math.cos(math.pi * fallen)))
