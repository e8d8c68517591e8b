"""Batch normalisation: every unit sees inputs of mean 0 and variance 1, batch by batch.

Each channel is shifted and scaled by the mean and variance of the batch, then by two learnt
numbers (γ from 1, β from 0; none with `affine = false`). Training bears larger rates and worse
first weights, and the noise of the batch regularises. In evaluation the running figures stand in:
after every batch they move by `momentum`, the *new* batch's share, as in PyTorch (Keras' .99 is
.01 here). `running_start = "zero"` starts the running variance at 0 instead of 1, as the book
"Deep Learning from Scratch" does: at first the evaluated network then differs much. By default it
stands between every weight but the head and its activation; `place = "after"` puts it behind.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from hikaku.models.sites import Sites
from hikaku.models.surgery import Surgery
from hikaku.study.card import Card, Flag, Patterns, StaticFraction, StaticPositive
from hikaku.techniques import parts

CARD = Card(
    slot="layers",
    family="normalisation",
    claim="Faster learning, less dependence on the first weights, some regularisation.",
    formula="γ·(x − mean)/√(var + eps) + β; running ← (1−momentum)·running + momentum·batch",
    paper="Ioffe & Szegedy 2015, Batch Normalization, ICML, arXiv:1502.03167",
    year=2015,
    helps="Convolutional and deep networks, sigmoid networks, high learning rates.",
    hurts="Small batches, and data whose train and test distributions differ.",
    cost="Two parameters and two running figures per channel; two passes over each output.",
    pitfalls="A batch of one cannot be normalised. The bias in front of it is dead: its gradient "
    "is 0. The running variance is the unbiased one, as in PyTorch; some books take the biased.",
    twin="hikaku.reference.norms:BatchNormalization",
)


@dataclass(frozen=True)
class BatchNorm:
    """Normalise the output of every weight but the head, "before" or "after" its activation."""

    eps: StaticPositive = 1e-5
    momentum: StaticFraction = 0.1
    running_start: Literal["torch", "zero"] = "torch"
    affine: Flag = True
    place: Literal["before", "after"] = "before"
    at: Patterns = ()

    def edit(self, model: Surgery, sites: Sites) -> None:
        """Ask for a norm of its own at every chosen weight."""
        for weight in sites.weights(at=self.at):
            end = parts.behind(weight, sites, self.place)
            last = weight.op == "linear"
            norm = parts.BatchNorm(
                end.outputs[-1 if last else 0],
                self.eps,
                self.momentum,
                start=0.0 if self.running_start == "zero" else 1.0,
                affine=self.affine,
                last=last,
            )
            model.insert(end, "output", norm, "normalisation", "batch-norm")
