from __future__ import annotations

from typing import Any

import pytest
import torch
from stage import FACTS, copied, identical, leaves, same_three_ways, weights

from hikaku.techniques.adam import Adam
from hikaku.techniques.adamw import AdamW
from hikaku.techniques.momentum import Momentum
from hikaku.techniques.sgd import SGD
from hikaku.techniques.slots import Tensors, Tree

RATES = [1.0, 0.5, 0.0, 1.3]
ALL = [SGD(), Momentum(), Adam(), AdamW()]
every_optimizer = pytest.mark.parametrize("technique", ALL, ids=lambda one: type(one).__name__)


def gradients(step: int, params: Tensors) -> Tensors:
    """Return gradients of a bowl, with noise of very different sizes; one is always zero."""
    noise = weights(seed=step + 1, dtype=next(iter(params.values())).dtype)
    found = {
        name: value * 0.3 + noise[name] * 10.0**-index
        for index, (name, value) in enumerate(params.items())
    }
    return found | {"single": torch.zeros_like(found["single"])}


def trained(technique: Any, params: Tensors, steps: int) -> tuple[Tensors, Tree]:
    state = technique.init(params)
    for step in range(steps):
        grads = gradients(step, params)
        rate = RATES[step % len(RATES)]
        params, state = technique.update(grads, state, params, rate, FACTS)
    return params, state


def by_torch(optimizer: torch.optim.Optimizer, params: dict[str, Any], steps: int) -> None:
    lr = optimizer.param_groups[0]["lr"]
    for step in range(steps):
        grads = gradients(step, {name: value.detach() for name, value in params.items()})
        for name, value in params.items():
            value.grad = grads[name]
        optimizer.param_groups[0]["lr"] = lr * RATES[step % len(RATES)]
        optimizer.step()


@pytest.mark.parametrize(
    ("technique", "make"),
    [
        (SGD(lr=0.1), lambda p: torch.optim.SGD(p, lr=0.1)),
        (Momentum(lr=0.1, momentum=0.8), lambda p: torch.optim.SGD(p, lr=0.1, momentum=0.8)),
        (Adam(lr=0.02), lambda p: torch.optim.Adam(p, lr=0.02)),
        (
            Adam(lr=0.02, beta1=0.3, beta2=0.9, eps=1e-2),
            lambda p: torch.optim.Adam(p, lr=0.02, betas=(0.3, 0.9), eps=1e-2),
        ),
        (
            AdamW(lr=0.02, weight_decay=0.3, exempt="none"),
            lambda p: torch.optim.AdamW(p, lr=0.02, weight_decay=0.3),
        ),
    ],
)
def test_twenty_updates_are_those_of_torch(technique: Any, make: Any) -> None:
    params = weights(dtype=torch.float64)
    theirs = {name: torch.nn.Parameter(value.clone()) for name, value in params.items()}
    by_torch(make(list(theirs.values())), theirs, steps=20)
    ours, _ = trained(technique, params, steps=20)
    for name, value in theirs.items():
        torch.testing.assert_close(ours[name], value.detach(), rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize(
    "make",
    [
        lambda lr: SGD(lr=lr),
        lambda lr: Momentum(lr=lr),
        lambda share: Momentum(momentum=share),
        lambda lr: Adam(lr=lr),
        lambda beta: Adam(beta1=beta),
        lambda beta: Adam(beta2=beta),
        lambda eps: Adam(eps=eps),
        lambda lr: AdamW(lr=lr),
        lambda decay: AdamW(weight_decay=decay),
    ],
)
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_a_setting_may_be_a_number_a_tensor_or_one_of_a_stack(
    make: Any, dtype: torch.dtype
) -> None:
    values = (0.9, 0.1, 0.03, 0.37, 1e-3, 0.55, 0.7, 0.21, 0.05)
    assert same_three_ways(lambda value: trained(make(value), weights(dtype=dtype), 6), *values)


@every_optimizer
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_the_dtype_of_the_weights_stays(technique: Any, dtype: torch.dtype) -> None:
    rate = torch.tensor(0.5, dtype=torch.float64)
    params = weights(dtype=dtype)
    moved, _ = technique.update(gradients(0, params), technique.init(params), params, rate, FACTS)
    assert {value.dtype for value in moved.values()} == {dtype}
    assert [value.shape for value in moved.values()] == [value.shape for value in params.values()]


@every_optimizer
def test_weights_of_two_dtypes_go_together(technique: Any) -> None:
    params = {"a": torch.ones(3), "b": torch.ones((), dtype=torch.float64)}
    moved, _ = technique.update(params, technique.init(params), params, 1.0, FACTS)
    assert [value.dtype for value in moved.values()] == [torch.float32, torch.float64]


@every_optimizer
def test_nothing_that_was_given_is_changed(technique: Any) -> None:
    params = weights()
    _, state = trained(technique, params, 2)
    given = (gradients(3, params), state, params)
    before = copied(given)
    technique.update(*given, 1.0, FACTS)
    assert identical(before, given)


@every_optimizer
def test_a_rate_of_zero_moves_nothing(technique: Any) -> None:
    params = weights()
    zero = {name: torch.zeros_like(value) for name, value in params.items()}
    for grads in (zero, gradients(0, params)):
        moved, _ = technique.update(grads, technique.init(params), params, 0.0, FACTS)
        assert identical(moved, params)


@every_optimizer
def test_the_state_is_tensors_of_their_own_that_fit_the_parameters(technique: Any) -> None:
    params = weights()
    state = technique.init(params)
    places = [leaf.data_ptr() for leaf in [*leaves(state), *leaves(params)]]
    assert len(places) == len(set(places))
    for part in state.values():
        if isinstance(part, dict):
            assert list(part) == list(params)


def test_without_memory_momentum_is_plain_descent() -> None:
    plain, _ = trained(SGD(lr=0.1), weights(), 5)
    still, _ = trained(Momentum(lr=0.1, momentum=0.0), weights(), 5)
    assert identical(plain, still)


def test_without_decay_adamw_is_adam() -> None:
    adam, _ = trained(Adam(), weights(), 5)
    adamw, _ = trained(AdamW(weight_decay=0.0), weights(), 5)
    assert identical(adam, adamw)


def test_adamw_spares_norms_and_biases_unless_told_otherwise() -> None:
    params = weights()
    still = {name: torch.zeros_like(value) for name, value in params.items()}
    spared = AdamW(lr=0.1, weight_decay=0.5)
    moved, _ = spared.update(still, spared.init(params), params, 1.0, FACTS)
    assert {name for name in params if not torch.equal(moved[name], params[name])} == FACTS.decays
    every = AdamW(lr=0.1, weight_decay=0.5, exempt="none")
    moved, _ = every.update(still, every.init(params), params, 1.0, FACTS)
    assert not any(torch.equal(moved[name], params[name]) for name in params)


def test_adam_moves_by_its_learning_rate_whatever_the_size_of_the_gradient() -> None:
    params = {"a": torch.zeros(3, dtype=torch.float64)}
    grads = {"a": torch.tensor([1e-3, 1.0, 1e3], dtype=torch.float64)}
    adam = Adam(lr=0.01)
    moved, _ = adam.update(grads, adam.init(params), params, 1.0, FACTS)
    torch.testing.assert_close(moved["a"], torch.full_like(moved["a"], -0.01), rtol=2e-5, atol=0)
