"""SiLU (Swish): each input gated by its own sigmoid.

x · sigmoid(x) is smooth, dips slightly below zero and grows like ReLU. Found as an activation for
reinforcement learning, and again by a search over formulas.
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
    claim="A smooth gate by the input itself beats ReLU in deep networks.",
    formula="x / (1 + e⁻ˣ)",
    paper="Elfwing, Uchibe & Doya 2018, Sigmoid-weighted linear units, Neural Networks 107, "
    "arXiv:1702.03118; Ramachandran et al. 2017, arXiv:1710.05941",
    year=2017,
    helps="Deep convolutional networks.",
    hurts="Time on CPU; shallow networks, where it makes no difference.",
    cost="One sigmoid per unit.",
    pitfalls="Called Swish where a slope is learnt or set.",
)


@dataclass(frozen=True)
class SiLU:
    """Put a SiLU in place of every activation, or of those that `at` names."""

    at: Patterns = ()

    def edit(self, model: Surgery, sites: Sites) -> None:
        """Ask for a SiLU of its own at every chosen activation."""
        swap_activations(model, sites, self.at, lambda: nn.SiLU(), "silu")
