"""Normal first weights: the same spread in every layer, whatever its width.

The oldest recipe, and the one that fails in deep networks: with a spread of .01 the signal
shrinks from layer to layer until nothing is learnt, with 1 it grows until every unit saturates.
A spread fit for one width is wrong for another, which is what `xavier-normal` and `he-normal`
mend. With `std` 0 all units of a layer stay identical for ever.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from hikaku.study.card import Card, NonNegative
from hikaku.techniques.slots import Draws

CARD = Card(
    slot="init",
    family="initialisation",
    claim="Small random weights break the symmetry between units.",
    formula="w ~ N(0, std²);  biases 0",
    paper="Krizhevsky, Sutskever & Hinton 2012, ImageNet Classification with Deep Convolutional "
    "Neural Networks, NeurIPS 25 (std .01)",
    year=2012,
    helps="As the reference against which the other first weights are measured.",
    hurts="Deep networks: gradients vanish where std is too small, units saturate where too large.",
    cost="None after the start.",
    pitfalls="PyTorch's own first weights are uniform in ±1/√(fan in), and its biases are not 0.",
    twin="hikaku.reference.inits:normal",
)


@dataclass(frozen=True)
class Normal:
    """Draw every weight from a normal distribution with spread `std`; biases are zero."""

    std: NonNegative = 0.01

    def fill(self, name: str, shape: tuple[int, ...], draws: Draws) -> Tensor:
        """Return first values of this shape, float32."""
        if len(shape) < 2:
            return torch.zeros(shape)
        return draws.normal("init", shape) * self.std
