"""Zero first weights: why not to.

Units that start equal get equal gradients and stay equal for ever, so a layer of a hundred is a
layer of one. Of the weights behind the first layer not even that is learnt at first: with zeros in
front of and behind them, their gradients are 0. This stands here to be compared with and seen.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from hikaku.study.card import Card
from hikaku.techniques.slots import Draws

CARD = Card(
    slot="init",
    family="initialisation",
    claim="None: it shows that units which start equal stay equal.",
    formula="w = 0;  biases 0",
    paper="Rumelhart, Hinton & Williams 1986, Learning representations by back-propagating "
    "errors, Nature 323 (on breaking symmetry)",
    year=1986,
    helps="To show what the other starts are for; a network of one layer, which is convex.",
    hurts="Everything with a hidden layer.",
    cost="None.",
    pitfalls="With ReLU nothing at all is learnt but the last bias.",
    twin="hikaku.reference.inits:zeros",
)


@dataclass(frozen=True)
class Zeros:
    """Set every weight and every bias to zero."""

    def fill(self, name: str, shape: tuple[int, ...], draws: Draws) -> Tensor:
        """Return zeros of this shape, float32."""
        return torch.zeros(shape)
