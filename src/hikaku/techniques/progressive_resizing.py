"""Progressive resizing: small images first, whole ones at the end.

Coarse shapes are learnt first anyway, and can be learnt from small images. Their sides grow from
the share `start` to 1 over the first part of the training, `until`, and stay there. With
`size = "small"` they really are smaller, which saves time, and asks for a network that takes images
of any size (one that ends with a mean over the picture). With "kept" they are brought back to their
own size, blurred, and any network can learn from them, in no less time.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from torch import Tensor
from torch.nn import functional as F

from hikaku.study.card import Card, StaticPositive
from hikaku.techniques.slots import Moment

CARD = Card(
    slot="augment",
    family="augmentation",
    claim="Beginning with small images saves time at little or no loss.",
    formula="side ← round(side · min(1, start + (1 − start)·progress/until))",
    paper="Howard 2018, Training Imagenet in 3 hours for 25 minutes (fast.ai); Tan & Le 2021, "
    "EfficientNetV2, ICML, arXiv:2104.00298",
    year=2018,
    helps="Large images; networks that end with a mean over the picture.",
    hurts="Small images, which have little to lose.",
    cost='With "small" less than none; with "kept" two resizings.',
    pitfalls='Judge it at equal time. Layers with noise for every pixel cannot follow "small".',
    off={"start": 1.0},
    needs="images",
)


@dataclass(frozen=True)
class ProgressiveResizing:
    """Let the sides of images grow from the share `start` to 1 until the share `until`."""

    start: StaticPositive = 0.5
    until: StaticPositive = 0.8
    size: Literal["kept", "small"] = "kept"

    def change(self, x: Tensor, y: Tensor, moment: Moment) -> tuple[Tensor, Tensor]:
        """Return the batch, (n, channels, height, width), resized; targets stay."""
        share = min(1.0, self.start + (1 - self.start) * moment.progress / self.until)
        own = x.shape[2:]
        sides = [max(1, round(side * share)) for side in own]
        if sides == list(own):
            return x, y
        small = F.interpolate(x, sides, mode="bilinear", antialias=True)
        return (small if self.size == "small" else F.interpolate(small, own, mode="bilinear")), y
