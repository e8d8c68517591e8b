"""`Draws` as the techniques get them: tensors, of one step or one parameter."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from hikaku.draws import Draws


@dataclass(frozen=True)
class StepDraws:
    """`Draws` as tensors, for one step (or, for first weights, for one parameter's name)."""

    draws: Draws
    step: int = 0
    prefix: str = ""
    device: torch.device | str = "cpu"

    def uniform(self, purpose: str, shape: tuple[int, ...]) -> Tensor:
        """Return float32 numbers in [0, 1) of this shape."""
        found = self.draws.uniform(self.prefix + purpose, self.step, shape)
        return torch.from_numpy(found).to(self.device)

    def normal(self, purpose: str, shape: tuple[int, ...]) -> Tensor:
        """Return float32 standard normal numbers of this shape."""
        found = self.draws.normal(self.prefix + purpose, self.step, shape)
        return torch.from_numpy(found).to(self.device)
