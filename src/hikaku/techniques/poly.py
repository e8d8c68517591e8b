"""PolyLoss: cross-entropy with a word more for sure answers.

Cross-entropy is a sum of powers of 1 − p. This loss adds `amount` times the first of them, so an
answer that is nearly right is still pulled. With `amount` 0 it is cross-entropy.
"""

from __future__ import annotations

from dataclasses import dataclass

from torch import Tensor

from hikaku.study.card import Card, Real
from hikaku.techniques.slots import Moment

CARD = Card(
    slot="loss",
    family="loss",
    claim="One more term of the cross-entropy's series, well chosen, improves accuracy.",
    formula="−Σ t·log p + amount·(1 − Σ t·p)",
    paper="Leng et al. 2022, PolyLoss: A Polynomial Expansion Perspective of Classification "
    "Loss Functions, ICLR, arXiv:2204.12511",
    year=2022,
    helps="Image classification at the end of a long training.",
    hurts="Where answers should be honest probabilities: it makes them surer.",
    cost="One sum per sample.",
    pitfalls="Only the plain cross-entropy can be compared with base's.",
    off={"amount": 0.0},
    needs="classes",
)


@dataclass(frozen=True)
class Poly:
    """Add `amount` · (1 − p) of the true class to the cross-entropy."""

    amount: Real = 1.0

    mean_over_samples = True

    def loss(self, logits: Tensor, target: Tensor, moment: Moment) -> Tensor:
        """Return the mean loss, 0-d; both arguments are (batch, classes)."""
        log_p = logits.log_softmax(1)
        right = (target * log_p.exp()).sum(1)
        return (-(target * log_p).sum(1) + (1 - right) * self.amount).mean()
