"""Weight standardisation: each unit's weights have mean 0 and variance 1.

Not the activations are normalised but the weights, anew in every forward pass: each unit's mean
is taken away and the rest divided by its deviation. The landscape becomes smoother. It is made to
stand in front of group norm where batches are too small for batch norm. By default it acts on
every convolution; on dense layers where `at` names them.
"""

from __future__ import annotations

from dataclasses import dataclass

from torch import Tensor, nn

from hikaku.models.sites import Sites
from hikaku.models.surgery import Surgery
from hikaku.study.card import Card, Patterns, StaticPositive

CARD = Card(
    slot="layers",
    family="normalisation",
    claim="Standardised weights smooth the loss, and let group norm do as well as batch norm.",
    formula="W ← (W − mean)/√(var + eps), mean and variance over the inputs of each unit",
    paper="Qiao et al. 2019, Micro-Batch Training with Batch-Channel Normalization and Weight "
    "Standardization, arXiv:1903.10520",
    year=2019,
    helps="Convolutional networks with small batches, beside group norm.",
    hurts="Networks without a norm behind: their outputs become as large as the inputs are many.",
    cost="A few passes over the weights, not over the activations.",
    pitfalls="Alone it throws the scale of careful first weights away. Weight decay then only "
    "changes the effective learning rate. Of a transposed convolution the rows are its inputs.",
    needs="maps",
)


@dataclass(frozen=True)
class WeightStandardisation:
    """Standardise the weights of every convolution but the head, or of what `at` names."""

    eps: StaticPositive = 1e-10
    at: Patterns = ()

    def edit(self, model: Surgery, sites: Sites) -> None:
        """Ask for it on the weight of every chosen layer."""
        for weight in sites.weights(None if self.at else "conv", self.at):
            layer = _Standardised(self.eps)
            model.insert(weight, "weight", layer, "normalisation", "weight-standardisation")


class _Standardised(nn.Module):
    """A weight, (units, …), with mean 0 and variance 1 for each unit."""

    def __init__(self, eps: float) -> None:
        super().__init__()
        self.eps = eps

    def forward(self, weight: Tensor) -> Tensor:
        """Return the weight standardised."""
        dims = tuple(range(1, weight.dim()))
        centred = weight - weight.mean(dims, keepdim=True)
        return centred / ((centred * centred).mean(dims, keepdim=True) + self.eps).sqrt()
