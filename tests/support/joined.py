"""Which convolutions are joined with the pooling behind them."""

from __future__ import annotations

from types import ModuleType
from typing import Any

import pytest
from torch import Tensor

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
