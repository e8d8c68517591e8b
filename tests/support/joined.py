"""Which convolutions are joined with the pooling behind them."""

from __future__ import annotations

from copy import deepcopy
from types import ModuleType
from typing import Any

import pytest
import torch
from torch import Tensor, nn

from hikaku.training import fused


def spied(monkeypatch: pytest.MonkeyPatch, room: ModuleType) -> list[bool]:
    """Return for each convolution that `room` joins with its pooling whether ReLU stands between.

    Images of any size are joined then.
    """
    seen: list[bool] = []
    original = room.convolved

    def convolved(*args: Any, rectifies: bool) -> Tensor:
        seen.append(rectifies)
        found: Tensor = original(*args, rectifies=rectifies)
        return found

    monkeypatch.setattr(room, "convolved", convolved)
    monkeypatch.setattr(fused, "FEWEST", 1)
    return seen


def passed(net: nn.Module, x: Tensor, how: Any, *, learns: bool) -> list[Tensor]:
    """Return what a copy of the model makes of x, its gradients if it `learns`, and its buffers."""
    net = deepcopy(net).to(x.dtype).train(learns)
    with torch.set_grad_enabled(learns):
        with how:
            y = net(x)
        y = y.to(x.dtype)
        slopes = torch.autograd.grad(y.square().mean(), list(net.parameters())) if learns else ()
    return [y, *slopes, *(v for v in net.buffers() if v.is_floating_point())]
