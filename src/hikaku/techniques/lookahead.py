"""Lookahead: k steps forward, one step back.

The optimizer makes `k` updates, then the weights are put back onto the line between where they
began and where they came, at the share `alpha`. Those slow weights are what is evaluated. It
lessens the variance of fast optimizers and asks for little care.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast

from torch import Tensor

from hikaku.study.card import Card, Fraction, PositiveCount
from hikaku.techniques.parts import like
from hikaku.techniques.slots import Moment, Tensors, Tree

CARD = Card(
    slot="averaging",
    family="averaging",
    claim="Slow weights that follow fast ones at a distance train more steadily.",
    formula="every k updates: a ← a + alpha·(w − a);  w ← a; a is evaluated",
    paper="Zhang et al. 2019, Lookahead Optimizer: k steps forward, 1 step back, NeurIPS, "
    "arXiv:1907.08610",
    year=2019,
    helps="Adam and SGD at high rates.",
    hurts="Short trainings: it slows them.",
    cost="One number per weight.",
    pitfalls="The optimizer's own state (momentum) goes on as it was, as in the paper's default. "
    "Batch norm's running figures are those of the fast weights.",
)


@dataclass(frozen=True)
class Lookahead:
    """Put the weights back every `k` updates, to the share `alpha` of the way that they went."""

    k: PositiveCount = 5
    alpha: Fraction = 0.5

    def init(self, params: Tensors) -> Tree:
        """Return the slow weights before the first update: the first weights."""
        return {name: value.clone() for name, value in params.items()}

    def fold(self, average: Tree, params: Tensors, moment: Moment) -> tuple[Tree, Tensors]:
        """Return the slow weights, and the weights to go on with: the slow ones every k updates."""
        if (moment.step + 1) % self.k:
            return average, params
        slow = {}
        for name, value in params.items():
            before = cast(Tensor, average[name])
            slow[name] = before + (value - before) * like(self.alpha, value)
        return dict(slow), slow

    def finish(self, average: Tree, params: Tensors) -> Tensors:
        """Return the slow weights."""
        return {name: cast(Tensor, average[name]) for name in params}
