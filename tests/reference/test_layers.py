"""Every layer of the book's library agrees with torch, and with its own difference quotient."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from book import CASES, Case

from hikaku.reference.arrays import Array
from hikaku.reference.gradcheck import numerical_gradient, relative_error

each_case = pytest.mark.parametrize("case", CASES, ids=str)


def slope_of(y: Array) -> Array:
    """Return some dL/dy: that of L = Σ y · slope."""
    return np.cos(np.arange(y.size, dtype=np.float64)).reshape(y.shape)


@each_case
def test_forward_and_backward_are_torchs_to_ten_digits(case: Case) -> None:
    layer = case.make()
    x = torch.from_numpy(case.x).requires_grad_()
    params = {n: torch.from_numpy(v).clone().requires_grad_() for n, v in layer.params.items()}
    y = layer.forward(case.x)
    wanted = case.torch(x, params)
    dx = layer.backward(slope_of(y))
    (wanted * torch.from_numpy(slope_of(y))).sum().backward()
    assert x.grad is not None
    pairs = [(y, wanted), (dx, x.grad)]
    pairs += [(layer.grads[name], value.grad) for name, value in params.items()]
    for ours, theirs in pairs:
        np.testing.assert_allclose(ours, theirs.detach().numpy(), rtol=1e-10, atol=1e-10)


@each_case
def test_the_backward_pass_is_the_difference_quotient(case: Case) -> None:
    layer = case.make()

    def loss(x: Array) -> float:
        y = layer.forward(x)
        return float((y * slope_of(y)).sum())

    dx = layer.backward(slope_of(layer.forward(case.x)))
    grads = dict(layer.grads)
    assert relative_error(dx, numerical_gradient(loss, case.x)) < 1e-7
    assert grads.keys() == layer.params.keys()
    for name, value in dict(layer.params).items():

        def by_this(moved: Array, name: str = name) -> float:
            layer.params = {**layer.params, name: moved}
            return loss(case.x)

        wanted = numerical_gradient(by_this, value)
        layer.params = {**layer.params, name: value}
        assert relative_error(grads[name], wanted) < 1e-7, name


@each_case
def test_nothing_is_written_into_an_argument(case: Case) -> None:
    layer = case.make()
    for value in (case.x, *layer.params.values()):
        value.flags.writeable = False
    try:
        y = layer.forward(case.x)
        dout = slope_of(y)
        dout.flags.writeable = False
        layer.backward(dout)
        layer.predict(case.x)
    finally:
        for value in (case.x, *layer.params.values()):
            value.flags.writeable = True


@each_case
def test_a_prediction_remembers_nothing(case: Case) -> None:
    layer = case.make()
    y = layer.forward(case.x)
    first = layer.backward(slope_of(y))
    layer.predict(case.x[:1] + 1.0)
    np.testing.assert_array_equal(layer.backward(slope_of(y)), first)
