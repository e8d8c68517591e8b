"""Spatial dropout: whole feature maps are off by chance.

Neighbouring places of a map say nearly the same, so dropping single ones hides nothing. This drops
whole channels behind convolutions, all places at once.
"""

from __future__ import annotations

from dataclasses import dataclass

from hikaku.models import noise
from hikaku.models.sites import Sites
from hikaku.models.surgery import Surgery
from hikaku.study.card import Card, Patterns, Share
from hikaku.techniques.parts import behind

CARD = Card(
    slot="layers",
    family="regularisation",
    claim="Dropping whole feature maps regularises convolutions, where single units do not.",
    formula="x[c] ← x[c] · [u ≥ p] / (1 − p), one u for each channel of a sample; in evaluation x",
    paper="Tompson et al. 2015, Efficient Object Localization Using Convolutional Networks, "
    "CVPR, arXiv:1411.4280",
    year=2015,
    helps="Convolutional layers that over-fit.",
    hurts="Narrow layers: a lost channel is a lost feature.",
    cost="One random number per channel.",
    pitfalls="PyTorch's Dropout2d on (n, features) acts as plain dropout; this refuses where "
    "no convolution is.",
    off={"p": 0.0},
    needs="maps",
)


@dataclass(frozen=True)
class SpatialDropout:
    """Zero whole channels with probability `p` behind the activation of every convolution."""

    p: Share = 0.1
    at: Patterns = ()

    def edit(self, model: Surgery, sites: Sites) -> None:
        """Ask for a noise layer behind every chosen convolution."""
        for weight in sites.weights("conv", at=self.at):
            end = behind(weight, sites, "after")
            places = (1,) * (len(end.outputs) - 1)
            layer = noise.Dropout(self.p, (end.outputs[0], *places))
            model.insert(end, "output", layer, "noise", "spatial-dropout")
