"""RandAugment: two changes of each image, out of fourteen, by one common strength.

Shears, shifts, turns, colours and the like: every image gets `operations` of them, one after the
other, each drawn anew, in either direction. Instead of a policy that was searched for there is one
number, `strength`, up to 1: shears of .3, shifts of .45 of the side, turns of 30 degrees, factors
of 1 ± .9, four bits off. At 0 those do nothing; autocontrast, equalize and solarize act all the
same.
"""

from __future__ import annotations

from dataclasses import dataclass

from torch import Tensor

from hikaku.study.card import Card, Fraction, PositiveCount
from hikaku.techniques.images import OPERATIONS, Ranges, among, in_range, some
from hikaku.techniques.parts import like
from hikaku.techniques.slots import Moment

CARD = Card(
    slot="augment",
    family="augmentation",
    claim="A few random changes of one strength do as well as policies that were searched for.",
    formula="x ← o₂(o₁(x)), o drawn from fourteen changes for each image, all at `strength`",
    paper="Cubuk et al. 2020, RandAugment: Practical Automated Data Augmentation with a Reduced "
    "Search Space, NeurIPS, arXiv:1909.13719",
    year=2020,
    helps="Photographs, long trainings.",
    hurts="Short trainings; digits and letters, which turns and shears make others of.",
    cost="All changes are computed and one is taken: about as much as a small convolution.",
    pitfalls="The paper's magnitude 9 of 30 is a strength of .3. Black and white are the extremes "
    "of each channel in the batch.",
    needs="images",
)

RANGES = Ranges(shear=0.3, shift=150 / 331, degrees=30, factor=0.9, bits=4)


@dataclass(frozen=True)
class RandAugment:
    """Change each image by so many random `operations` of this `strength`."""

    operations: PositiveCount = 2
    strength: Fraction = 0.3

    def change(self, x: Tensor, y: Tensor, moment: Moment) -> tuple[Tensor, Tensor]:
        """Return the batch, (n, channels, height, width), changed; targets stay."""

        def changed(pixels: Tensor) -> Tensor:
            amount = pixels.new_ones(len(x)) * like(self.strength, pixels)
            for number in range(self.operations):
                chosen = some(moment.draws, f"operation {number}", x)
                pixels = among(pixels, OPERATIONS, chosen, amount, RANGES)
            return pixels

        return in_range(x, changed), y
