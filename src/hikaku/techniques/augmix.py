"""AugMix: each image mixed with several changed ones of itself.

`width` chains of one to `depth` weak changes each begin at the image; their results are added up
in random shares, and that sum is mixed with the image itself, again in a random share. So images
look very different, and none is far from a natural one. It was made for robustness against noise,
blur and weather, and leaves out changes that such tests consist of.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from hikaku.study.card import Card, Fraction, PositiveCount
from hikaku.techniques.images import AUGMIX, Ranges, among, in_range, some
from hikaku.techniques.parts import like
from hikaku.techniques.slots import Moment

CARD = Card(
    slot="augment",
    family="augmentation",
    claim="Mixtures of changed images make networks robust to corruptions that they never saw.",
    formula="x ← (1 − m)·x + m·Σ w_i·chain_i(x), w ~ Dirichlet(1, …, 1), m ~ U[0, 1)",
    paper="Hendrycks et al. 2020, AugMix: A Simple Data Processing Method to Improve Robustness "
    "and Uncertainty, ICLR, arXiv:1912.02781",
    year=2020,
    helps="Robustness to corrupted images.",
    hurts="Short trainings; digits and letters.",
    cost="width · depth times the changes of randaugment.",
    pitfalls="The paper adds a term that makes three versions of an image agree (Jensen-Shannon); "
    "that is no augmentation, and is left out here. Accuracy on clean images is not its aim.",
    needs="images",
    version=2,
)

RANGES = Ranges(shear=0.3, shift=1 / 3, degrees=30, factor=0.9, bits=4)


@dataclass(frozen=True)
class AugMix:
    """Mix each image with `width` chains of up to `depth` changes, drawn up to `strength`."""

    width: PositiveCount = 3
    depth: PositiveCount = 3
    strength: Fraction = 0.3

    def change(self, x: Tensor, y: Tensor, moment: Moment) -> tuple[Tensor, Tensor]:
        """Return the batch, (n, channels, height, width), changed; targets stay."""

        def drawn(name: str) -> Tensor:
            return some(moment.draws, name, x)

        def chain(pixels: Tensor, number: int) -> Tensor:
            links = (drawn(f"depth {number}") * self.depth).floor()
            for link in range(self.depth):
                chosen, amount = (drawn(f"{name} {number} {link}") for name in ("operation", "by"))
                amount = amount * like(self.strength, amount)
                changed = among(pixels, AUGMIX, chosen, amount, RANGES)
                pixels = torch.where((links >= link)[:, None, None, None], changed, pixels)
            return pixels

        def mixed(pixels: Tensor) -> Tensor:
            shares = torch.stack([-(1 - drawn(f"share {n}")).log() for n in range(self.width)])
            shares = shares / shares.sum(0).clamp(min=1e-12) * drawn("mixture")
            own = (1 - shares.sum(0))[:, None, None, None] * pixels
            each = (
                share[:, None, None, None] * chain(pixels, number)
                for number, share in enumerate(shares.unbind())
            )
            return sum(each, start=own)

        return in_range(x, mixed), y
