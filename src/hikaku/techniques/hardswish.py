"""Hardswish: SiLU drawn with straight lines.

The sigmoid is replaced by a ramp from −3 to 3, so nothing but additions and multiplications is
left. Made for phones, where exponentials are dear.
"""

from __future__ import annotations

from dataclasses import dataclass

from torch import nn

from hikaku.models.sites import Sites
from hikaku.models.surgery import Surgery
from hikaku.study.card import Card, Patterns
from hikaku.techniques.parts import swap_activations

CARD = Card(
    slot="layers",
    family="activation",
    claim="A piecewise gate is nearly as good as SiLU and far cheaper.",
    formula="x · min(max(x + 3, 0), 6) / 6",
    paper="Howard et al. 2019, Searching for MobileNetV3, ICCV, arXiv:1905.02244",
    year=2019,
    helps="Small networks on small machines.",
    hurts="Where exponentials are cheap it has nothing to offer.",
    cost="Two comparisons and two multiplications per unit.",
    pitfalls="Zero gradient below −3, as with ReLU below 0.",
)


@dataclass(frozen=True)
class Hardswish:
    """Put a hardswish in place of every activation, or of those that `at` names."""

    at: Patterns = ()

    def edit(self, model: Surgery, sites: Sites) -> None:
        """Ask for a hardswish of its own at every chosen activation."""
        swap_activations(model, sites, self.at, lambda: nn.Hardswish(), "hardswish")
