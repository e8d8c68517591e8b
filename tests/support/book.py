"""The layers of the book's library beside torch's own: what each is made of, and what it is fed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from hikaku.reference import convolution, layers, noise, norms
from hikaku.reference.arrays import Array
from hikaku.reference.layers import Layer

RNG = np.random.default_rng(7)

Named = dict[str, Tensor]


def numbers(*shape: int) -> Array:
    """Return numbers without ties, none of them near 0, where activations have their kinks."""
    found = RNG.normal(size=shape)
    return found + np.copysign(0.05, found)


class Given:
    """Hands out given numbers, in the place of a generator."""

    def __init__(self, u: Array) -> None:
        self.u = u

    def random(self, size: tuple[int, ...]) -> Array:
        assert self.u.shape == tuple(size)
        return self.u


@dataclass(frozen=True)
class Case:
    """A layer, an input, and the same function in torch; `params` go by the book's names."""

    name: str
    make: Callable[[], Layer]
    x: Array
    torch: Callable[[Tensor, Named], Tensor]

    def __str__(self) -> str:
        return self.name


W, B = numbers(5, 4), numbers(4)
PLANES = numbers(3, 4, 6, 5)
GAMMA, BETA = numbers(4), numbers(4)
FILTERS, BIASES = numbers(6, 4, 3, 2), numbers(6)
U = RNG.random((3, 5))
U_W = RNG.random((5, 4))
SAMPLE = (4, 6, 5)
G, H = numbers(*SAMPLE), numbers(*SAMPLE)


def turned(p: Named) -> Tensor:
    return p["W"].T


def batch_norm(x: Tensor, p: Named) -> Tensor:
    return F.batch_norm(x, None, None, p["gamma"], p["beta"], training=True, eps=1e-6)


CASES = (
    Case("affine", lambda: layers.Affine(W, B), numbers(3, 5),
         lambda x, p: F.linear(x, turned(p), p["b"])),
    Case("affine-without-bias", lambda: layers.Affine(W), numbers(3, 5),
         lambda x, p: F.linear(x, turned(p))),
    Case("flatten", layers.Flatten, PLANES, lambda x, p: x.flatten(1)),
    Case("sigmoid", layers.Sigmoid, numbers(3, 5), lambda x, p: torch.sigmoid(x)),
    Case("tanh", layers.Tanh, numbers(3, 5), lambda x, p: torch.tanh(x)),
    Case("relu", layers.ReLU, numbers(3, 5), lambda x, p: torch.relu(x)),
    Case("leaky-relu", lambda: layers.LeakyReLU(0.1), numbers(3, 5),
         lambda x, p: F.leaky_relu(x, 0.1)),
    Case("gelu", layers.GELU, numbers(3, 5), lambda x, p: F.gelu(x)),
    Case("batch-norm", lambda: norms.BatchNormalization(GAMMA, BETA), numbers(7, 4), batch_norm),
    Case("batch-norm-planes", lambda: norms.BatchNormalization(GAMMA, BETA), PLANES, batch_norm),
    Case("layer-norm", lambda: norms.LayerNormalization(G, H), PLANES,
         lambda x, p: F.layer_norm(x, SAMPLE, p["gamma"], p["beta"], 1e-5)),
    Case("layer-norm-features", lambda: norms.LayerNormalization(numbers(5), numbers(5)),
         numbers(3, 5), lambda x, p: F.layer_norm(x, (5,), p["gamma"], p["beta"], 1e-5)),
    Case("instance-norm", lambda: norms.InstanceNormalization(GAMMA, BETA), PLANES,
         lambda x, p: F.instance_norm(x, weight=p["gamma"], bias=p["beta"], eps=1e-5)),
    Case("lrn", lambda: norms.LocalResponseNormalization(3, 0.5, 0.75, 2.0), PLANES,
         lambda x, p: nn.LocalResponseNorm(3, 0.5, 0.75, 2.0)(x)),
    Case("lrn-even", lambda: norms.LocalResponseNormalization(4, 0.5, 0.75, 1.0), PLANES,
         lambda x, p: nn.LocalResponseNorm(4, 0.5, 0.75, 1.0)(x)),
    Case("dropout", lambda: noise.Dropout(0.4, Given(U)), numbers(3, 5),
         lambda x, p: x * torch.from_numpy(U >= 0.4) / 0.6),
    Case("dropconnect", lambda: noise.DropConnect(W, B, 0.4, Given(U_W)), numbers(3, 5),
         lambda x, p: x @ (p["W"] * torch.from_numpy(U_W >= 0.4) / 0.6) + p["b"]),
    Case("convolution", lambda: convolution.Convolution(FILTERS, BIASES), PLANES,
         lambda x, p: F.conv2d(x, p["W"], p["b"])),
    Case("convolution-strided", lambda: convolution.Convolution(FILTERS, None, 2, 1), PLANES,
         lambda x, p: F.conv2d(x, p["W"], None, 2, 1)),
    Case("pooling", lambda: convolution.Pooling(2, 2), PLANES, lambda x, p: F.max_pool2d(x, 2)),
    Case("pooling-overlapping", lambda: convolution.Pooling(3, 3, 2, 1), PLANES,
         lambda x, p: F.max_pool2d(x, 3, 2, 1)),
)  # fmt: skip
