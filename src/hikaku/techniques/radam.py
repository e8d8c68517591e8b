"""RAdam: Adam that waits until its estimate is worth something.

After few updates the mean squared gradient is a mean of few numbers and its root swings wildly,
which is why Adam wants a warm-up. This rule knows how uncertain it is: while there are too few it
steps with momentum alone, then scales its steps up to Adam's. A warm-up of its own, so one more
beside it is seldom needed.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast

import torch
from torch import Tensor

from hikaku.study.card import Card, Positive, Share
from hikaku.techniques.parts import faded, like, number, zeros
from hikaku.techniques.slots import Facts, Tensors, Tree

CARD = Card(
    slot="optimizer",
    family="optimizer",
    claim="Correcting the variance of Adam's step makes warm-up unnecessary.",
    formula="ρ = 2/(1−β₂) − 1;  ρₜ = ρ − 2tβ₂ᵗ/(1−β₂ᵗ);  r = √((ρₜ−4)(ρₜ−2)ρ/((ρ−4)(ρ−2)ρₜ)); "
    "w ← w − lr·rate·m̂·(r/√v̂ where ρₜ > 5, 1 elsewhere)",
    paper="Liu et al. 2020, On the Variance of the Adaptive Learning Rate and Beyond, ICLR, "
    "arXiv:1908.03265",
    year=2020,
    helps="Adam's trainings that need a warm-up.",
    hurts="Short trainings with a high beta2: the first steps are momentum's.",
    cost="Two numbers per weight, as Adam.",
    pitfalls="Overlaps with a warm-up schedule: compare one at a time.",
    elementwise=True,
)


SURE = 5.0
"""So many degrees of freedom the mean squared gradient must have before it scales a step."""


@dataclass(frozen=True)
class RAdam:
    """Adam whose step is scaled by how sure the mean squared gradient is."""

    lr: Positive = 1e-3
    beta1: Share = 0.9
    beta2: Share = 0.999
    eps: Positive = 1e-8

    def init(self, params: Tensors) -> Tree:
        """Return both moments at zero by name, and t, β₁ᵗ and β₂ᵗ at t = 0 (0-d float64)."""
        start = {"time": number(0.0, params)}
        ones = {name: number(1.0, params) for name in ("decay1", "decay2")}
        return {"first": zeros(params), "second": zeros(params), **start, **ones}

    def update(
        self, grads: Tensors, state: Tree, params: Tensors, rate: float | Tensor, facts: Facts
    ) -> tuple[Tensors, Tree]:
        """Return the parameters and the moments after one step of lr · rate."""
        time = cast(Tensor, state["time"]) + 1
        decay1 = cast(Tensor, state["decay1"]) * self.beta1
        decay2 = cast(Tensor, state["decay2"]) * self.beta2
        is_sure, scale = self._rectified(time, decay2)
        size = self.lr * rate * (1 - decay1).reciprocal()
        root = (1 - decay2).sqrt()
        first, second = cast(Tensors, state["first"]), cast(Tensors, state["second"])
        moved, means, squares = {}, {}, {}
        for name, value in params.items():
            grad = grads[name]
            mean = faded(first[name], grad, self.beta1)
            square = faded(second[name], grad * grad, self.beta2)
            scaled = like(scale * root, value) / (square.sqrt() + like(self.eps, value))
            factor = torch.where(is_sure, scaled, torch.ones_like(value))
            moved[name] = value - mean * factor * like(size, value)
            means[name], squares[name] = mean, square
        return moved, {
            "first": dict(means),
            "second": dict(squares),
            "time": time,
            "decay1": decay1,
            "decay2": decay2,
        }

    def _rectified(self, time: Tensor, decay2: Tensor) -> tuple[Tensor, Tensor]:
        """Return whether the estimate is sure enough, and the factor r, 0 where it is not."""
        most = 2 / (1 - self.beta2) - 1
        seen = most - 2 * time * decay2 / (1 - decay2)
        part = (seen - 4) * (seen - 2) * most / ((most - 4) * (most - 2) * seen)
        is_sure = seen > SURE
        return is_sure, torch.where(is_sure, part, torch.zeros_like(part)).sqrt()
