"""Layers that act by noise and never draw it: the training step hands it in, batch by batch.

`F.dropout` takes no generator, so one layer more would shift the noise of every layer after it,
and two arms of one seed would no longer be a pair. Here the noise is an argument: the step draws
it for (seed, site, step) and passes it to `torch.func.functional_call` as the buffer `noise`.
"""

from __future__ import annotations

from typing import Literal

import torch
from torch import Tensor, nn

from hikaku.errors import HikakuError
from hikaku.words import message


class NoiseLayer(nn.Module):
    """A layer that waits for noise: (batch, *features), float32, in its buffer `noise`.

    `features` is the shape of one sample's noise; it must broadcast against one sample at the
    layer's site, so (channels, 1, 1) drops whole channels of an image. `draw` says which numbers
    it wants: "uniform" in [0, 1), or standard "normal" ones.
    """

    noise: Tensor
    draw: Literal["uniform", "normal"] = "uniform"

    def __init__(self, features: tuple[int, ...]) -> None:
        super().__init__()
        self.features = features
        self.register_buffer("noise", torch.empty((0, *features)), persistent=False)

    def handed_in(self, x: Tensor) -> Tensor:
        """Return the noise for this batch; raise `HikakuError` where none, or another's, came."""
        wanted = (x.shape[0], *self.features)
        if self.noise.shape != wanted:
            raise HikakuError.of(
                message("a noise layer was trained without the noise of its batch"),
                why=message(
                    "it needs {wanted}, it got {given}",
                    wanted=wanted,
                    given=tuple(self.noise.shape),
                ),
            )
        return self.noise


class Dropout(NoiseLayer):
    """Zero each unit with probability `p`, scale the rest by 1 / (1 − p); identity in evaluation.

    `p`, in [0, 1), is a buffer, so that a stack of trials can hold one value each; with p = 0 the
    batch comes back bit for bit.
    """

    p: Tensor

    def __init__(self, p: float | Tensor, features: tuple[int, ...]) -> None:
        super().__init__(features)
        self.register_buffer("p", torch.as_tensor(p, dtype=torch.float64), persistent=False)

    def forward(self, x: Tensor) -> Tensor:
        """Return `x`, (batch, …), with units dropped while training."""
        if not self.training:
            return x
        return x * (self.handed_in(x) >= self.p) / (1 - self.p)
