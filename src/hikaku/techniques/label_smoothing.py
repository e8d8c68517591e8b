"""Label smoothing: do not ask the network to be certain.

Plain cross-entropy is never satisfied: it goes on pushing the logits of samples that are long
since right. Taking a little of every target and sharing it out among all classes puts an end to
it, so that weights stay smaller and probabilities honest. The trained loss then no longer goes to
zero and cannot be compared with the base's: compare the plain cross-entropy, which is always
measured beside it. Targets that something else has already smoothed are smoothed twice.
"""

from __future__ import annotations

from dataclasses import dataclass

from torch import Tensor

from hikaku.study.card import Card, Fraction
from hikaku.techniques.slots import Moment

CARD = Card(
    slot="loss",
    family="regularisation",
    claim="Softer targets generalise better and give better calibrated probabilities.",
    formula="cross-entropy with t ← (1 − amount)·t + amount/classes",
    paper="Szegedy et al. 2016, Rethinking the Inception Architecture, CVPR, arXiv:1512.00567",
    year=2016,
    helps="Over-confident networks, noisy labels, many classes.",
    hurts="Where the network is to teach another one, or its logits are used for ranking.",
    cost="One multiplication and one addition per class and sample.",
    pitfalls="The trained loss is not comparable with the base's. MixUp smooths already.",
    off={"amount": 0.0},
    twin="hikaku.reference.losses:smoothed_cross_entropy",
    needs="classes",
)


@dataclass(frozen=True)
class LabelSmoothing:
    """Give every class an equal share of `amount`; the true class keeps the rest."""

    amount: Fraction = 0.1

    mean_over_samples = True

    def loss(self, logits: Tensor, target: Tensor, moment: Moment) -> Tensor:
        """Return the mean loss, 0-d; both arguments are (batch, classes)."""
        smooth = (1 - self.amount) * target + self.amount / target.shape[1]
        return -(smooth * logits.log_softmax(1)).sum(1).mean()
