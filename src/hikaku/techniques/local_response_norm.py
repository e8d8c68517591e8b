"""Local response normalisation: neighbours hold each other down.

Every activation is divided by the activity of the `size` channels around it at the same place, as
neighbouring neurons inhibit one another. AlexNet used it behind its ReLUs; batch norm has taken
its place. It learns nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from torch import nn

from hikaku.models.sites import Site, Sites
from hikaku.models.surgery import Surgery
from hikaku.study.card import Card, Patterns, PositiveCount, StaticNonNegative, StaticPositive
from hikaku.techniques.parts import behind

CARD = Card(
    slot="layers",
    family="normalisation",
    claim="Competition between channels helps large convolutional networks generalise.",
    formula="x / (k + alpha·Σ x²)^beta, the sum over size channels around each",
    paper="Krizhevsky, Sutskever & Hinton 2012, ImageNet Classification with Deep "
    "Convolutional Neural Networks, NeurIPS 25",
    year=2012,
    helps="Historic networks, redone as they were.",
    hurts="Time; batch norm does more.",
    cost="A sum over neighbours, a power and a division per activation.",
    pitfalls="PyTorch divides alpha by size, the paper does not; this is the paper's. k is 1 "
    "in PyTorch.",
    needs="maps",
)


@dataclass(frozen=True)
class LocalResponseNorm:
    """Divide by the activity of neighbouring channels behind every convolution."""

    size: PositiveCount = 5
    alpha: StaticNonNegative = 1e-4
    beta: StaticNonNegative = 0.75
    k: StaticPositive = 2.0
    place: Literal["before", "after"] = "after"
    at: Patterns = ()

    def edit(self, model: Surgery, sites: Sites) -> None:
        """Ask for a norm of its own at every chosen weight."""
        for weight in sites.weights("conv", at=self.at):
            end = behind(weight, sites, self.place)
            model.insert(
                end, "output", self._layer(weight, end), "normalisation", "local-response-norm"
            )

    def _layer(self, weight: Site, end: Site) -> nn.Module:
        return nn.LocalResponseNorm(self.size, self.alpha * self.size, self.beta, self.k)
