"""DropBlock: whole squares of the feature maps are off by chance.

Neighbouring places of a map say nearly the same, so dropout of single ones hides nothing. Here
every place that drops takes the square of `block` × `block` around it with it, each channel by
itself, and what is left of a sample is scaled up so that its sum stays. `p` is about the share of
places that are off. Where a map is smaller than `block`, the block is as large as the map. It
stands behind the activation of every convolution of images.
"""

from __future__ import annotations

from dataclasses import dataclass

from hikaku.models import noise
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
    needs="maps",
)


@dataclass(frozen=True)
class DropBlock:
    """Zero squares of the maps, about the share `p` of them, behind every 2-d convolution."""

    p: Share = 0.1
    block: PositiveCount = 7
    at: Patterns = ()

    def edit(self, model: Surgery, sites: Sites) -> None:
        """Ask for a noise layer behind every chosen convolution."""
        for weight in sites.weights("conv", at=self.at):
            end = behind(weight, sites, "after")
            # A sequence or a volume has no squares: (channels, height, width) has.
            if len(end.outputs) == 3:
                layer = noise.DropBlock(self.p, self.block, end.outputs)
                model.insert(end, "output", layer, "noise", "drop-block")
