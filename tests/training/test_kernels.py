"""The fast kernels give what torch gives: ReLU + pooling to the bit, batch norm to rounding."""

from __future__ import annotations

import pytest
import torch
from numba.core.caching import CompileResultCacheImpl
from torch import Tensor
from torch.nn import functional as F

from hikaku.training.kernels.autograd import Norm, Pool, statistics
from hikaku.training.kernels.compiled import compiled

NAN = float("nan")
INF = float("inf")
DTYPES = (torch.float32, torch.bfloat16, torch.float64)
SIZES = [(3, 32, 8, 8), (2, 6, 7, 9), (5, 16, 2, 3), (1, 3, 5, 2), (4, 40, 4, 4)]


def images(*size: int, dtype: torch.dtype = torch.float32, seed: int = 0) -> Tensor:
    drawn = torch.randn(size, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)
    return drawn.to(dtype).contiguous(memory_format=torch.channels_last)


def awkward(*size: int, dtype: torch.dtype) -> Tensor:
    """Return images full of ties, zeros of both signs, infinities and NaN of both signs."""
    values = torch.tensor([0.0, -0.0, 1.0, 1.0, -1.0, 2.0, INF, -INF, NAN], dtype=torch.float64)
    values = torch.cat([values, -values[-1:], torch.tensor([1e-30, -1e-30])])
    which = torch.randint(len(values), size, generator=torch.Generator().manual_seed(1))
    return values[which].to(dtype).contiguous(memory_format=torch.channels_last)


def pooled(x: Tensor, rectifies: bool = True) -> Tensor:
    return Pool.apply(x, rectifies)


def by_torch(x: Tensor, rectifies: bool = True) -> Tensor:
    return F.max_pool2d(F.relu(x) if rectifies else x, 2)


def same_bits(a: Tensor, b: Tensor) -> bool:
    """Return whether shapes, strides and bits agree; one NaN is as good as another."""
    whole = {4: torch.int32, 2: torch.int16, 8: torch.int64}[a.element_size()]
    nan = a.isnan() & b.isnan()
    equal = (a.contiguous().view(whole) == b.contiguous().view(whole)) | nan
    return a.stride() == b.stride() and bool(equal.all())


def with_gradient(function: object, x: Tensor, g: Tensor) -> tuple[Tensor, Tensor]:
    leaf = x.detach().clone(memory_format=torch.preserve_format).requires_grad_()
    y = function(leaf)
    return y.detach(), torch.autograd.grad(y, leaf, g)[0]


@pytest.mark.parametrize("dtype", DTYPES, ids=str)
@pytest.mark.parametrize("size", SIZES, ids=str)
@pytest.mark.parametrize("make", [images, awkward])
@pytest.mark.parametrize("rectifies", [True, False], ids=["relu", "no relu"])
def test_relu_and_pooling_are_torchs_to_the_bit(
    dtype: torch.dtype, size: tuple[int, ...], make: object, rectifies: bool
) -> None:
    x = make(*size, dtype=dtype)
    g = images(*by_torch(x).shape, dtype=dtype, seed=2)
    g[..., :1] = -0.0
    ours, torchs = (with_gradient(lambda v, f=f: f(v, rectifies), x, g) for f in (pooled, by_torch))
    assert same_bits(ours[0], torchs[0])
    assert same_bits(ours[1], torchs[1])


@pytest.mark.parametrize("dtype", DTYPES, ids=str)
@pytest.mark.parametrize("sign", [1.0, -1.0])
@pytest.mark.parametrize("place", range(4))
@pytest.mark.parametrize("rectifies", [True, False], ids=["relu", "no relu"])
def test_a_nan_of_either_sign_is_seen_and_gets_its_gradient(
    dtype: torch.dtype, sign: float, place: int, rectifies: bool
) -> None:
    x = images(1, 3, 2, 2, dtype=dtype)
    x[0, 1, place // 2, place % 2] = torch.copysign(torch.tensor(NAN), torch.tensor(sign))
    g = torch.ones(1, 3, 1, 1, dtype=dtype)
    y, gradient = with_gradient(lambda v: pooled(v, rectifies), x, g)
    assert y.isnan().flatten().tolist() == [False, True, False]
    assert gradient[0, 1].flatten().tolist() == [float(k == place) for k in range(4)]


@pytest.mark.parametrize("layout", ["contiguous", "expanded", "sliced"])
def test_a_gradient_may_lie_in_memory_as_it_likes(layout: str) -> None:
    x = images(2, 8, 4, 4)
    g = {
        "contiguous": torch.randn(2, 8, 2, 2),
        "expanded": torch.randn(()).expand(2, 8, 2, 2),
        "sliced": torch.randn(2, 16, 2, 4)[:, ::2, :, ::2],
    }[layout]
    assert same_bits(with_gradient(pooled, x, g)[1], with_gradient(by_torch, x, g)[1])


def test_relu_and_pooling_can_be_derived_twice() -> None:
    x = images(2, 3, 5, 4, dtype=torch.float64).requires_grad_()
    assert torch.autograd.gradcheck(pooled, (x,))
    assert torch.autograd.gradgradcheck(pooled, (x,))


def normalised(x: Tensor, weight: Tensor | None, bias: Tensor | None, after: str) -> Tensor:
    """Return our batch norm of `x` and what comes after it."""
    floor = 0.0 if "relu" in after else -INF
    return Norm.apply(x, weight, bias, statistics(x, 1e-5), floor, "pool" in after)


def normalised_by_torch(
    x: Tensor, weight: Tensor | None, bias: Tensor | None, after: str
) -> Tensor:
    z = F.batch_norm(x, None, None, weight, bias, True)
    z = F.relu(z) if "relu" in after else z
    return F.max_pool2d(z, 2) if "pool" in after else z


AFTER = ["", "relu", "pool", "relu, pool"]


@pytest.mark.parametrize("after", AFTER)
@pytest.mark.parametrize("size", SIZES, ids=str)
def test_batch_norm_in_float64_is_torchs(after: str, size: tuple[int, ...]) -> None:
    x = images(*size, dtype=torch.float64) * 3 + 50
    leaves = [x, *images(2, size[1], 1, 1, dtype=torch.float64).flatten(1)]
    results = []
    for function in (normalised, normalised_by_torch):
        given = [v.detach().clone().requires_grad_() for v in leaves]
        y = function(*given, after)
        g = images(*y.shape, dtype=torch.float64, seed=2)
        results.append([y, *torch.autograd.grad(y, given, g)])
    for ours, torchs in zip(*results, strict=True):
        assert ours.stride() == torchs.stride()
        torch.testing.assert_close(ours, torchs, rtol=1e-10, atol=1e-10)


@pytest.mark.parametrize("after", AFTER)
def test_batch_norm_passes_the_check_of_gradients_once_and_twice(after: str) -> None:
    leaves = [
        v.detach().requires_grad_()
        for v in (
            images(3, 2, 4, 5, dtype=torch.float64),
            torch.tensor([0.7, -1.3], dtype=torch.float64),
            torch.tensor([0.3, 0.1], dtype=torch.float64),
        )
    ]

    def function(*given: Tensor) -> Tensor:
        return normalised(*given, after)

    assert torch.autograd.gradcheck(function, leaves)
    assert torch.autograd.gradgradcheck(function, leaves)


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16], ids=str)
@pytest.mark.parametrize("after", AFTER)
def test_batch_norm_errs_no_more_than_torchs(dtype: torch.dtype, after: str) -> None:
    x = images(16, 8, 10, 10, dtype=dtype) * 2 + 3
    weight, bias = images(2, 8, 1, 1).flatten(1)

    def results(function: object, *given: Tensor) -> list[Tensor]:
        leaves = [v.detach().clone().requires_grad_() for v in given]
        y = function(*leaves, after)
        g = images(*y.shape, dtype=dtype, seed=2).to(y.dtype)
        return [v.double() for v in (y.detach(), *torch.autograd.grad(y, leaves, g))]

    exact = results(normalised_by_torch, x.double(), weight.double(), bias.double())
    ours, torchs = (results(f, x, weight, bias) for f in (normalised, normalised_by_torch))
    for right, one, other in zip(exact, ours, torchs, strict=True):
        error, theirs = ((right - v).square().mean().sqrt() for v in (one, other))
        assert error <= 1.5 * theirs + 1e-7


def test_without_weight_and_bias_batch_norm_is_torchs() -> None:
    x = images(4, 8, 6, 6, dtype=torch.float64)
    for after in AFTER:
        g = images(*normalised_by_torch(x, None, None, after).shape, dtype=torch.float64, seed=2)
        ours = with_gradient(lambda v, after=after: normalised(v, None, None, after), x, g)
        torchs = with_gradient(
            lambda v, after=after: normalised_by_torch(v, None, None, after), x, g
        )
        torch.testing.assert_close(ours, torchs, rtol=1e-10, atol=1e-10)


@pytest.mark.parametrize("channels", [1, 3, 6, 7, 16, 20, 33, 48, 80, 128, 200])
@pytest.mark.parametrize("shape", [(1, 1, 1), (3, 5, 7), (40, 9, 11)], ids=str)
@pytest.mark.parametrize("dtype", DTYPES, ids=str)
def test_statistics_are_those_of_all_numbers_however_many_the_channels(
    dtype: torch.dtype, shape: tuple[int, int, int], channels: int
) -> None:
    count, height, width = shape
    x = images(count, channels, height, width, dtype=dtype)
    seen, wide = statistics(x, 1e-5), x.double()
    # Up to 256 numbers of size 1 are summed up in float32, and the sum is rounded each time.
    each = 1e-14 if dtype == torch.float64 else 1e-6
    mean, variance = wide.mean((0, 2, 3)), wide.var((0, 2, 3), unbiased=False)
    for ours, exact in ((seen.mean, mean), (seen.variance, variance)):
        torch.testing.assert_close(torch.from_numpy(ours), exact, rtol=each, atol=each)


def test_statistics_are_exact_where_the_mean_is_far_from_zero() -> None:
    x = images(64, 4, 9, 11) + 1000
    seen, wide = statistics(x, 1e-5), x.double()
    torch.testing.assert_close(torch.from_numpy(seen.mean), wide.mean((0, 2, 3)), rtol=1e-9, atol=0)
    variance = wide.var((0, 2, 3), unbiased=False)
    torch.testing.assert_close(torch.from_numpy(seen.variance), variance, rtol=1e-5, atol=0)


def test_an_outlier_at_the_start_does_not_spoil_the_statistics() -> None:
    x = images(300, 4, 6, 6)
    x[:2] += 1e4
    seen, wide = statistics(x, 1e-5), x.double()
    variance = wide.var((0, 2, 3), unbiased=False)
    torch.testing.assert_close(torch.from_numpy(seen.variance), variance, rtol=1e-5, atol=0)


@pytest.mark.parametrize("after", AFTER)
@pytest.mark.parametrize("dtype", DTYPES, ids=str)
def test_batch_norm_of_a_nan_is_nan_in_its_channel_only(dtype: torch.dtype, after: str) -> None:
    x = images(2, 3, 4, 4, dtype=dtype)
    x[0, 1, 0, 0] = -NAN
    kind = torch.float64 if dtype == torch.float64 else torch.float32
    y = normalised(x, torch.ones(3, dtype=kind), torch.zeros(3, dtype=kind), after)
    assert y[:, 1].isnan().all()
    assert not y[:, [0, 2]].isnan().any()


def test_a_constant_channel_has_variance_zero() -> None:
    x = torch.full((8, 3, 4, 4), 0.1).contiguous(memory_format=torch.channels_last)
    assert statistics(x, 1e-5).variance.max() < 1e-15


def test_without_a_place_for_machine_code_it_is_compiled_all_the_same(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(CompileResultCacheImpl, "_locator_classes", [])

    def doubled(x: float) -> float:
        return 2 * x

    assert compiled(doubled)(2.0) == 4.0
