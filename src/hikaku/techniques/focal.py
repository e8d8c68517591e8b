"""Focal loss: samples that are right already count less.

The cross-entropy of each class is weighed by (1 − p)^`gamma`, p the probability that it got. A
sample that is known with p = .9 counts a hundredth at gamma 2, so learning turns to the hard ones.
Made for detectors, where easy background is a thousand times as frequent as objects. With `gamma`
0 it is cross-entropy.
"""

from __future__ import annotations

from dataclasses import dataclass

from torch import Tensor

from hikaku.study.card import Card, StaticNonNegative
from hikaku.techniques.slots import Moment

CARD = Card(
    slot="loss",
    family="loss",
    claim="Turning to hard samples helps where easy ones are a great majority.",
    formula="−Σ t·(1 − p)^gamma · log p",
    paper="Lin et al. 2017, Focal Loss for Dense Object Detection, ICCV, arXiv:1708.02002",
    year=2017,
    helps="Strongly unequal classes, detectors.",
    hurts="Noisy labels, which are the hardest samples of all.",
    cost="One power per class and sample.",
    pitfalls="The paper's α, a weight for each class, is not part of it: see class-balanced.",
    off={"gamma": 0.0},
    needs="classes",
)


@dataclass(frozen=True)
class Focal:
    """Weigh each class's cross-entropy by (1 − p)^`gamma`."""

    gamma: StaticNonNegative = 2.0

    mean_over_samples = True

    def loss(self, logits: Tensor, target: Tensor, moment: Moment) -> Tensor:
        """Return the mean loss, 0-d; both arguments are (batch, classes)."""
        log_p = logits.log_softmax(1)
        # At p = 1 a power has no finite slope below gamma 1; a hair below it has.
        missing = (1 - log_p.exp()).clamp(min=1e-12)
        return -(target * missing**self.gamma * log_p).sum(1).mean()
