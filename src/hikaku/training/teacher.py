"""`Teacher`: a trained model as a function of a batch, as `Facts.files` holds it."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn

from hikaku.data.prepare import Preparation
from hikaku.models.calling import Calling
from hikaku.techniques.slots import Facts, Input


@dataclass(frozen=True)
class Teacher:
    """A trained model as a pure function of a batch; its weights are moved with the trial's."""

    model: nn.Module
    calling: Calling

    def __call__(self, x: Input) -> Tensor:
        """Return its outputs in evaluation mode, (batch, outputs), without gradient."""
        with torch.no_grad():
            args, kwargs = self.calling.arguments(x)
            return self.calling.answer(self.model(*args, **kwargs), x).detach()


class Restandardized(nn.Module):
    """Turns samples that one preparation has standardized into what another would have made."""

    def __init__(self, before: Preparation, after: Preparation) -> None:
        super().__init__()
        (old, spread), (new, width) = map(_moments, (before, after))
        self.factor = nn.Buffer((spread / width).float())
        self.shift = nn.Buffer(((old - new) / width).float())

    def forward(self, x: Tensor) -> Tensor:
        """Return samples (batch, features or channels, …), in the same shape."""
        sides = (-1, *(1,) * (x.dim() - 2))
        return x * self.factor.reshape(sides) + self.shift.reshape(sides)


def _moments(prepare: Preparation) -> tuple[Tensor, Tensor]:
    """Return mean and deviation by feature, those of no standardizing where there is none."""
    mean, deviation = prepare.mean or (0.0,), prepare.deviation or (1.0,)
    return torch.tensor(mean, dtype=torch.float64), torch.tensor(deviation, dtype=torch.float64)


def modules(facts: Facts) -> tuple[nn.Module, ...]:
    """Return the modules of the models that a trial asks."""
    return tuple(one.model for one in facts.files.values() if isinstance(one, Teacher))
