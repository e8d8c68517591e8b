from __future__ import annotations

import pytest
import torch
from stage import copied, identical, same_three_ways, weights

from hikaku.techniques.clip_norm import ClipNorm


@pytest.mark.parametrize("limit", [0.01, 1.0, 5.0, 1e3])
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_clipping_is_that_of_torch(limit: float, dtype: torch.dtype) -> None:
    grads = weights(dtype=dtype)
    params = [torch.nn.Parameter(torch.zeros_like(value)) for value in grads.values()]
    for param, grad in zip(params, grads.values(), strict=True):
        param.grad = grad.clone()
    torch.nn.utils.clip_grad_norm_(params, limit)
    assert identical(ClipNorm(limit).clip(grads, grads), [param.grad for param in params])


def test_gradients_below_the_limit_stay_bit_for_bit() -> None:
    grads = weights()
    assert identical(ClipNorm(1e6).clip(grads, grads), grads)


def test_gradients_of_zero_stay_zero() -> None:
    zero = {name: torch.zeros_like(value) for name, value in weights().items()}
    assert identical(ClipNorm(1.0).clip(zero, zero), zero)


def test_direction_stays_and_length_becomes_the_limit() -> None:
    grads = weights(dtype=torch.float64)
    clipped = ClipNorm(0.5).clip(grads, grads)
    one, other = (
        torch.cat([value.flatten() for value in tree.values()]) for tree in (grads, clipped)
    )
    torch.testing.assert_close(float(other.norm()), 0.5, rtol=1e-5, atol=0)
    torch.testing.assert_close(float(one @ other), float(one.norm() * other.norm()))


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_a_limit_may_be_a_number_a_tensor_or_one_of_a_stack(dtype: torch.dtype) -> None:
    grads = weights(dtype=dtype)
    limits = [0.1 * place for place in range(1, 20)] + [1e4]
    assert same_three_ways(lambda limit: ClipNorm(limit).clip(grads, grads), *limits)


def test_gradients_of_two_dtypes_keep_their_own() -> None:
    grads = {"a": torch.tensor(3.0), "b": torch.ones(4, dtype=torch.float64)}
    clipped = ClipNorm(0.5).clip(grads, grads)
    assert [value.dtype for value in clipped.values()] == [torch.float32, torch.float64]


def test_the_given_gradients_stay_as_they_are() -> None:
    grads = weights()
    before = copied(grads)
    ClipNorm(0.1).clip(grads, grads)
    assert identical(before, grads)
