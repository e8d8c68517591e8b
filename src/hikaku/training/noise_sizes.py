"""How much noise each layer of a model wants, as a function of the batch: measured, not guessed.

Where the batch is not the first dimension (a transformer of (time, batch, features)), or where
samples are folded into it (batch · time, features), nothing about a site says so. Two passes do.
"""

from __future__ import annotations

from copy import deepcopy
from dataclasses import dataclass
from typing import Any

import torch
from torch import nn
from torch.utils._pytree import tree_map

from hikaku.models.calling import Calling
from hikaku.models.noise import NoiseLayer
from hikaku.models.surgery import noise_layers
from hikaku.techniques.slots import Input

SMALL, LARGE = 2, 3
"""Two sizes of a batch; each dimension is then a line through both."""


@dataclass(frozen=True)
class Wanted:
    """The noise of one layer: "uniform" or "normal"; each dimension is (per sample, fixed)."""

    draw: str
    sizes: tuple[tuple[int, int], ...]

    def shape(self, batch: int) -> tuple[int, ...]:
        """Return the shape of the noise for this many samples."""
        return tuple(per_sample * batch + fixed for per_sample, fixed in self.sizes)


def noise_wanted(model: nn.Module, calling: Calling, x: Input) -> dict[str, Wanted]:
    """Return what each layer of the model that waits for noise wants, by its path."""
    layers = noise_layers(model)
    if not layers:
        return {}
    small, large = (_seen(model, calling, x, count) for count in (SMALL, LARGE))
    return {
        path: Wanted(layer.draw, _line(small.get(path), large.get(path), layer))
        for path, layer in layers.items()
    }


def _seen(model: nn.Module, calling: Calling, x: Input, count: int) -> dict[str, tuple[int, ...]]:
    """Return the shape of the noise of every layer that a training pass of `count` samples runs."""
    copy = deepcopy(model)
    copy.train()
    found: dict[str, tuple[int, ...]] = {}
    for path, layer in noise_layers(copy).items():

        def note(layer: nn.Module, args: tuple[Any, ...], path: str = path) -> None:
            assert isinstance(layer, NoiseLayer)
            found[path] = layer.wanted(tuple(args[0].shape))
            layer.noise = torch.ones(found[path])

        layer.register_forward_pre_hook(note)
    batch = tree_map(lambda t: t[torch.arange(count) % len(t)], x)
    args, kwargs = calling.arguments(batch)
    with torch.no_grad():
        copy(*args, **kwargs)
    return found


def _line(
    small: tuple[int, ...] | None, large: tuple[int, ...] | None, layer: NoiseLayer
) -> tuple[tuple[int, int], ...]:
    if small is None or large is None or len(small) != len(large):
        return ((1, 0), *((0, size) for size in layer.features))
    slopes = [(b - a) // (LARGE - SMALL) for a, b in zip(small, large, strict=True)]
    return tuple((slope, a - slope * SMALL) for slope, a in zip(slopes, small, strict=True))
