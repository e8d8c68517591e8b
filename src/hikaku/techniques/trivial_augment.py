"""TrivialAugment: one change of each image, of any strength.

Every image gets one of fourteen changes (shears, shifts, turns, colours and the like), at a
strength that is drawn as well, from nothing to very much: shears of .99, shifts of 32 pixels of
CIFAR's 32, turns of 135 degrees, factors of 1 ± .99, six bits off. There is nothing to tune.
"""

from __future__ import annotations

from dataclasses import dataclass

from torch import Tensor

from hikaku.study.card import Card, Fraction
from hikaku.techniques.images import OPERATIONS, Ranges, among, in_range, some
from hikaku.techniques.parts import like
from hikaku.techniques.slots import Moment

CARD = Card(
    slot="augment",
    family="augmentation",
    claim="One random change of random strength does as well as tuned policies.",
    formula="x ← o(x; u·strength), o drawn from fourteen changes and u from U[0, 1) for each image",
    paper="Müller & Hutter 2021, TrivialAugment: Tuning-free Yet State-of-the-Art Data "
    "Augmentation, ICCV, arXiv:2103.10158",
    year=2021,
    helps="Photographs, long trainings.",
    hurts="Short trainings; digits and letters, which turns and shears make others of.",
    cost="All changes are computed and one is taken: about as much as a small convolution.",
    pitfalls="Its wide ranges are meant for many epochs. Black and white are the extremes of each "
    "channel in the batch.",
    needs="images",
)

RANGES = Ranges(shear=0.99, shift=1.0, degrees=135, factor=0.99, bits=6)


@dataclass(frozen=True)
class TrivialAugment:
    """Change each image once, at a strength drawn up to `strength` of the wide ranges."""

    strength: Fraction = 1.0

    def change(self, x: Tensor, y: Tensor, moment: Moment) -> tuple[Tensor, Tensor]:
        """Return the batch, (n, channels, height, width), changed; targets stay."""
        chosen, amount = (some(moment.draws, name, x) for name in ("operation", "amount"))
        amount = amount * like(self.strength, amount)
        return in_range(x, lambda pixels: among(pixels, OPERATIONS, chosen, amount, RANGES)), y
