"""Group normalisation: channels in groups, every sample by itself.

Between layer norm (one group) and instance norm (a group for each channel). It does not look at
the batch, and keeps most of what batch norm gives convolutional networks, so it stands in for it
where batches are small. The largest number of groups up to `groups` that divides the channels is
taken.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import torch
from torch import Tensor, nn

from hikaku.models.sites import Site, Sites
from hikaku.models.surgery import Surgery
from hikaku.study.card import Card, Flag, Patterns, PositiveCount, StaticPositive
from hikaku.techniques.parts import behind

CARD = Card(
    slot="layers",
    family="normalisation",
    claim="Norms over groups of channels do nearly what batch norm does, whatever the batch.",
    formula="γ·(x − mean)/√(var + eps) + β, mean and variance over each group of each sample",
    paper="Wu & He 2018, Group Normalization, ECCV, arXiv:1803.08494",
    year=2018,
    helps="Convolutional networks with small batches.",
    hurts="Large batches, where batch norm is better and regularises a little.",
    cost="Two passes over the activations.",
    pitfalls="The number of groups must divide the channels: with few channels it is fewer "
    "than 32.",
    version=2,
)


@dataclass(frozen=True)
class GroupNorm:
    """Normalise groups of channels behind every weight but the head."""

    groups: PositiveCount = 32
    eps: StaticPositive = 1e-5
    affine: Flag = True
    place: Literal["before", "after"] = "before"
    at: Patterns = ()

    def edit(self, model: Surgery, sites: Sites) -> None:
        """Ask for a norm of its own at every chosen weight."""
        for weight in sites.weights(at=self.at):
            end = behind(weight, sites, self.place)
            model.insert(end, "output", self._layer(weight, end), "normalisation", "group-norm")

    def _layer(self, weight: Site, end: Site) -> nn.Module:
        last = weight.op == "linear"
        channels = end.outputs[-1 if last else 0]
        groups = next(n for n in range(min(self.groups, channels), 0, -1) if channels % n == 0)
        return _Grouped(groups, channels, self.eps, self.affine, last)


class _Grouped(nn.Module):
    """Group normalisation written out: torch's kernel cannot be lifted over many trials.

    Channels are the last dimension where `last` is true, and the one after the batch elsewhere.
    """

    def __init__(self, groups: int, channels: int, eps: float, affine: bool, last: bool) -> None:
        super().__init__()
        self.groups, self.eps, self.last = groups, eps, last
        self.weight = nn.Parameter(torch.ones(channels)) if affine else None
        self.bias = nn.Parameter(torch.zeros(channels)) if affine else None

    def forward(self, x: Tensor) -> Tensor:
        """Return `x` with its groups of channels normalised, sample by sample."""
        if self.last and x.dim() > 2:
            return self._normalised(x.movedim(-1, 1)).movedim(1, -1)
        return self._normalised(x)

    def _normalised(self, x: Tensor) -> Tensor:
        parts = x.reshape(len(x), self.groups, -1)
        centred = parts - parts.mean(2, keepdim=True)
        spread = ((centred * centred).mean(2, keepdim=True) + self.eps).sqrt()
        found = (centred / spread).reshape(x.shape)
        if self.weight is None or self.bias is None:
            return found
        shape = (1, -1, *(1,) * (x.dim() - 2))
        return found * self.weight.reshape(shape) + self.bias.reshape(shape)
