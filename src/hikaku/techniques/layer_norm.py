"""Layer normalisation: every sample by itself.

Each sample's outputs of a layer are brought to mean 0 and spread 1, then scaled and shifted by
learnt numbers. Nothing hangs on the batch, so training and evaluation are alike and a batch of one
is fine. Behind a dense layer the features are normalised. Behind a convolution it is the whole
sample, channels and places together, with a scale and a shift for each number of it; or, where
`over` is "channels", the channels at each place by themselves, with a scale and a shift for each
channel.
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
    claim="Normalising each sample trains deep networks without looking at the batch.",
    formula="γ·(x − mean)/√(var + eps) + β, mean and variance over each sample's outputs",
    paper="Ba, Kiros & Hinton 2016, Layer Normalization, arXiv:1607.06450",
    year=2016,
    helps="Transformers, recurrent networks, small batches.",
    hurts="Convolutional networks: it mixes channels of different meaning.",
    cost="Two passes over the activations; a scale and a shift for each number of a sample.",
    pitfalls="Keras's LayerNormalization() behind a convolution, and the norms of ConvNeXt, are "
    'those with over = "channels".',
    version=2,
)


@dataclass(frozen=True)
class LayerNorm:
    """Normalise each sample behind every weight but the head, before or after its activation."""

    eps: StaticPositive = 1e-5
    affine: Flag = True
    place: Literal["before", "after"] = "before"
    at: Patterns = ()
    over: Literal["sample", "channels"] = "sample"

    def edit(self, model: Surgery, sites: Sites) -> None:
        """Ask for a norm of its own at every chosen weight."""
        for weight in sites.weights(at=self.at):
            end = behind(weight, sites, self.place)
            model.insert(end, "output", self._layer(weight, end), "normalisation", "layer-norm")

    def _layer(self, weight: Site, end: Site) -> nn.Module:
        if weight.op == "linear":
            return nn.LayerNorm(end.outputs[-1], self.eps, self.affine)
        if self.over == "channels":
            return _OfPlaces(end.outputs[0], self.eps, self.affine)
        return _OfSamples(math.prod(end.outputs), self.eps, self.affine)


class _OfSamples(nn.LayerNorm):
    """Layer norm of whole samples; its learnt numbers have one dimension, as every norm's."""

    def forward(self, x: Tensor) -> Tensor:
        """Return `x`, (batch, channels, …), normalised."""
        return super().forward(x.flatten(1)).reshape(x.shape)


class _OfPlaces(nn.LayerNorm):
    """Layer norm of the channels at each place."""

    def forward(self, x: Tensor) -> Tensor:
        """Return `x`, (batch, channels, …), normalised."""
        return super().forward(x.movedim(1, -1)).movedim(-1, 1)
