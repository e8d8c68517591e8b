"""NAdam: Adam whose momentum looks ahead.

Nesterov's idea inside Adam: the step uses the mean gradient as it will be after the next update.
The momentum itself warms up a little over the first updates (`psi`), as in the paper and in
PyTorch. The difference from Adam is small; tune lr for both.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast

from torch import Tensor

from hikaku.study.card import Card, Positive, Share, StaticNonNegative
from hikaku.techniques.parts import faded, like, number, zeros
from hikaku.techniques.slots import Facts, Tensors, Tree

CARD = Card(
    slot="optimizer",
    family="optimizer",
    claim="Looking ahead inside Adam speeds its first steps.",
    formula="μₜ = β₁(1 − ½·.96^(tψ));  m̂ = μₜ₊₁m/(1 − Πμ₁…ₜ₊₁) + (1−μₜ)g/(1 − Πμ₁…ₜ);  w ← w "
    "− lr·rate·m̂/(√(v/(1−β₂ᵗ)) + eps)",
    paper="Dozat 2016, Incorporating Nesterov Momentum into Adam, ICLR workshop",
    year=2016,
    helps="Where Adam's first epochs are slow.",
    hurts="Seldom; the difference is often too small to see.",
    cost="Two numbers per weight, as Adam.",
    pitfalls="PyTorch's default lr is .002, twice Adam's.",
    elementwise=True,
)


COOL = 0.96


@dataclass(frozen=True)
class NAdam:
    """Adam with Nesterov's look ahead; `psi` is how fast the momentum warms up."""

    lr: Positive = 2e-3
    beta1: Share = 0.9
    beta2: Share = 0.999
    eps: Positive = 1e-8
    psi: StaticNonNegative = 0.004

    def init(self, params: Tensors) -> Tree:
        """Return both moments at zero by name, and .96^(tψ), Πμ and β₂ᵗ at t = 0 (0-d float64)."""
        ones = {name: number(1.0, params) for name in ("cool", "momentum", "decay2")}
        return {"first": zeros(params), "second": zeros(params), **ones}

    def update(
        self, grads: Tensors, state: Tree, params: Tensors, rate: float | Tensor, facts: Facts
    ) -> tuple[Tensors, Tree]:
        """Return the parameters and the moments after one step of lr · rate."""
        cool = cast(Tensor, state["cool"]) * COOL**self.psi
        now, then = (self.beta1 * (1 - 0.5 * c) for c in (cool, cool * COOL**self.psi))
        product = cast(Tensor, state["momentum"]) * now
        decay2 = cast(Tensor, state["decay2"]) * self.beta2
        size = self.lr * rate
        ahead, here = size * then / (1 - product * then), size * (1 - now) / (1 - product)
        first, second = cast(Tensors, state["first"]), cast(Tensors, state["second"])
        moved, means, squares = {}, {}, {}
        for name, value in params.items():
            grad = grads[name]
            mean = faded(first[name], grad, self.beta1)
            square = faded(second[name], grad * grad, self.beta2)
            spread = (square * like((1 - decay2).reciprocal(), value)).sqrt() + like(
                self.eps, value
            )
            step = mean * like(ahead, value) + grad * like(here, value)
            moved[name], means[name], squares[name] = value - step / spread, mean, square
        return moved, {
            "first": dict(means),
            "second": dict(squares),
            "cool": cool,
            "momentum": product,
            "decay2": decay2,
        }
