"""A convolution that is pooled in one pass gives what torch gives: exactly, but for rounding."""

from __future__ import annotations

from contextlib import nullcontext
from typing import Any

import pytest
import torch
from joined import spied
from torch import Tensor, nn
from torch.nn import functional as F

from hikaku.training import fused
from hikaku.training.deferred_convolution import Convolved
from hikaku.training.fused import Fusing
from hikaku.training.kernels import convolution, windows
from hikaku.training.kernels import normed as normed_kernels
from hikaku.training.kernels.convolution import convolved

CASES = {
    "the usual": (4, 3, 32, (12, 12), (3, 3), (1, 1)),
    "deeper": (3, 32, 64, (8, 8), (3, 3), (1, 1)),
    "a kernel in pieces": (2, 64, 16, (6, 6), (3, 3), (1, 1)),
    "5 x 5, odd numbers of channels": (3, 3, 6, (11, 9), (5, 5), (0, 0)),
    "groups with a rest": (2, 6, 40, (7, 10), (3, 3), (1, 1)),
    "one more than a group": (2, 5, 33, (6, 6), (2, 2), (0, 0)),
    "a kernel that is not square": (2, 4, 20, (9, 7), (3, 5), (1, 2)),
    "1 x 1": (2, 7, 17, (5, 4), (1, 1), (0, 0)),
    "much padding": (2, 3, 8, (4, 4), (3, 3), (2, 3)),
    "tall": (2, 3, 5, (14, 13), (11, 3), (5, 1)),
    "two windows": (2, 8, 9, (4, 3), (3, 2), (1, 0)),
    "a single image": (1, 3, 32, (8, 8), (3, 3), (1, 1)),
}


def images(*size: int, dtype: torch.dtype = torch.float32, seed: int = 0) -> Tensor:
    drawn = torch.randn(size, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)
    return drawn.to(dtype).contiguous(memory_format=torch.channels_last)


def given(case: str, dtype: torch.dtype) -> tuple[Tensor, Tensor, Tensor, tuple[int, int]]:
    n, channels, kernels, size, kernel, pads = CASES[case]
    scale = (channels * kernel[0] * kernel[1]) ** -0.5
    weight = images(kernels, channels, *kernel, dtype=dtype, seed=1) * scale
    bias = images(1, kernels, 1, 1, dtype=dtype, seed=2).flatten() * 0.1
    return images(n, channels, *size, dtype=dtype), weight, bias, pads


def by_torch(
    x: Tensor, weight: Tensor, bias: Tensor | None, pads: tuple[int, int], *, rectifies: bool
) -> Tensor:
    z = F.conv2d(x, weight, bias, padding=pads)
    return F.max_pool2d(F.relu(z) if rectifies else z, 2)


def with_gradients(
    function: Any, case: str, dtype: torch.dtype, **how: Any
) -> tuple[Tensor, list[Tensor]]:
    *tensors, pads = given(case, dtype)
    leaves = [value.detach().requires_grad_() for value in tensors]
    y = function(*leaves, pads, **how)
    g = images(*y.shape, dtype=dtype, seed=3)
    return y.detach(), list(torch.autograd.grad(y, leaves, g))


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("rectifies", [True, False], ids=["relu", "no relu"])
def test_value_and_gradients_are_torchs(case: str, rectifies: bool) -> None:
    ours, torchs = (
        with_gradients(f, case, torch.float64, rectifies=rectifies) for f in (convolved, by_torch)
    )
    assert ours[0].stride() == torchs[0].stride()
    for one, other in zip((ours[0], *ours[1]), (torchs[0], *torchs[1]), strict=True):
        torch.testing.assert_close(one, other, rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("case", CASES)
def test_in_float32_they_err_no_more_than_torchs(case: str) -> None:
    exact = with_gradients(by_torch, case, torch.float64, rectifies=True)
    ours, torchs = (
        with_gradients(f, case, torch.float32, rectifies=True) for f in (convolved, by_torch)
    )
    for one, other, right in zip(
        *((value, *grads) for value, grads in (ours, torchs, exact)), strict=True
    ):
        error, allowed = ((found - right).norm() for found in (one, other))
        assert error <= 2 * allowed + 1e-7 * right.norm()


@pytest.mark.parametrize("case", CASES)
def test_an_image_does_not_know_who_is_in_the_batch(case: str) -> None:
    x, weight, bias, pads = given(case, torch.float32)
    leaf = x.detach().requires_grad_()
    whole = convolved(leaf, weight, bias, pads, rectifies=True)
    slope = torch.autograd.grad(whole.square().sum(), leaf)[0]
    for i in range(len(x)):
        alone = x[i : i + 1].detach().requires_grad_()
        found = convolved(alone, weight, bias, pads, rectifies=True)
        assert torch.equal(found[0], whole[i])
        assert torch.equal(torch.autograd.grad(found.square().sum(), alone)[0][0], slope[i])


def test_how_many_windows_are_made_at_once_moves_no_bit(monkeypatch: pytest.MonkeyPatch) -> None:
    wide = with_gradients(convolved, "groups with a rest", torch.float32, rectifies=True)
    monkeypatch.setattr(windows, "MANY", False)
    narrow = with_gradients(convolved, "groups with a rest", torch.float32, rectifies=True)
    assert torch.equal(wide[0], narrow[0])
    assert all(map(torch.equal, wide[1], narrow[1]))


@pytest.mark.parametrize("without", range(3), ids=["images", "weight", "bias"])
def test_what_wants_no_gradient_gets_none(without: int) -> None:
    *tensors, pads = given("the usual", torch.float64)
    leaves = [value.requires_grad_(k != without) for k, value in enumerate(tensors)]
    wanted = [value for value in leaves if value.requires_grad]
    ours, torchs = (
        torch.autograd.grad(f(*leaves, pads, rectifies=True).square().sum(), wanted)
        for f in (convolved, by_torch)
    )
    for one, other in zip(ours, torchs, strict=True):
        torch.testing.assert_close(one, other, rtol=1e-12, atol=1e-12)


def test_there_need_be_no_bias() -> None:
    x, weight, _, pads = given("the usual", torch.float64)
    ours, torchs = (f(x, weight, None, pads, rectifies=True) for f in (convolved, by_torch))
    torch.testing.assert_close(ours, torchs, rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("rectifies", [True, False], ids=["relu", "no relu"])
def test_derivatives_of_higher_order_are_torchs(rectifies: bool) -> None:
    def penalty(function: Any) -> list[Tensor]:
        *tensors, pads = given("the usual", torch.float64)
        leaves = [value.requires_grad_() for value in tensors]
        y = function(*leaves, pads, rectifies=rectifies).pow(3).sum()
        slopes = torch.autograd.grad(y, leaves, create_graph=True)
        return list(torch.autograd.grad(sum(g.square().sum() for g in slopes), leaves))

    for one, other in zip(penalty(convolved), penalty(by_torch), strict=True):
        torch.testing.assert_close(one, other, rtol=1e-10, atol=1e-10)


@pytest.mark.parametrize("value", [float("nan"), -float("nan"), float("inf"), -float("inf")])
@pytest.mark.parametrize("rectifies", [True, False], ids=["relu", "no relu"])
def test_what_is_not_finite_is_seen(value: float, rectifies: bool) -> None:
    x, weight, bias, pads = given("the usual", torch.float32)
    x[1, 1, 3, 3] = value
    ours, torchs = (f(x, weight, bias, pads, rectifies=rectifies) for f in (convolved, by_torch))
    torch.testing.assert_close(ours, torchs, equal_nan=True)


@pytest.fixture
def used(monkeypatch: pytest.MonkeyPatch) -> list[bool]:
    return spied(monkeypatch, convolution)


POOL = nn.MaxPool2d(2)
NETS: dict[str, tuple[list[nn.Module], list[bool]]] = {
    "conv, relu, pool": ([nn.Conv2d(3, 8, 3), nn.ReLU(), POOL], [True]),
    "conv, relu in place, pool": ([nn.Conv2d(3, 8, 3), nn.ReLU(inplace=True), POOL], [True]),
    "conv, pool, relu": ([nn.Conv2d(3, 8, 3), POOL, nn.ReLU()], [False]),
    "no bias": ([nn.Conv2d(3, 8, 3, bias=False), nn.ReLU(), POOL], [True]),
    "twice": (
        [nn.Conv2d(3, 8, 3), POOL, nn.Conv2d(8, 4, 3, padding=1), nn.ReLU(), POOL], [False, True],
    ),
    "stride": ([nn.Conv2d(3, 8, 3, stride=2), nn.ReLU(), POOL], []),
    "groups": ([nn.Conv2d(3, 6, 3, groups=3), nn.ReLU(), POOL], []),
    "dilation": ([nn.Conv2d(3, 8, 3, dilation=2), nn.ReLU(), POOL], []),
    "same": ([nn.Conv2d(3, 8, 3, padding="same"), nn.ReLU(), POOL], []),
    "reflected": ([nn.Conv2d(3, 8, 3, padding=1, padding_mode="reflect"), nn.ReLU(), POOL], [True]),
    "norm between": ([nn.Conv2d(3, 8, 3), nn.BatchNorm2d(8), nn.ReLU(), POOL], []),
    "dropout between": ([nn.Conv2d(3, 8, 3), nn.Dropout2d(0.0), nn.ReLU(), POOL], []),
    "another activation": ([nn.Conv2d(3, 8, 3), nn.Tanh(), POOL], []),
    "no pooling": ([nn.Conv2d(3, 8, 3), nn.ReLU()], []),
    "pooled otherwise": ([nn.Conv2d(3, 8, 3), nn.ReLU(), nn.MaxPool2d(3, 2)], []),
    "a single kernel": ([nn.Conv2d(3, 1, 3), nn.ReLU(), POOL], []),
    "a large weight": ([nn.Conv2d(3, 512, (11, 16)), nn.ReLU(), POOL], []),
}  # fmt: skip


@pytest.mark.parametrize(("layers", "expected"), NETS.values(), ids=NETS)
@pytest.mark.parametrize("learns", [True, False], ids=["training", "reading"])
def test_it_is_used_where_it_fits(
    layers: list[nn.Module], expected: list[bool], learns: bool, used: list[bool]
) -> None:
    net = nn.Sequential(*layers).to(torch.float64, memory_format=torch.channels_last)
    x = images(4, 3, 20, 20, dtype=torch.float64)
    found = []
    for fuses in (True, False):
        with torch.set_grad_enabled(learns):
            net.train(learns)
            with Fusing() if fuses else nullcontext():
                y = net(x)
        grads = torch.autograd.grad(y.square().sum(), list(net.parameters())) if learns else ()
        found.append([y.detach(), *grads])
    # In reading, a norm is part of the weight.
    is_norm = any(isinstance(layer, nn.BatchNorm2d) for layer in layers)
    assert used == ([True] if is_norm and not learns else expected)
    for one, other in zip(*found, strict=True):
        torch.testing.assert_close(one, other, rtol=1e-10, atol=1e-10)


def test_what_nobody_asks_for_is_never_alone(
    used: list[bool], monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[int] = []
    original = Convolved._alone
    monkeypatch.setattr(Convolved, "_alone", lambda s: seen.append(1) or original(s))
    x, weight, bias, pads = given("the usual", torch.float32)
    with Fusing():
        F.max_pool2d(F.relu(F.conv2d(x, weight, bias, padding=pads)), 2).sum()
    assert used == [True]
    assert not seen


def normed(
    x: Tensor, weight: Tensor, bias: Tensor, pads: tuple[int, int], *, pools: bool
) -> Tensor:
    """Return images convolved, normalised, rectified, maybe pooled."""
    scale, shift = bias.detach() + 1.5, bias * 2
    z = F.conv2d(x, weight, bias, padding=pads)
    z = F.relu(F.batch_norm(z, None, None, scale, shift, True))
    return F.max_pool2d(z, 2) if pools else z


def ours_normed(*given: Any, pools: bool) -> Tensor:
    with Fusing():
        return normed(*given, pools=pools)


@pytest.fixture
def joined(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Return the number of images of each convolution that was joined with a norm."""
    seen: list[int] = []
    original = normed_kernels.convolved_norm
    monkeypatch.setattr(
        normed_kernels, "convolved_norm", lambda *a: seen.append(len(a[0])) or original(*a)
    )
    monkeypatch.setattr(fused, "FEWEST", 1)
    return seen


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("pools", [True, False], ids=["pooled", "whole"])
@pytest.mark.parametrize("block", [1, 1 << 22], ids=["image by image", "at once"])
def test_joined_with_a_norm_it_is_torchs(
    case: str, pools: bool, block: int, joined: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(normed_kernels, "BLOCK", block)
    # While a loop is compiled, what waits may be held for longer, and is computed once more.
    with_gradients(ours_normed, case, torch.float64, pools=pools)
    joined.clear()
    ours = with_gradients(ours_normed, case, torch.float64, pools=pools)
    torchs = with_gradients(normed, case, torch.float64, pools=pools)
    assert joined == [CASES[case][0]]
    for one, other in zip((ours[0], *ours[1]), (torchs[0], *torchs[1]), strict=True):
        torch.testing.assert_close(one, other, rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize("pools", [True, False], ids=["pooled", "whole"])
def test_derivatives_of_higher_order_through_a_norm_are_torchs(
    pools: bool, joined: list[int]
) -> None:
    def penalty(function: Any) -> list[Tensor]:
        *tensors, pads = given("the usual", torch.float64)
        leaves = [value.requires_grad_() for value in tensors]
        y = function(*leaves, pads, pools=pools).pow(3).sum()
        slopes = torch.autograd.grad(y, leaves, create_graph=True)
        return list(torch.autograd.grad(sum(g.square().sum() for g in slopes), leaves))

    for one, other in zip(penalty(ours_normed), penalty(normed), strict=True):
        torch.testing.assert_close(one, other, rtol=1e-8, atol=1e-8)
    assert joined


def test_a_norm_that_is_frozen_in_training_is_left_to_torch(joined: list[int]) -> None:
    net = nn.Sequential(nn.Conv2d(3, 8, 3), nn.BatchNorm2d(8).eval(), nn.ReLU(), POOL)
    net = net.to(torch.float64, memory_format=torch.channels_last)
    x = images(4, 3, 12, 12, dtype=torch.float64)
    with Fusing():
        ours = net(x)
    torch.testing.assert_close(ours, net(x), rtol=1e-12, atol=1e-12)
    assert not joined


def test_running_figures_of_a_joined_norm_move_once(joined: list[int]) -> None:
    def moved(fuses: bool) -> list[Tensor]:
        net = nn.Sequential(conv, nn.BatchNorm2d(8, dtype=torch.float64), nn.ReLU(), POOL)
        for seed in range(3):
            with Fusing() if fuses else nullcontext():
                net(images(4, 3, 12, 12, dtype=torch.float64, seed=seed))
        return list(net.buffers())

    conv = nn.Conv2d(3, 8, 3, dtype=torch.float64)
    for one, other in zip(moved(True), moved(False), strict=True):
        torch.testing.assert_close(one, other)
    assert joined == [4] * 3
