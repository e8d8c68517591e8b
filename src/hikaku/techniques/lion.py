"""Lion: only the sign of the momentum counts.

Every weight moves by exactly lr · rate at each step, forwards or backwards, by the sign of a mean
of gradients. Found by a search over programs. Since all steps are of one size, `lr` is three to
ten times smaller than Adam's, and decay three to ten times larger.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, cast

from torch import Tensor

from hikaku.study.card import Card, NonNegative, Positive, Share
from hikaku.techniques.parts import like, shrunk, zeros
from hikaku.techniques.slots import Facts, Tensors, Tree

CARD = Card(
    slot="optimizer",
    family="optimizer",
    claim="Steps by the sign of the momentum train as well as Adam with half of its memory.",
    formula="w ← (1 − lr·rate·weight_decay)·w − lr·rate·sign(β₁m + (1−β₁)g);  m ← β₂m + (1−β₂)g",
    paper="Chen et al. 2023, Symbolic Discovery of Optimization Algorithms, NeurIPS, "
    "arXiv:2302.06675",
    year=2023,
    helps="Large batches, long trainings, transformers.",
    hurts="Small batches, whose noise decides the signs.",
    cost="One number per weight.",
    pitfalls="Taking Adam's lr over makes it diverge; three to ten times less is its own.",
    elementwise=True,
)


@dataclass(frozen=True)
class Lion:
    """Move every weight by lr · rate against the sign of its momentum; `exempt` do not decay."""

    lr: Positive = 1e-4
    beta1: Share = 0.9
    beta2: Share = 0.99
    weight_decay: NonNegative = 0.0
    exempt: Literal["norms-and-biases", "none"] = "norms-and-biases"

    def init(self, params: Tensors) -> Tree:
        """Return the state: {"momentum": zeros by name}."""
        return {"momentum": zeros(params)}

    def update(
        self, grads: Tensors, state: Tree, params: Tensors, rate: float | Tensor, facts: Facts
    ) -> tuple[Tensors, Tree]:
        """Return the parameters and the momentum after one decay and one step of lr · rate."""
        size = self.lr * rate
        before = cast(Tensors, state["momentum"])
        moved, after = {}, {}
        for name, value in shrunk(params, size * self.weight_decay, self.exempt, facts).items():
            mean, grad = before[name], grads[name]
            towards = mean * like(self.beta1, value) + grad * like(1 - self.beta1, value)
            moved[name] = value - towards.sign() * like(size, value)
            after[name] = mean * like(self.beta2, value) + grad * like(1 - self.beta2, value)
        return moved, {"momentum": dict(after)}
