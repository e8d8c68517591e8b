"""Confidence penalty: a price on being sure.

The entropy of the answer is subtracted from the loss, so an answer that puts everything on one
class pays. Like label smoothing, but each answer is spread as it likes: over the classes that come
close.
"""

from __future__ import annotations

from dataclasses import dataclass

from torch import Tensor

from hikaku.study.card import Card, NonNegative
from hikaku.techniques.slots import Moment

CARD = Card(
    slot="loss",
    family="regularisation",
    claim="Paying for certainty generalises better and gives more honest probabilities.",
    formula="−Σ t·log p − amount·H(p), H(p) = −Σ p·log p",
    paper="Pereyra et al. 2017, Regularizing Neural Networks by Penalizing Confident Output "
    "Distributions, arXiv:1701.06548",
    year=2017,
    helps="Over-confident networks.",
    hurts="Large amounts: no answer is ever sure.",
    cost="One product per class and sample.",
    pitfalls="The trained loss is not comparable with the base's.",
    off={"amount": 0.0},
    needs="classes",
)


@dataclass(frozen=True)
class ConfidencePenalty:
    """Subtract `amount` times the entropy of the answer from the cross-entropy."""

    amount: NonNegative = 0.1

    mean_over_samples = True

    def loss(self, logits: Tensor, target: Tensor, moment: Moment) -> Tensor:
        """Return the mean loss, 0-d; both arguments are (batch, classes)."""
        log_p = logits.log_softmax(1)
        entropy = -(log_p.exp() * log_p).sum(1)
        return (-(target * log_p).sum(1) - entropy * self.amount).mean()
