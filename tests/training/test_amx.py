"""Convolutions by AMX against torch's in float64, and who computes by them."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext

import numpy as np
import pytest
import torch
from joined import passed
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional as F

from hikaku.training import fused, tiles
from hikaku.training.deferred_convolution import Convolved
from hikaku.training.fused import Fusing
from hikaku.training.kernels.amx import autograd as amx
from hikaku.training.kernels.amx import units
from hikaku.training.kernels.amx.autograd import fits
from hikaku.training.kernels.amx.units import begin_tiles, tiles_now
from hikaku.training.kernels.compiled import compiled

pytestmark = pytest.mark.skipif(not tiles.ours(), reason="this processor has no AMX")
LAST = torch.channels_last
Bytes = NDArray[np.int8]
NEAR = 2.0**-8
"""How far apart numbers in bfloat16 are, relatively, at most half of which rounding costs."""

SHAPES = {
    "first layer": (5, 3, 32, (14, 10), (3, 3), (1, 1)),
    "one image": (1, 16, 32, (8, 8), (3, 3), (1, 1)),
    "many images": (23, 16, 16, (6, 6), (3, 3), (1, 1)),
    "more than one block": (3, 32, 64, (24, 20), (3, 3), (1, 1)),
    "odd sides": (4, 16, 48, (9, 7), (5, 5), (2, 2)),
    "no padding": (4, 5, 16, (12, 10), (3, 3), (0, 0)),
    "even kernel": (3, 16, 32, (7, 9), (2, 2), (1, 1)),
    "flat kernel": (3, 16, 16, (6, 11), (1, 4), (0, 2)),
    "tall kernel": (3, 48, 16, (11, 6), (4, 1), (3, 0)),
    "points": (4, 32, 16, (6, 5), (1, 1), (0, 0)),
    "many channels": (2, 80, 96, (5, 4), (3, 3), (1, 1)),
    "large kernel": (2, 3, 16, (16, 16), (7, 7), (3, 3)),
}


def drawn(*size: int, seed: int = 0) -> Tensor:
    found = torch.randn(size, generator=torch.Generator().manual_seed(seed)).bfloat16()
    return found.contiguous(memory_format=LAST) if len(size) == 4 else found


def given(case: str) -> tuple[Tensor, Tensor, Tensor, tuple[int, int]]:
    n, channels, kernels, sides, kernel, pads = SHAPES[case]
    weight = drawn(kernels, channels, *kernel, seed=1) / (channels * kernel[0] * kernel[1]) ** 0.5
    return drawn(n, channels, *sides), weight, drawn(kernels, seed=2), pads


def near(found: Tensor | None, exact: Tensor) -> None:
    assert found is not None
    assert found.shape == exact.shape
    found, exact = found.detach().double(), exact.detach()
    torch.testing.assert_close(found, exact, rtol=NEAR, atol=float(exact.abs().max()) * 1e-4)


@pytest.mark.parametrize("rectifies", [True, False], ids=["relu", "no relu"])
@pytest.mark.parametrize("case", SHAPES)
def test_pooled_convolutions_and_gradients_are_exact_but_for_rounding(
    case: str, rectifies: bool
) -> None:
    x, weight, bias, pads = given(case)
    learns = x.shape[1] % 16 == 0
    leaves = [x.clone(memory_format=LAST).requires_grad_(learns), weight.clone(), bias.clone()]
    for leaf in leaves[1:]:
        leaf.requires_grad_()
    ours = amx.pooled(*leaves, pads, rectifies=rectifies)
    exact = [leaf.detach().double().requires_grad_(leaf.requires_grad) for leaf in leaves]
    z = F.conv2d(exact[0], exact[1], exact[2], padding=pads)
    right = F.max_pool2d(F.relu(z) if rectifies else z, 2)
    near(ours, right)
    assert ours.is_contiguous(memory_format=LAST)
    g = drawn(*right.shape, seed=3)
    wanted = [one for one in exact if one.requires_grad]
    slopes = torch.autograd.grad(ours, [one for one in leaves if one.requires_grad], g)
    for one, other in zip(slopes, torch.autograd.grad(right, wanted, g.double()), strict=True):
        near(one, other)


@pytest.mark.parametrize("case", SHAPES)
def test_whole_convolutions_their_moments_and_gradients_are_exact(case: str) -> None:
    x, weight, bias, pads = given(case)
    exact = [v.double().requires_grad_() for v in (x, weight)]
    z = F.conv2d(*exact, bias.double(), padding=pads)
    near(amx.convolved(x, weight, bias, pads), z)
    for keeps in (True, False):
        kept, seen = amx.observed(x, weight, bias, pads, 1e-5, keeps=keeps)
        assert (kept is not None) == keeps
        what = z.detach() if kept is None else kept.double()
        np.testing.assert_allclose(seen.mean, what.mean((0, 2, 3)), rtol=0, atol=1e-6)
        variance = what.var((0, 2, 3), correction=0)
        np.testing.assert_allclose(seen.variance, variance, rtol=1e-5)
    g = drawn(*z.shape, seed=3)
    learns = x.shape[1] % 16 == 0
    dx, dweight, _ = amx.slopes(g, x, weight, pads, (learns, True, False))
    right = torch.autograd.grad(z, exact, g.double())
    near(dweight, right[1])
    if learns:
        near(dx, right[0])


def test_moments_of_numbers_far_from_zero_keep_their_digits() -> None:
    x, weight, _, pads = given("first layer")
    bias = torch.full((32,), 1000.0)
    z = F.conv2d(x.double(), weight.double(), bias.double(), padding=pads)
    _, seen = amx.observed(x, weight, bias, pads, 1e-5, keeps=False)
    np.testing.assert_allclose(seen.mean, z.mean((0, 2, 3)), rtol=1e-7)
    np.testing.assert_allclose(seen.variance, z.var((0, 2, 3), correction=0), rtol=1e-3)


@pytest.mark.parametrize("case", ["first layer", "odd sides", "more than one block"])
def test_the_bits_of_an_image_hang_on_no_other(case: str) -> None:
    x, weight, bias, pads = given(case)
    whole = amx.pooled(x, weight, bias, pads, rectifies=True)
    for i in range(len(x)):
        alone = amx.pooled(x[i : i + 1], weight, bias, pads, rectifies=True)
        assert torch.equal(alone[0], whole[i])


def test_what_is_no_number_stays_so_and_stays_where_it_is() -> None:
    x, weight, bias, pads = given("many images")
    x[3, 2, 4, 4], x[7, 0, 0, 0] = float("nan"), float("inf")
    found = amx.pooled(x, weight, bias, pads, rectifies=False)
    right = F.max_pool2d(F.conv2d(x.double(), weight.double(), bias.double(), padding=pads), 2)
    assert torch.equal(found[3].isnan(), right[3].isnan())
    others = [i for i in range(len(x)) if i not in (3, 7)]
    assert found[others].isfinite().all()
    assert not found[7].isfinite().all()


def test_threads_do_not_meet() -> None:
    x, weight, bias, pads = given("more than one block")
    alone = amx.convolved(x, weight, bias, pads)
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(lambda _: amx.convolved(x, weight, bias, pads), range(40)))
    assert all(torch.equal(one, alone) for one in found)


def test_the_units_are_left_as_they_were_found() -> None:
    @compiled
    def used(shapes: Bytes, found: Bytes, call: bool) -> None:
        if call:
            begin_tiles(shapes)
        tiles_now(found)

    found = np.ones(64, np.int8)
    used(units.shapes(), found, False)
    assert not found.any()
    used(units.shapes(), found, True)
    assert found.tolist() == units.shapes().tolist()
    amx.convolved(*given("one image"))
    used(units.shapes(), found, False)
    assert found.tolist() == units.shapes().tolist()
    used(np.zeros(64, np.int8), found, True)


def test_derivatives_of_higher_order_are_torchs() -> None:
    x, weight, bias, pads = given("one image")
    leaves = [x.requires_grad_(), weight.requires_grad_()]

    def penalty(pooled: object) -> tuple[Tensor, ...]:
        slopes = torch.autograd.grad(pooled().pow(3).sum(), leaves, create_graph=True)
        return torch.autograd.grad(sum(g.square().sum() for g in slopes), leaves)

    ours = penalty(lambda: amx.pooled(x, weight, bias, pads, rectifies=True))
    torchs = penalty(lambda: F.max_pool2d(F.relu(F.conv2d(x, weight, bias, padding=pads)), 2))
    for one, other in zip(ours, torchs, strict=True):
        assert (one - other).norm() <= 0.05 * other.norm()


POOL = nn.MaxPool2d(2)
NETS: dict[str, list[nn.Module]] = {
    "relu": [nn.Conv2d(3, 32, 3), nn.ReLU(), POOL],
    "no relu": [nn.Conv2d(3, 16, 3, padding=1, bias=False), POOL],
    "norm made anew": [nn.Conv2d(3, 32, 3, padding=1), nn.BatchNorm2d(32), nn.ReLU(), POOL],
    "norm kept": [nn.Conv2d(3, 16, (3, 4), bias=False), nn.BatchNorm2d(16), nn.ReLU(), POOL],
    "norm, no pool": [nn.Conv2d(3, 16, 3, padding=1), nn.BatchNorm2d(16), nn.ReLU()],
    "norm without parameters": [nn.Conv2d(3, 16, 3), nn.BatchNorm2d(16, affine=False), POOL],
    "two": [
        *(nn.Conv2d(3, 16, 3, padding=1), nn.BatchNorm2d(16), nn.ReLU(), POOL),
        *(nn.Conv2d(16, 32, 3), nn.BatchNorm2d(32), nn.ReLU(), POOL),
    ],
}


@pytest.mark.parametrize("learns", [True, False], ids=["training", "reading"])
@pytest.mark.parametrize("layers", NETS.values(), ids=NETS)
def test_in_models_they_err_about_as_much_as_torchs(
    layers: list[nn.Module], learns: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fused, "FEWEST", 1)
    net = nn.Sequential(*layers).to(memory_format=LAST)
    for norm in net:
        if isinstance(norm, nn.BatchNorm2d):
            nn.init.uniform_(norm.running_mean, -1, 1)
            if norm.affine:
                nn.init.uniform_(norm.weight, 0.5, 2)
                nn.init.uniform_(norm.bias, -1, 1)
    x = drawn(10, 3, 22, 18).float()
    exact = passed(net, x.double(), nullcontext(), learns=learns)
    with torch.autocast("cpu", torch.bfloat16):
        torchs = passed(net, x, nullcontext(), learns=learns)
        ours = passed(net, x, Fusing(amx=True), learns=learns)
    for one, other, right in zip(ours, torchs, exact, strict=True):
        assert one.shape == right.shape
        error, allowed = ((found - right).norm() for found in (one, other))
        assert error <= 2 * allowed + 1e-3 * right.norm()


@pytest.mark.parametrize(
    ("kernels", "channels", "pads", "learn", "expected"),
    [
        (32, 3, (1, 1), False, True),
        (32, 3, (1, 1), True, False),
        (24, 16, (1, 1), False, False),
        (16, 16, (2, 2), True, True),
        (16, 16, (3, 0), True, False),
    ],
    ids=["first layer", "images that learn", "kernels", "all", "padding beyond the kernel"],
)
def test_what_they_take(
    kernels: int, channels: int, pads: tuple[int, int], learn: bool, expected: bool
) -> None:
    assert fits(torch.empty(kernels, channels, 3, 3), pads, learn=learn) == expected


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16], ids=str)
@pytest.mark.parametrize("asked", [True, False])
def test_they_compute_bfloat16_where_that_is_asked_for(dtype: torch.dtype, asked: bool) -> None:
    x, weight, bias, pads = given("one image")
    deferred = Convolved(x.to(dtype), weight.to(dtype), bias.to(dtype), pads, 0.0)
    deferred.amx = asked
    assert deferred.by_amx(learn=False) == (asked and dtype == torch.bfloat16)
