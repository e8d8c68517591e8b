"""Mean squared error: how far the prediction is from the value, squared.

The loss of regression: its minimum is the conditional mean. Squaring makes far-off samples count
most, so a few outliers can lead the training. It has the unit of the target squared: scale the
targets, or `lr` will not carry over. There is no factor 1/2 here, as in PyTorch.
"""

from __future__ import annotations

from dataclasses import dataclass

from torch import Tensor

from hikaku.study.card import Card
from hikaku.techniques.slots import Moment

CARD = Card(
    slot="loss",
    family="loss",
    claim="The right loss for values with normal errors: its minimum is the conditional mean.",
    formula="mean (z − t)²",
    paper="Rumelhart, Hinton & Williams 1986, Learning representations by back-propagating "
    "errors, Nature 323",
    year=1986,
    helps="Regression, always as the reference.",
    hurts="Where there are outliers; and for classes, where its gradient vanishes on sure errors.",
    cost="One subtraction and one square per output.",
    pitfalls="Some books halve it, which halves every gradient.",
    twin="hikaku.reference.losses:mean_squared_error",
)


@dataclass(frozen=True)
class MeanSquaredError:
    """The mean of the squared differences, over samples and outputs alike."""

    mean_over_samples = True

    def loss(self, logits: Tensor, target: Tensor, moment: Moment) -> Tensor:
        """Return the mean loss, 0-d; `target` is (batch,) or (batch, outputs), as many as logits.

        A model with one output, (batch, 1), meets targets (batch,) as they are meant: without
        the reshaping every prediction would be compared with every target.
        """
        difference = logits - target.reshape(logits.shape)
        return (difference * difference).mean()
