"""`Teacher`: a trained model as a function of a batch, as `Facts.files` holds it."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn

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


def modules(facts: Facts) -> tuple[nn.Module, ...]:
    """Return the modules of the models that a trial asks."""
    return tuple(one.model for one in facts.files.values() if isinstance(one, Teacher))
