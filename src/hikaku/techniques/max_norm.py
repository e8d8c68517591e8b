"""Max-norm: no unit's weights may be longer than a limit.

After each update the incoming weights of every unit are shortened to `limit` where they are
longer. Unlike decay it leaves small weights alone, so high learning rates, as dropout wants them,
cannot blow a unit up. Biases and the parameters of norms are not touched.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from hikaku.study.card import Card, Positive
from hikaku.techniques.parts import like
from hikaku.techniques.slots import Facts, Tensors

CARD = Card(
    slot="project",
    family="weight decay",
    claim="A bound on the length of each unit's weights allows high learning rates under dropout.",
    formula="w ← w · min(1, limit / ‖w‖) for the incoming weights w of every unit",
    paper="Srivastava et al. 2014, Dropout, JMLR 15; Srebro & Shraibman 2005, Rank, Trace-Norm and "
    "Max-Norm, COLT",
    year=2005,
    helps="Dropout with a high learning rate and momentum.",
    hurts="Where the limit is smaller than what the task needs.",
    cost="One pass over the weights.",
    pitfalls="The limit is per unit, not per layer; 3 to 4 is usual. Of a transposed convolution "
    "the rows are its inputs, not its units.",
)


@dataclass(frozen=True)
class MaxNorm:
    """Shorten the incoming weights of every unit to `limit` where they are longer."""

    limit: Positive = 3.0

    def project(self, params: Tensors, rate: float | Tensor, facts: Facts) -> Tensors:
        """Return the parameters; the weights of layers are bounded row by row."""
        return {
            name: self._bounded(value) if name in facts.decays else value
            for name, value in params.items()
        }

    def _bounded(self, weight: Tensor) -> Tensor:
        rows = weight.flatten(1)
        length = torch.linalg.vector_norm(rows, dim=1)
        limit = torch.as_tensor(like(self.limit, length), dtype=length.dtype, device=length.device)
        factor = torch.clamp(limit / length.clamp(min=1e-30), max=1.0)
        return weight * factor.reshape(-1, *(1,) * (weight.dim() - 1))
