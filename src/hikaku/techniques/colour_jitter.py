"""Colour jitter: brightness, contrast and colours of each image vary.

The light of a photograph says little about what it shows. Each image is multiplied in brightness,
then in contrast, then in the strength of its colours, by factors of its own around 1.
"""

from __future__ import annotations

from dataclasses import dataclass

from torch import Tensor

from hikaku.study.card import Card, Fraction
from hikaku.techniques.images import brightened, coloured, contrasted, in_range, some
from hikaku.techniques.parts import Number, like
from hikaku.techniques.slots import Moment

CARD = Card(
    slot="augment",
    family="augmentation",
    claim="Images in another light are more images.",
    formula="x ← o + f·(x − o), o black, then the mean grey, then the grey image; f ~ U[1 − s, "
    "1 + s) for each image",
    paper="Krizhevsky, Sutskever & Hinton 2012, NeurIPS 25; Howard 2013, Some Improvements on Deep "
    "Convolutional Neural Network Based Image Classification, arXiv:1312.5402",
    year=2013,
    helps="Photographs.",
    hurts="Where colours tell the classes apart.",
    cost="A few passes over the images.",
    pitfalls="Its order is fixed, and hues stay. Black and white are the extremes of each channel "
    "in the batch.",
    needs="images",
)


@dataclass(frozen=True)
class ColourJitter:
    """Vary `brightness`, `contrast` and `saturation` by factors of up to 1 ± these shares."""

    brightness: Fraction = 0.4
    contrast: Fraction = 0.4
    saturation: Fraction = 0.4

    def change(self, x: Tensor, y: Tensor, moment: Moment) -> tuple[Tensor, Tensor]:
        """Return the batch, (n, channels, height, width), changed; targets stay."""

        def factor(name: str, share: Number) -> Tensor:
            u = some(moment.draws, name, x)
            return 1 + (2 * u - 1) * like(share, u)

        def changed(pixels: Tensor) -> Tensor:
            pixels = brightened(pixels, factor("brightness", self.brightness))
            pixels = contrasted(pixels, factor("contrast", self.contrast))
            return coloured(pixels, factor("saturation", self.saturation))

        return in_range(x, changed), y
