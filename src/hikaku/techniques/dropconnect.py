"""DropConnect: single connections are off by chance, instead of whole units.

At every step each weight of a dense layer is zeroed with probability `p`, and the rest are scaled
up by 1 / (1 − p); biases stay, and in evaluation all weights are there. One mask serves the whole
batch, which is what makes it cheap; the paper draws one for each sample, and evaluates by a normal
approximation. By default it stands at every dense layer but one that sees the data itself, the
head included, as dropout does here.
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
    claim="Dropping weights regularises dense layers at least as well as dropping units.",
    formula="W ← W · [u ≥ p] / (1 − p), u ~ U[0, 1), one mask for the batch; in evaluation W",
    paper="Wan et al. 2013, Regularization of Neural Networks using DropConnect, ICML 28",
    year=2013,
    helps="Wide dense layers that over-fit.",
    hurts="Networks that under-fit, and short trainings.",
    cost="One random number and two operations per weight; more epochs.",
    pitfalls="Some libraries call stochastic depth `drop_connect`: another technique.",
    off={"p": 0.0},
    twin="hikaku.reference.noise:DropConnect",
)


@dataclass(frozen=True)
class DropConnect:
    """Zero weights of dense layers with probability `p` while training."""

    p: Share = 0.5
    at: Patterns = ()

    def edit(self, model: Surgery, sites: Sites) -> None:
        """Ask for a noise layer on the weight of every chosen dense layer."""
        for weight in dropped(sites, self.at):
            layer = noise.DropConnect(self.p)
            model.insert(weight, "weight", layer, "noise", "dropconnect")
