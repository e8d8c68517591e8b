from __future__ import annotations

import math
from typing import Any

import pytest
import torch
from stage import FACTS, copied, identical, leaves, same_three_ways, weights

from hikaku.techniques.adadelta import AdaDelta
from hikaku.techniques.adagrad import AdaGrad
from hikaku.techniques.adam import Adam
from hikaku.techniques.adamw import AdamW
from hikaku.techniques.lamb import LAMB
from hikaku.techniques.lion import Lion
from hikaku.techniques.momentum import Momentum
from hikaku.techniques.nadam import NAdam
from hikaku.techniques.nesterov import Nesterov
from hikaku.techniques.radam import RAdam
from hikaku.techniques.rmsprop import RMSProp
from hikaku.techniques.sgd import SGD
from hikaku.techniques.slots import Tensors, Tree

RATES = [1.0, 0.5, 0.0, 1.3]
ALL = [
    SGD(), Momentum(), Nesterov(), AdaGrad(), RMSProp(), AdaDelta(), Adam(), AdamW(), NAdam(),
    RAdam(), Lion(), LAMB(),
]  # fmt: skip
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
        (Nesterov(0.1, 0.8), lambda p: torch.optim.SGD(p, lr=0.1, momentum=0.8, nesterov=True)),
        (AdaGrad(0.1), lambda p: torch.optim.Adagrad(p, lr=0.1)),
        (RMSProp(0.02), lambda p: torch.optim.RMSprop(p, lr=0.02, alpha=0.99)),
        (AdaDelta(0.5), lambda p: torch.optim.Adadelta(p, lr=0.5, rho=0.9)),
        (NAdam(0.02), lambda p: torch.optim.NAdam(p, lr=0.02)),
        (RAdam(0.02), lambda p: torch.optim.RAdam(p, lr=0.02)),
    ],
)
def test_twenty_updates_are_those_of_torch(technique: Any, make: Any) -> None:
    params = weights(dtype=torch.float64)
    theirs = {name: torch.nn.Parameter(value.clone()) for name, value in params.items()}
    by_torch(make(list(theirs.values())), theirs, steps=20)
    ours, _ = trained(technique, params, steps=20)
    for name, value in theirs.items():
        # Torch keeps NAdam's product of momenta in float32.
        near = 1e-7 if isinstance(technique, NAdam) else 1e-12
        torch.testing.assert_close(ours[name], value.detach(), rtol=near, atol=near)


def lion(w: float, grads: list[float], lr: float, b1: float, b2: float, decay: float) -> float:
    """Chen et al. 2023, algorithm 2, for one number."""
    m = 0.0
    for g in grads:
        u = math.copysign(1.0, b1 * m + (1 - b1) * g)
        m = b2 * m + (1 - b2) * g
        w = w - lr * (u + decay * w)
    return w


def lamb(w: list[float], grads: list[list[float]], lr: float, decay: float) -> list[float]:
    """You et al. 2020, algorithm 2 with φ(x) = x, for one layer, β .9 and .999, eps 1e-6."""
    m, v = [0.0] * len(w), [0.0] * len(w)
    for t, g in enumerate(grads, start=1):
        m = [0.9 * a + 0.1 * b for a, b in zip(m, g, strict=True)]
        v = [0.999 * a + 0.001 * b * b for a, b in zip(v, g, strict=True)]
        r = [
            a / (1 - 0.9**t) / (math.sqrt(b / (1 - 0.999**t)) + 1e-6) + decay * x
            for a, b, x in zip(m, v, w, strict=True)
        ]
        trust = math.hypot(*w) / math.hypot(*r)
        w = [x - lr * trust * u for x, u in zip(w, r, strict=True)]
    return w


def followed(technique: Any, first: list[float], grads: list[list[float]]) -> list[float]:
    params = {"fc.weight": torch.tensor(first, dtype=torch.float64)}
    state = technique.init(params)
    for grad in grads:
        given = {"fc.weight": torch.tensor(grad, dtype=torch.float64)}
        params, state = technique.update(given, state, params, 1.0, FACTS)
    return params["fc.weight"].tolist()


GRADS = [[0.5, -2.0, 0.01], [-0.4, -1.0, 0.02], [0.3, 0.5, -0.5], [0.2, 0.1, -0.1]]


def test_lion_is_its_paper_s_algorithm() -> None:
    found = followed(Lion(0.1, 0.8, 0.95, 0.3), [1.0, -0.5, 2.0], GRADS)
    wanted = [
        lion(w, [g[n] for g in GRADS], 0.1, 0.8, 0.95, 0.3) for n, w in enumerate((1.0, -0.5, 2.0))
    ]
    assert found == pytest.approx(wanted, rel=1e-12)


def test_lamb_is_its_paper_s_algorithm() -> None:
    found = followed(LAMB(0.1, weight_decay=0.3), [1.0, -0.5, 2.0], GRADS)
    assert found == pytest.approx(lamb([1.0, -0.5, 2.0], GRADS, 0.1, 0.3), rel=1e-9)


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
        lambda lr: NAdam(lr=lr),
        lambda lr: RAdam(lr=lr),
        lambda share: Nesterov(momentum=share),
        lambda eps: AdaGrad(eps=eps),
        lambda share: RMSProp(decay=share),
        lambda share: AdaDelta(decay=share),
        lambda beta: Lion(beta1=beta),
        lambda decay: LAMB(weight_decay=decay),
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
