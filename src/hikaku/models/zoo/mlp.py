"""A chain of dense layers: for tables, and the smallest network for images."""

from __future__ import annotations

import itertools
import math

from torch import nn

from hikaku.study.card import Counts


def mlp(inputs: tuple[int, ...], classes: int, hidden: Counts = (100, 100)) -> nn.Module:
    """A chain of dense layers with ReLU between them; `hidden` lists their widths."""
    sizes = (math.prod(inputs), *hidden)
    layers: list[nn.Module] = [nn.Flatten()]
    for before, after in itertools.pairwise(sizes):
        layers += [nn.Linear(before, after), nn.ReLU()]
    return nn.Sequential(*layers, nn.Linear(sizes[-1], classes))
