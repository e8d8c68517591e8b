"""RMS normalisation: layer norm without the mean.

Outputs are divided by their root mean square and scaled; no mean is taken off and nothing is
added. Cheaper than layer norm and as good in transformers.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

from torch import Tensor, nn

from hikaku.models.sites import Site, Sites
from hikaku.models.surgery import Surgery
from hikaku.study.card import Card, Flag, Patterns, StaticPositive
from hikaku.techniques.parts import behind

CARD = Card(
    slot="layers",
    family="normalisation",
    claim="The scale is what normalisation is about; the mean can stay.",
    formula="γ·x/√(mean x² + eps)",
    paper="Zhang & Sennrich 2019, Root Mean Square Layer Normalization, NeurIPS, arXiv:1910.07467",
    year=2019,
    helps="Transformers.",
    hurts="Layers whose mean drifts.",
    cost="One pass over the activations.",
    pitfalls="PyTorch's own eps is the smallest step of the dtype; ours is 1e-6.",
    version=2,
)


@dataclass(frozen=True)
class RMSNorm:
    """Divide by the root mean square of each sample behind every weight but the head."""

    eps: StaticPositive = 1e-6
    affine: Flag = True
    place: Literal["before", "after"] = "before"
    at: Patterns = ()

    def edit(self, model: Surgery, sites: Sites) -> None:
        """Ask for a norm of its own at every chosen weight."""
        for weight in sites.weights(at=self.at):
            end = behind(weight, sites, self.place)
            model.insert(end, "output", self._layer(weight, end), "normalisation", "rms-norm")

    def _layer(self, weight: Site, end: Site) -> nn.Module:
        if weight.op == "linear":
            return nn.RMSNorm(end.outputs[-1], self.eps, self.affine)
        return _OfSamples(math.prod(end.outputs), self.eps, self.affine)


class _OfSamples(nn.RMSNorm):
    """RMS norm of whole samples; its learnt numbers have one dimension, as every norm's."""

    def forward(self, x: Tensor) -> Tensor:
        """Return `x`, (batch, channels, …), normalised."""
        return super().forward(x.flatten(1)).reshape(x.shape)
