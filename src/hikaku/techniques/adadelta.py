"""AdaDelta: steps whose size comes from the steps before.

RMSprop's step has no unit: a weight measured in metres moves by as much as one in kilometres. Here
the step is also multiplied by the root of the running mean of past squared steps, so it has the
unit of the weight, and `lr` 1 is the paper's own. Because it starts from no steps at all, `eps`
decides how fast it gets going.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast

from torch import Tensor

from hikaku.study.card import Card, Positive, Share
from hikaku.techniques.parts import like, zeros
from hikaku.techniques.slots import Facts, Tensors, Tree

CARD = Card(
    slot="optimizer",
    family="optimizer",
    claim="Steps in the unit of the weights need no learning rate.",
    formula="h ← ρh + (1−ρ)g²;  Δ = g·√(s + eps)/√(h + eps);  s ← ρs + (1−ρ)Δ²;  w ← w − lr·rate·Δ",
    paper="Zeiler 2012, ADADELTA: An Adaptive Learning Rate Method, arXiv:1212.5701",
    year=2012,
    helps="Where no learning rate is known and the training is long.",
    hurts="Short trainings: it starts very slowly.",
    cost="Two numbers per weight.",
    pitfalls="`lr` is a factor on the paper's step; 1 in PyTorch, .001 in Keras.",
    elementwise=True,
    twin="hikaku.reference.optimizers:AdaDelta",
)


@dataclass(frozen=True)
class AdaDelta:
    """Move every weight by its gradient, scaled by the sizes of past steps and gradients."""

    lr: Positive = 1.0
    decay: Share = 0.9
    eps: Positive = 1e-6

    def init(self, params: Tensors) -> Tree:
        """Return the state: {"square": zeros, "step": zeros}, by name."""
        return {"square": zeros(params), "step": zeros(params)}

    def update(
        self, grads: Tensors, state: Tree, params: Tensors, rate: float | Tensor, facts: Facts
    ) -> tuple[Tensors, Tree]:
        """Return the parameters and both running means after one step."""
        size = self.lr * rate
        squares, steps = cast(Tensors, state["square"]), cast(Tensors, state["step"])
        moved, new_squares, new_steps = {}, {}, {}
        for name, value in params.items():
            grad, keep = grads[name], like(self.decay, value)
            share, eps = like(1 - self.decay, value), like(self.eps, value)
            square = squares[name] * keep + grad * grad * share
            step = grad * (steps[name] + eps).sqrt() / (square + eps).sqrt()
            moved[name] = value - step * like(size, value)
            new_squares[name], new_steps[name] = square, steps[name] * keep + step * step * share
        return moved, {"square": dict(new_squares), "step": dict(new_steps)}
