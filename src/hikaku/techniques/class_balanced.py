"""Class-balanced loss: rare classes weigh more, but not in full proportion.

Weighing by one over the count over-does it, since the samples of a large class repeat one another.
So the *effective* number of a class is taken, (1 − βⁿ)/(1 − β): how much n samples cover where each
covers a part of the rest. β = 0 weighs all classes alike, β near 1 by one over the count. Counts
are those of the train split; the weights sum to the number of classes, and the loss is divided by
the number of samples, not by their weights.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional as F

from hikaku.study.card import Card, Share
from hikaku.techniques.parts import number
from hikaku.techniques.slots import Moment

CARD = Card(
    slot="loss",
    family="loss",
    claim="Weighing classes by their effective number helps the rare ones.",
    formula="Σ_c w_c·(−y_c log p_c), w_c ∝ (1 − β)/(1 − β^n_c), Σ w_c = the number of classes",
    paper="Cui et al. 2019, Class-Balanced Loss Based on Effective Number of Samples, CVPR, "
    "arXiv:1901.05555",
    year=2019,
    helps="Long-tailed data, judged by all classes alike.",
    hurts="Overall accuracy on long-tailed data.",
    cost="None.",
    pitfalls="Judge it by balanced accuracy, too. On balanced classes it is cross-entropy. A class "
    "without train samples counts as if it had one.",
    off={"beta": 0.0},
    needs="classes",
)


@dataclass(frozen=True)
class ClassBalanced:
    """Cross-entropy, each class weighted by one over its effective number at `beta`."""

    beta: Share = 0.999

    mean_over_samples = True

    def loss(self, logits: Tensor, target: Tensor, moment: Moment) -> Tensor:
        """Return the mean loss; `logits` and `target` are (batch, classes)."""
        beta = self.beta if isinstance(self.beta, Tensor) else number(self.beta, {"": logits})
        counts = torch.tensor(moment.facts.class_counts, dtype=beta.dtype, device=beta.device)
        # A power as an exponential: of a lone number and of a stack it has the same bits.
        covered = -torch.expm1(counts.clamp(min=1) * beta.log())
        weights = ((1 - beta) / covered).to(logits.dtype)
        shares = weights * (len(counts) / weights.sum())
        return F.cross_entropy(logits, target * shares)
