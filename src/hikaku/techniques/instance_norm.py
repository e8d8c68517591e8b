"""Instance normalisation: every channel of every sample.

Contrast and brightness of each feature map are taken off, which is what style transfer wants; for
classification they may be what tells the classes apart. With one sample in the batch it is batch
norm in training. It needs places to average over, so it goes behind convolutions only.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from torch import nn

from hikaku.models.sites import Site, Sites
from hikaku.models.surgery import Surgery
from hikaku.study.card import Card, Flag, Patterns, StaticPositive
from hikaku.techniques.parts import behind

CARD = Card(
    slot="layers",
    family="normalisation",
    claim="Taking contrast off each feature map keeps content and drops style.",
    formula="γ·(x − mean)/√(var + eps) + β, mean and variance over the places of each channel",
    paper="Ulyanov, Vedaldi & Lempitsky 2016, Instance Normalization, arXiv:1607.08022",
    year=2016,
    helps="Style transfer, generators.",
    hurts="Classification, where contrast tells something; maps of one place.",
    cost="Two passes over the activations.",
    pitfalls="PyTorch's own default has no scale and shift (affine = false).",
    needs="maps",
)


@dataclass(frozen=True)
class InstanceNorm:
    """Normalise every channel of every sample behind every convolution."""

    eps: StaticPositive = 1e-5
    affine: Flag = True
    place: Literal["before", "after"] = "before"
    at: Patterns = ()

    def edit(self, model: Surgery, sites: Sites) -> None:
        """Ask for a norm of its own at every chosen weight."""
        for weight in sites.weights("conv", at=self.at):
            end = behind(weight, sites, self.place)
            model.insert(end, "output", self._layer(weight, end), "normalisation", "instance-norm")

    def _layer(self, weight: Site, end: Site) -> nn.Module:
        kinds = {2: nn.InstanceNorm1d, 3: nn.InstanceNorm2d, 4: nn.InstanceNorm3d}
        return kinds[len(end.outputs)](end.outputs[0], eps=self.eps, affine=self.affine)
