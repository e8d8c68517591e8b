"""Mean absolute error: how far the prediction is from the value.

Its minimum is the conditional *median*, and an outlier pulls no more than any other sample. The
pull does not weaken near the value, so training wobbles around it until the rate falls.
"""

from __future__ import annotations

from dataclasses import dataclass

from torch import Tensor

from hikaku.study.card import Card
from hikaku.techniques.slots import Moment

CARD = Card(
    slot="loss",
    family="loss",
    claim="Its minimum is the median, which outliers do not move.",
    formula="mean |z − t|",
    paper="Boscovich 1757; Koenker & Bassett 1978, Regression Quantiles, Econometrica 46",
    year=1978,
    helps="Regression with outliers.",
    hurts="Where the mean is wanted; near the optimum, where its pull does not weaken.",
    cost="One subtraction per output.",
    pitfalls="Its size is not that of a squared error: tune lr anew.",
    twin="hikaku.reference.losses:mean_absolute_error",
)


@dataclass(frozen=True)
class MeanAbsoluteError:
    """The mean of the absolute differences, over samples and outputs alike."""

    mean_over_samples = True

    def loss(self, logits: Tensor, target: Tensor, moment: Moment) -> Tensor:
        """Return the mean loss, 0-d; `target` has as many numbers as the logits."""
        return (logits - target.reshape(logits.shape)).abs().mean()
