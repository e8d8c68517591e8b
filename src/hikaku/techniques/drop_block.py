"""DropBlock: whole squares of the feature maps are off by chance.

Neighbouring places of a map say nearly the same, so dropout of single ones hides nothing. Here
every place that drops takes the square of `block` × `block` around it with it, each channel by
itself, and what is left of a sample is scaled up so that its sum stays. `p` is about the share of
places that are off. Where a map is smaller than `block`, the block is as large as the map. It
stands behind the activation of every convolution.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional as F

from hikaku.models.noise import NoiseLayer
from hikaku.models.sites import Sites
from hikaku.models.surgery import Surgery
from hikaku.study.card import Card, Patterns, PositiveCount, Share
from hikaku.techniques.parts import behind

CARD = Card(
    slot="layers",
    family="regularisation",
    claim="Dropping whole regions of feature maps regularises convolutions, single units do not.",
    formula="x ← x·m·|m|/Σm, m = 0 on squares around places with u < γ, "
    "γ = p/block² · h·w/((h − block + 1)(w − block + 1)); in evaluation x",
    paper="Ghiasi, Lin & Le 2018, DropBlock: A regularization method for convolutional networks, "
    "NeurIPS, arXiv:1810.12890",
    year=2018,
    helps="Convolutional networks on larger images that over-fit.",
    hurts="Small maps and short trainings.",
    cost="One random number and one pooling per unit.",
    pitfalls="The paper raises p from 0 during the training; here it stays. It scales by the whole "
    "batch, here each sample by itself, so that no sample learns of another.",
    off={"p": 0.0},
)


@dataclass(frozen=True)
class DropBlock:
    """Zero squares of the maps, about the share `p` of them, behind every convolution."""

    p: Share = 0.1
    block: PositiveCount = 7
    at: Patterns = ()

    def edit(self, model: Surgery, sites: Sites) -> None:
        """Ask for a noise layer behind every chosen convolution."""
        for weight in sites.weights("conv", at=self.at):
            end = behind(weight, sites, "after")
            layer = Blocks(self.p, self.block, end.outputs)
            model.insert(end, "output", layer, "noise", "drop-block")


class Blocks(NoiseLayer):
    """Zero squares around chosen places of each map of (batch, channels, height, width)."""

    p: Tensor

    def __init__(self, p: float | Tensor, block: int, features: tuple[int, ...]) -> None:
        super().__init__(features)
        self.block = min(block, *features[1:])
        self.register_buffer("p", torch.as_tensor(p, dtype=torch.float64), persistent=False)

    def wanted(self, shape: tuple[int, ...]) -> tuple[int, ...]:
        """Return the shape of the noise: one number for every square that fits into the map."""
        batch, channels, height, width = super().wanted(shape)
        return (batch, channels, height - self.block + 1, width - self.block + 1)

    def forward(self, x: Tensor) -> Tensor:
        """Return `x` with squares dropped while training."""
        if not self.training:
            return x
        noise = self.handed_in(x)
        share = x[0, 0].numel() / noise[0, 0].numel() / self.block**2
        seeds = (noise < self.p * share).to(x.dtype)
        edge = self.block - 1
        squares = F.pad(seeds, (edge, edge, edge, edge))
        kept = 1 - F.max_pool2d(squares, self.block, stride=1)
        return x * kept / kept.mean((1, 2, 3), keepdim=True).clamp(min=1e-6)
