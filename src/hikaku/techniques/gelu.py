"""GELU: let each input pass with the probability that a normal draw is smaller.

x · Φ(x) is a smooth ReLU with a small dip below zero: slightly negative inputs still speak and get
a gradient. The usual activation of transformers. `approximate = "tanh"` is the formula of older
code, off by less than a thousandth.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from torch import nn

from hikaku.models.sites import Sites
from hikaku.models.surgery import Surgery
from hikaku.study.card import Card, Patterns
from hikaku.techniques.parts import swap_activations

CARD = Card(
    slot="layers",
    family="activation",
    claim="A smooth gate by the input's own size beats ReLU in many networks.",
    formula="x · Φ(x), Φ the normal distribution function; or ½x(1 + tanh(√(2/π)(x + 0.044715x³)))",
    paper="Hendrycks & Gimpel 2016, Gaussian Error Linear Units (GELUs), arXiv:1606.08415",
    year=2016,
    helps="Transformers and other deep networks.",
    hurts="Time on CPU.",
    cost="One error function (or tanh) per unit.",
    pitfalls="Older code uses the tanh formula: say which when redoing a paper.",
    twin="hikaku.reference.layers:GELU",
)


@dataclass(frozen=True)
class GELU:
    """Put GELU in place of every activation, or of those that `at` names."""

    approximate: Literal["none", "tanh"] = "none"
    at: Patterns = ()

    def edit(self, model: Surgery, sites: Sites) -> None:
        """Ask for a GELU of its own at every chosen activation."""
        swap_activations(
            model, sites, self.at, lambda: nn.GELU(approximate=self.approximate), "gelu"
        )
