"""Huber loss: squares for small errors, absolute values for large ones.

Below `delta` it is half the squared error and settles smoothly; above it grows in a line, so
outliers do not lead. Scale the targets: `delta` is in their unit.
"""

from __future__ import annotations

from dataclasses import dataclass

from torch import Tensor

from hikaku.study.card import Card, StaticPositive
from hikaku.techniques.slots import Moment

CARD = Card(
    slot="loss",
    family="loss",
    claim="As smooth as squares near the value, as robust as absolute values far from it.",
    formula="mean of ½d² where |d| ≤ delta, delta·(|d| − ½delta) elsewhere, d = z − t",
    paper="Huber 1964, Robust Estimation of a Location Parameter, Annals of Math. Statistics 35",
    year=1964,
    helps="Regression with some outliers.",
    hurts="Where delta is far from the errors' size.",
    cost="One comparison more than the squared error.",
    pitfalls="There is a factor ½ here, and none in `mse`.",
    twin="hikaku.reference.losses:huber",
)


@dataclass(frozen=True)
class Huber:
    """Half a square up to `delta`, a line of the same slope beyond."""

    delta: StaticPositive = 1.0

    mean_over_samples = True

    def loss(self, logits: Tensor, target: Tensor, moment: Moment) -> Tensor:
        """Return the mean loss, 0-d; `target` has as many numbers as the logits."""
        away = (logits - target.reshape(logits.shape)).abs()
        near = away.clamp(max=self.delta)
        return (near * (away - 0.5 * near)).mean()
