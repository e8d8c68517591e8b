"""Dropout: train on random halves of the network.

At every step each unit of a layer's input is zeroed with probability `p`, and the rest are scaled
up by 1 / (1 − p); in evaluation nothing is dropped. No unit can lean on another one being there,
and the trained network acts as an average of very many thinned ones. By default it stands before
every dense layer but one that sees the data itself, the head included, which is what the paper
did in fully connected layers; with `place = "after"`, behind the activation of every dense layer
but the head. `at` names other layers: at a convolution single pixels are dropped, not channels.
The train figures taken while units are dropped look worse than the network is.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from hikaku.models import noise
from hikaku.models.sites import Sites
from hikaku.models.surgery import Surgery
from hikaku.study.card import Card, Patterns, Share
from hikaku.techniques.parts import behind, dropped

CARD = Card(
    slot="layers",
    family="regularisation",
    claim="Dropping units at random prevents co-adaptation and reduces over-fitting.",
    formula="x ← x · [u ≥ p] / (1 − p), u ~ U[0, 1); in evaluation x",
    paper="Srivastava et al. 2014, Dropout: A Simple Way to Prevent Neural Networks from "
    "Overfitting, JMLR 15",
    year=2014,
    helps="Wide dense layers that over-fit.",
    hurts="Networks that under-fit, and short trainings: learning takes more epochs.",
    cost="One random number and two operations per unit; more epochs.",
    pitfalls="In front of a batch norm it shifts the variance between training and evaluation "
    "(arXiv:1801.05134). In the paper p is the share that is kept.",
    off={"p": 0.0},
    twin="hikaku.reference.noise:Dropout",
)


@dataclass(frozen=True)
class Dropout:
    """Zero units with probability `p` "before" a layer, or "after" the activation behind it."""

    p: Share = 0.5
    at: Patterns = ()
    place: Literal["before", "after"] = "before"

    def edit(self, model: Surgery, sites: Sites) -> None:
        """Ask for a noise layer at every chosen weight."""
        if self.place == "before":
            for weight in dropped(sites, self.at):
                layer = noise.Dropout(self.p, weight.inputs)
                model.insert(weight, "input", layer, "noise", "dropout")
            return
        for weight in sites.weights(None if self.at else "linear", self.at):
            end = behind(weight, sites, self.place)
            layer = noise.Dropout(self.p, end.outputs)
            model.insert(end, "output", layer, "noise", "dropout")
