"""Cross-entropy: how surprised the model is by the truth.

The mean of −log p(true class), p being the softmax of the logits. Its gradient with respect to
the logits is p − target: never flat where the model is wrong, which is why it beats the squared
error for classes. Targets are shares of classes, so that mixed and smoothed ones need no other
loss; a class number is a share of 1. A model of K classes that knows nothing loses log K.
"""

from __future__ import annotations

from dataclasses import dataclass

from torch import Tensor

from hikaku.study.card import Card
from hikaku.techniques.slots import Moment

CARD = Card(
    slot="loss",
    family="loss",
    claim="The right loss for classes: its gradient stays large wherever the model is wrong.",
    formula="−mean Σₖ tₖ · log softmax(z)ₖ",
    paper="Bridle 1990, Probabilistic Interpretation of Feedforward Classification Network "
    "Outputs, Neurocomputing (NATO ASI F68)",
    year=1990,
    helps="Classification, always as the reference.",
    hurts="Where labels are wrong: it never stops pushing towards certainty.",
    cost="One softmax per sample.",
    pitfalls="Takes logits: a model that ends in a softmax of its own is squashed twice.",
    twin="hikaku.reference.losses:cross_entropy",
    needs="classes",
)


@dataclass(frozen=True)
class CrossEntropy:
    """The mean negative log-probability that the model gives to the target."""

    mean_over_samples = True

    def loss(self, logits: Tensor, target: Tensor, moment: Moment) -> Tensor:
        """Return the mean loss, 0-d; both arguments are (batch, classes)."""
        return -(target * logits.log_softmax(1)).sum(1).mean()
