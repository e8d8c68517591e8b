"""Alpha dropout: dropout for SELU networks, which keeps mean and variance.

SELU networks hold their signals at mean 0 and variance 1 by themselves, and zeros would break
that. So a unit that is off takes SELU's lowest value instead, and all units are then scaled and
shifted so that mean and variance stay. By default it stands before every dense layer but one that
sees the data itself; `at` names others.
"""

from __future__ import annotations

from dataclasses import dataclass

from hikaku.models import noise
from hikaku.models.sites import Sites
from hikaku.models.surgery import Surgery
from hikaku.study.card import Card, Patterns, Share
from hikaku.techniques.parts import dropped

CARD = Card(
    slot="layers",
    family="regularisation",
    claim="Dropping units to SELU's lowest value regularises, and keeps it self-normalising.",
    formula="x ← a·(x·m + s·(1 − m) − p·s), m = [u ≥ p], s = −1.7581, a = 1/√((1−p)(1+p·s²)); in "
    "evaluation x",
    paper="Klambauer et al. 2017, Self-Normalizing Neural Networks, NeurIPS, arXiv:1706.02515",
    year=2017,
    helps="SELU networks that over-fit.",
    hurts="Networks of other activations, for which the value is not the lowest.",
    cost="One random number and a few operations per unit.",
    pitfalls="A bundle: SELU, first weights of variance 1/n, and this. The paper uses p of .05 and "
    ".1.",
    off={"p": 0.0},
)


@dataclass(frozen=True)
class AlphaDropout:
    """Set units to SELU's lowest value with probability `p` "before" dense layers."""

    p: Share = 0.05
    at: Patterns = ()

    def edit(self, model: Surgery, sites: Sites) -> None:
        """Ask for a noise layer on the input of every chosen layer."""
        for weight in dropped(sites, self.at):
            layer = noise.AlphaDropout(self.p, weight.inputs)
            model.insert(weight, "input", layer, "noise", "alpha-dropout")
