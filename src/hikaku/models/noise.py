"""Layers that act by noise and never draw it: the training step hands it in, batch by batch.

`F.dropout` takes no generator, so one layer more would shift the noise of every layer after it,
and two arms of one seed would no longer be a pair. Here the noise is an argument: the step draws
it for (seed, site, step) and passes it to `torch.func.functional_call` as the buffer `noise`.
"""

from __future__ import annotations

from typing import Literal

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from hikaku.errors import StudyError
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

    def wanted(self, shape: tuple[int, ...]) -> tuple[int, ...]:
        """Return the shape of the noise for an input of this `shape`.

        The input's own sizes count, not those of `features`: where the batch is not the first
        dimension, what was one sample's shape held the batch. A 1 among `features` stays 1.
        """
        if len(shape) != len(self.features) + 1:
            return (*shape[:1], *self.features)
        sizes = zip(shape[1:], self.features, strict=True)
        return (*shape[:1], *(1 if feature == 1 else size for size, feature in sizes))

    def handed_in(self, x: Tensor) -> Tensor:
        """Return the noise for this batch; raise `StudyError` where none, or another's, came."""
        wanted = self.wanted(tuple(x.shape))
        if self.noise.shape != wanted:
            raise StudyError.of(
                message("a layer with noise was run without the noise of its batch"),
                why=message(
                    "it needs {wanted}, it got {given}",
                    wanted=wanted,
                    given=tuple(self.noise.shape),
                ),
                mend=message("shapes inside the model may depend on the size of a batch alone"),
            )
        return self.noise


class Dropout(NoiseLayer):
    """Zero each unit with probability `p`, scale the rest by 1 / (1 − p); identity in evaluation.

    `p`, in [0, 1], is a buffer, so that a stack of trials can hold one value each; with p = 0 the
    batch comes back bit for bit, with p = 1 it is all zeros.
    """

    p: Tensor

    def __init__(self, p: float | Tensor, features: tuple[int, ...]) -> None:
        super().__init__(features)
        self.register_buffer("p", torch.as_tensor(p, dtype=torch.float64), persistent=False)

    def forward(self, x: Tensor) -> Tensor:
        """Return `x`, (batch, …), with units dropped while training."""
        if not self.training:
            return x
        # At p = 1 nothing is kept; dividing by zero would make NaN of it.
        return x * (self.handed_in(x) >= self.p) / (1 - self.p).clamp(min=1e-30)


class GaussianNoise(NoiseLayer):
    """Add normal noise of spread `std`; identity in evaluation.

    `std`, at least 0, is a buffer, so that a stack of trials can hold one value each.
    """

    std: Tensor
    draw = "normal"

    def __init__(self, std: float | Tensor, features: tuple[int, ...]) -> None:
        super().__init__(features)
        self.register_buffer("std", torch.as_tensor(std, dtype=torch.float64), persistent=False)

    def forward(self, x: Tensor) -> Tensor:
        """Return `x`, (batch, …), with noise added while training."""
        return x + self.handed_in(x) * self.std.to(x.dtype) if self.training else x


class AlphaDropout(NoiseLayer):
    """Set each unit to SELU's lower limit with probability `p`, in [0, 1]; identity in evaluation.

    Then scale and shift, so that mean 0 and variance 1 stay: with α' = −λα, q = 1 − p and the
    mask m, a·(x·m + α'·(1 − m)) + b, where a = 1/√(q + α'²·p·q) and b = −a·p·α'. Klambauer et
    al. 2017, Self-Normalizing Neural Networks, arXiv:1706.02515.
    """

    p: Tensor

    def __init__(self, p: float | Tensor, features: tuple[int, ...]) -> None:
        super().__init__(features)
        self.register_buffer("p", torch.as_tensor(p, dtype=torch.float64), persistent=False)

    def forward(self, x: Tensor) -> Tensor:
        """Return `x`, (batch, …), with units saturated while training."""
        if not self.training:
            return x
        # At p = 1 all is saturated, and shifted to 0.
        variance = ((1 - self.p) * (1 + self.p * SATURATED**2)).clamp(min=1e-30)
        kept = self.handed_in(x) >= self.p
        return (torch.where(kept, x, SATURATED) - self.p * SATURATED) * variance.rsqrt()


class DropConnect(Dropout):
    """Zero each weight with probability `p`, scale the rest by 1 / (1 − p); all in evaluation."""

    def __init__(self, p: float | Tensor) -> None:
        super().__init__(p, ())

    def wanted(self, shape: tuple[int, ...]) -> tuple[int, ...]:
        """Return the shape of the weight: one mask for the whole batch."""
        return shape


class DropBlock(NoiseLayer):
    """Zero squares around chosen places of each map of (batch, channels, height, width)."""

    p: Tensor

    def __init__(self, p: float | Tensor, block: int, features: tuple[int, ...]) -> None:
        super().__init__(features)
        self.block = min(block, *features[1:])
        self.register_buffer("p", torch.as_tensor(p, dtype=torch.float64), persistent=False)

    def wanted(self, shape: tuple[int, ...]) -> tuple[int, ...]:
        """Return the shape of the noise: one number for every square that fits into the map."""
        batch, channels, height, width = super().wanted(shape)
        return (batch, channels, height - self.block + 1, width - self.block + 1)

    def forward(self, x: Tensor) -> Tensor:
        """Return `x` with squares dropped while training."""
        if not self.training:
            return x
        noise = self.handed_in(x)
        share = x[0, 0].numel() / noise[0, 0].numel() / self.block**2
        seeds = (noise < self.p * share).to(x.dtype)
        edge = self.block - 1
        squares = F.pad(seeds, (edge, edge, edge, edge))
        kept = 1 - F.max_pool2d(squares, self.block, stride=1)
        return x * kept / kept.mean((1, 2, 3), keepdim=True).clamp(min=1e-6)


class Skip(NoiseLayer):
    """What a block made of its input, or the input, for each sample by chance."""

    p: Tensor

    def __init__(self, p: float | Tensor, features: tuple[int, ...]) -> None:
        super().__init__(features)
        self.register_buffer("p", torch.as_tensor(p, dtype=torch.float64), persistent=False)

    def forward(self, x: Tensor, answer: Tensor) -> Tensor:
        """Return (batch, …) like both: while training x, or the answer with its addition grown."""
        if not self.training:
            return answer
        grown = ((self.handed_in(x) >= self.p) / (1 - self.p)).to(x.dtype)
        return answer * grown + x * (1 - grown)


SATURATED = -1.7580993408473766
"""The lowest value of SELU, −λα."""


def like_own(op: str, p: float, inputs: tuple[int, ...]) -> NoiseLayer:
    """Return the layer that does what a model's own dropout `op` does on inputs of this shape.

    `inputs` leaves the first dimension out. Those for channels drop whole ones of more than two
    dimensions; of fewer they act as PyTorch's do: on (n, features), `dropout1d` takes n for the
    channels and drops whole samples, the others drop single units.
    """
    if op in ("dropout", "alpha-dropout"):
        features = inputs
    else:
        is_one_sample = len(inputs) + 2 == UNBATCHED.get(op)
        features = (1,) * len(inputs) if is_one_sample else (*inputs[:1], *(1 for _ in inputs[1:]))
    return AlphaDropout(p, features) if "alpha" in op else Dropout(p, features)


UNBATCHED = {"dropout1d": 3, "dropout3d": 5}
"""These ops take an input of one dimension less than this for one sample without its batch."""
