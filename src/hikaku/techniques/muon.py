"""Muon: every weight matrix moves by an orthogonal matrix.

The momentum of a matrix is mostly a few strong directions. Its singular values are all brought
near 1, so the rare directions move as far as the strong ones; a few products of matrices
(Newton-Schulz) do it without a decomposition. Everything that is no matrix (biases, norms, kernels
of convolutions) and every module that fits `adam_at` is moved by AdamW. A step of a matrix is
scaled by 0.2·√(its longer side), so that its size is that of AdamW's and one `lr` suits both.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, cast

import torch
from torch import Tensor

from hikaku.models.sites import fits
from hikaku.study.card import Card, Flag, NonNegative, Patterns, Positive, PositiveCount, Share
from hikaku.techniques.parts import adam, adam_start, like, shrunk, zeros
from hikaku.techniques.slots import Facts, Tensors, Tree

CARD = Card(
    slot="optimizer",
    family="optimizer",
    claim="Orthogonal steps use directions that other optimizers hardly move in.",
    formula="m ← μm + (1−μ)g;  W ← W − lr·rate·(0.2·√max(rows, columns)·NS((1−μ)g + μm) + "
    "weight_decay·W);  the rest by AdamW",
    paper="Jordan et al. 2024, Muon: An optimizer for hidden layers in neural networks; Liu et al. "
    "2025, Muon is Scalable for LLM Training, arXiv:2502.16982 (the scale)",
    year=2024,
    helps="Networks of large matrices: dense layers, transformers.",
    hurts="Networks of convolutions, whose kernels AdamW moves here.",
    cost="Fifteen products of each matrix with its smaller side per step; one number per weight.",
    pitfalls="Its authors leave the first and the last layer to AdamW: name them in `adam_at`. In "
    "32 bits here, where others round to bfloat16.",
)

FACTORS = (3.4445, -4.7750, 2.0315)
"""Of Newton-Schulz's step aX + (bA + cA²)X, A = XXᵀ: they grow small singular values fastest, and
leave all of them between about .7 and 1.2."""


@dataclass(frozen=True)
class Muon:
    """Move matrices by orthogonal steps of size lr · rate, the rest by AdamW; `exempt` stay."""

    lr: Positive = 1e-3
    momentum: Share = 0.95
    nesterov: Flag = True
    rounds: PositiveCount = 5
    weight_decay: NonNegative = 0.1
    exempt: Literal["norms-and-biases", "none"] = "norms-and-biases"
    adam_at: Patterns = ()
    beta1: Share = 0.9
    beta2: Share = 0.999
    eps: Positive = 1e-8

    def init(self, params: Tensors) -> Tree:
        """Return the state: {"momentum": of the matrices, "adam": of the rest}."""
        matrices, rest = self._divided(params)
        return {"momentum": zeros(matrices), "adam": adam_start(rest)}

    def update(
        self, grads: Tensors, state: Tree, params: Tensors, rate: float | Tensor, facts: Facts
    ) -> tuple[Tensors, Tree]:
        """Return the parameters after one decay and one step of lr · rate, and the state."""
        size = self.lr * rate
        kept = shrunk(params, size * self.weight_decay, self.exempt, facts)
        matrices, rest = self._divided(kept)
        betas, before = (self.beta1, self.beta2), cast(Tree, state["adam"])
        others, after = adam(grads, before, rest, size, betas, self.eps) if rest else ({}, before)
        moved, momentum = {}, {}
        for name, value in matrices.items():
            mean = cast(Tensors, state["momentum"])[name]
            mean = mean * like(self.momentum, value) + grads[name] * like(1 - self.momentum, value)
            towards = mean
            if self.nesterov:
                share = like(self.momentum, value)
                towards = grads[name] * (1 - share) + mean * share
            step = orthogonal(towards, self.rounds) * (0.2 * max(value.shape) ** 0.5)
            moved[name], momentum[name] = value - step * like(size, value), mean
        both = {**moved, **others}
        return {name: both[name] for name in params}, {"momentum": dict(momentum), "adam": after}

    def _divided(self, params: Tensors) -> tuple[Tensors, Tensors]:
        """Return the matrices that are moved by orthogonal steps, and all the rest."""
        chosen = {
            name
            for name, value in params.items()
            if value.dim() == 2 and not fits(name.rpartition(".")[0], self.adam_at)
        }
        return (
            {name: value for name, value in params.items() if name in chosen},
            {name: value for name, value in params.items() if name not in chosen},
        )


def orthogonal(matrix: Tensor, rounds: int) -> Tensor:
    """Return the matrix with its singular values near 1, by so many rounds of Newton-Schulz."""
    a, b, c = FACTORS
    is_tall = matrix.shape[0] > matrix.shape[1]
    x = matrix.T if is_tall else matrix
    x = x / torch.linalg.vector_norm(x).clamp(min=1e-7)
    for _ in range(rounds):
        gram = x @ x.T
        x = a * x + (b * gram + c * gram @ gram) @ x
    found: Tensor = x.T if is_tall else x
    return found
