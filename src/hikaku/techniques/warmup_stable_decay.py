"""Warm-up, stable, decay: a trapezium.

The rate climbs over `warmup` epochs, stays at 1, and falls in a line to 0 over the last share
`decay` of the training. Until the decay begins nothing hangs on the length of the training, so one
run can be continued, or decayed at several points.
"""

from __future__ import annotations

from dataclasses import dataclass

from torch import Tensor

from hikaku.study.card import Card, StaticFraction, StaticNonNegative
from hikaku.techniques.slots import History, Moment

CARD = Card(
    slot="schedule",
    family="schedule",
    claim="A constant rate with a short decay at the end does as well as a cosine.",
    formula="min((t+1)/W, 1, (T−t)/(decay·T)), W = warmup · updates per epoch",
    paper="Hägele et al. 2024, Scaling Laws and Compute-Optimal Training Beyond Fixed Training "
    "Durations, NeurIPS, arXiv:2405.18392; Hu et al. 2024, MiniCPM, arXiv:2404.06395",
    year=2024,
    helps="Trainings whose length is decided later.",
    hurts="Short ones: while the rate is high the loss looks bad.",
    cost="None.",
    pitfalls="Compare after the decay, never before.",
    off={"warmup": 0.0, "decay": 0.0},
)


@dataclass(frozen=True)
class WarmupStableDecay:
    """Climb over `warmup` epochs, stay at 1, fall to 0 over the last share `decay`."""

    warmup: StaticNonNegative = 1.0
    decay: StaticFraction = 0.2

    def rate(self, moment: Moment, history: History) -> float | Tensor:
        """Return the factor of this update."""
        facts = moment.facts
        climb, left = self.warmup * facts.steps_per_epoch, facts.steps - moment.step
        up = min(1.0, (moment.step + 1) / climb) if climb else 1.0
        down = min(1.0, left / (self.decay * facts.steps)) if self.decay else 1.0
        return min(up, down)
