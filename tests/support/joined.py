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


def taken_up(net: nn.Module, dtype: torch.dtype, *, learns: bool) -> nn.Module:
    """Return a copy of a model in this type, in training mode where it `learns`."""
    return deepcopy(net).to(dtype).train(learns)
