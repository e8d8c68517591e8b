"""Label noise: some training samples are given another class. It can only hurt."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from hikaku.study.card import Card, Fraction
from hikaku.techniques.slots import Moment

CARD = Card(
    slot="augment",
    family="augmentation",
    claim="Wrong labels make a network worse.",
    formula="y ← the class after y, for a share of the samples of each batch",
    paper="none: it plants an effect that has to be found",
    year=2025,
    off={"share": 0.0},
)


@dataclass(frozen=True)
class LabelNoise:
    """Give a share of the samples of every batch the class after their own."""

    share: Fraction = 0.4

    def change(self, x: Tensor, y: Tensor, moment: Moment) -> tuple[Tensor, Tensor]:
        """Return the batch with some labels moved; `y` is (batch, classes)."""
        moved = moment.draws.uniform("label noise", (y.shape[0],)) < self.share
        return x, torch.where(moved[:, None], y.roll(1, 1), y)
