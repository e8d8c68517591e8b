"""Convolutions in bfloat16, joined with what follows them, against torch's."""

from __future__ import annotations

from contextlib import nullcontext
from typing import Any

import pytest
import torch
from joined import passed, spied
from torch import Tensor, nn
from torch.nn import functional as F

from hikaku.training.fused import Fusing
from hikaku.training.kernels import blocks
from hikaku.training.kernels.blocks import convolved

POOL = nn.MaxPool2d(2)
NETS: dict[str, list[nn.Module]] = {
    "relu": [nn.Conv2d(3, 24, 3), nn.ReLU(), POOL],
    "no relu": [nn.Conv2d(3, 24, 3, padding=1, bias=False), POOL],
    "norm": [nn.Conv2d(3, 24, 3), nn.BatchNorm2d(24), nn.ReLU(), POOL],
    "norm, no pool": [nn.Conv2d(3, 24, 5, bias=False), nn.BatchNorm2d(24), nn.ReLU()],
    "two": [nn.Conv2d(3, 8, 3), nn.ReLU(), POOL, nn.Conv2d(8, 16, 3), nn.BatchNorm2d(16), POOL],
}


def images(*size: int, seed: int = 0) -> Tensor:
    drawn = torch.randn(size, generator=torch.Generator().manual_seed(seed))
    return drawn.contiguous(memory_format=torch.channels_last)


@pytest.fixture
def used(monkeypatch: pytest.MonkeyPatch) -> list[bool]:
    monkeypatch.setattr(blocks, "BLOCK", 60_000)
    return spied(monkeypatch, blocks)


@pytest.mark.parametrize("learns", [True, False], ids=["training", "reading"])
@pytest.mark.parametrize("layers", NETS.values(), ids=NETS)
def test_under_autocast_they_err_about_as_much_as_torchs(
    layers: list[nn.Module], learns: bool, used: list[bool]
) -> None:
    net = nn.Sequential(*layers).to(memory_format=torch.channels_last)
    for norm in net:
        if isinstance(norm, nn.BatchNorm2d):
            nn.init.uniform_(norm.weight, 0.5, 2)
            nn.init.uniform_(norm.bias, -1, 1)
            nn.init.uniform_(norm.running_mean, -1, 1)
    x = images(10, 3, 22, 18)
    exact = passed(net, x.double(), nullcontext(), learns=learns)
    with torch.autocast("cpu", torch.bfloat16):
        torchs = passed(net, x, nullcontext(), learns=learns)
        ours = passed(net, x, Fusing(), learns=learns)
    assert bool(used) == _pools(layers, learns=learns)
    for one, other, right in zip(ours, torchs, exact, strict=True):
        assert one.shape == right.shape
        error, allowed = ((found - right).norm() for found in (one, other))
        assert error <= 2 * allowed + 1e-3 * right.norm()


def _pools(layers: list[nn.Module], *, learns: bool) -> bool:
    """Return whether a convolution is joined with pooling, a norm between being its weight's."""
    first = [type(layer) for layer in layers[:2]]
    return nn.MaxPool2d in map(type, layers) and not (learns and first[1] is nn.BatchNorm2d)


def test_gradients_in_whole_are_those_of_torch() -> None:
    x, weight, bias = images(5, 4, 9, 8), images(6, 4, 3, 3, seed=1), images(1, 6, 1, 1, seed=2)
    given = [v.bfloat16().requires_grad_() for v in (x, weight, bias.flatten())]
    ours = convolved(*given, (1, 0), rectifies=True)
    torchs = F.max_pool2d(F.relu(F.conv2d(*given, padding=(1, 0))), 2)
    g = images(*ours.shape, seed=3).bfloat16()
    assert ours.stride() == torchs.stride()
    for one, other in zip(
        (ours, *torch.autograd.grad(ours, given, g)),
        (torchs, *torch.autograd.grad(torchs, given, g)),
        strict=True,
    ):
        torch.testing.assert_close(one, other, rtol=2**-7, atol=1e-2)


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16], ids=str)
def test_another_short_type_is_left_to_torch(dtype: torch.dtype, used: list[bool]) -> None:
    net = nn.Sequential(*NETS["relu"]).to(memory_format=torch.channels_last)
    x = images(4, 3, 12, 12)
    with torch.autocast("cpu", dtype), Fusing():
        assert net(x).dtype == dtype
    assert bool(used) == (dtype == torch.bfloat16)


def test_derivatives_of_higher_order_are_torchs() -> None:
    x, weight = images(3, 4, 8, 8).double(), images(5, 4, 3, 3, seed=1).double()
    x, weight = (v.contiguous(memory_format=torch.channels_last) for v in (x, weight))
    leaves = [x.requires_grad_(), weight.requires_grad_()]

    def penalty(pools: Any) -> tuple[Tensor, ...]:
        slopes = torch.autograd.grad(pools().pow(3).sum(), leaves, create_graph=True)
        return torch.autograd.grad(sum(g.square().sum() for g in slopes), leaves)

    ours = penalty(lambda: convolved(x, weight, None, (1, 1), rectifies=True))
    torchs = penalty(lambda: F.max_pool2d(F.relu(F.conv2d(x, weight, padding=1)), 2))
    for one, other in zip(ours, torchs, strict=True):
        torch.testing.assert_close(one, other, rtol=1e-10, atol=1e-10)
