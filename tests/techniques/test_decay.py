from __future__ import annotations

import pytest
import torch
from stage import FACTS, copied, identical, same_three_ways, weights

from hikaku.techniques.decoupled_decay import DecoupledDecay
from hikaku.techniques.l2 import L2
from hikaku.techniques.slots import Tensors


def gradient(technique: L2, params: Tensors) -> Tensors:
    leaves = {name: value.clone().requires_grad_() for name, value in params.items()}
    term = technique.penalty(leaves, {}, FACTS)
    found = torch.autograd.grad(term, list(leaves.values()), materialize_grads=True)
    return dict(zip(leaves, found, strict=True))


def test_the_penalty_is_half_the_amount_times_the_squared_norm() -> None:
    params = weights(dtype=torch.float64)
    expected = 0.15 * sum(float((params[name] ** 2).sum()) for name in FACTS.decays)
    torch.testing.assert_close(float(L2(0.3).penalty(params, {}, FACTS)), expected)


def test_its_gradient_is_the_amount_times_the_weight_as_in_torch() -> None:
    params = weights(dtype=torch.float64)
    leaf = params["fc.weight"].clone().requires_grad_()
    leaf.grad = torch.zeros_like(leaf)
    torch.optim.SGD([leaf], lr=1.0, weight_decay=0.3).step()
    ours = params["fc.weight"] - gradient(L2(0.3), params)["fc.weight"]
    torch.testing.assert_close(ours, leaf.detach(), rtol=1e-14, atol=1e-14)


def test_norms_and_biases_are_penalised_only_when_told() -> None:
    params = weights()
    spared = gradient(L2(0.3), params)
    assert {name for name in params if spared[name].any()} == FACTS.decays
    assert all(found.any() for found in gradient(L2(0.3, exempt="none"), params).values())


def test_switched_off_the_penalty_changes_nothing() -> None:
    params = weights()
    loss = torch.tensor(1.2345678)
    assert torch.equal(loss + L2(0.0).penalty(params, {}, FACTS), loss)
    given = weights(seed=1)
    assert all(
        torch.equal(given[name] + found, given[name])
        for name, found in gradient(L2(0.0), params).items()
    )


def test_a_model_without_weights_to_penalise_costs_nothing() -> None:
    assert L2(0.3).penalty({"norm.weight": torch.ones(3)}, {}, FACTS) == 0


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
@pytest.mark.parametrize("exempt", ["norms-and-biases", "none"])
def test_an_amount_may_be_a_number_a_tensor_or_one_of_a_stack(
    dtype: torch.dtype, exempt: str
) -> None:
    params = weights(dtype=dtype)

    def penalised(amount: float) -> object:
        term = L2(amount, exempt=exempt).penalty(params, {}, FACTS)
        assert term.dtype == dtype
        return term

    def decayed(amount: float) -> object:
        return DecoupledDecay(amount, exempt=exempt).project(params, 0.7, FACTS)

    assert same_three_ways(penalised, 0.0, 1e-4, 0.3)
    assert same_three_ways(decayed, 0.0, 1e-4, 0.3)


def test_decoupled_decay_takes_a_share_of_every_weight() -> None:
    params = weights(dtype=torch.float64)
    left = DecoupledDecay(0.2, exempt="none").project(params, 0.5, FACTS)
    for name, value in params.items():
        torch.testing.assert_close(left[name], value - 0.1 * 0.5 * 0.2 * value)


def test_decoupled_decay_spares_norms_and_biases() -> None:
    params = weights()
    left = DecoupledDecay(0.2).project(params, 1.0, FACTS)
    assert {name for name in params if not torch.equal(left[name], params[name])} == FACTS.decays


def test_switched_off_decoupled_decay_changes_nothing() -> None:
    params = weights()
    assert identical(DecoupledDecay(0.0, exempt="none").project(params, 1.0, FACTS), params)


def test_the_given_weights_stay_as_they_are() -> None:
    params = weights()
    before = copied(params)
    DecoupledDecay(0.5, exempt="none").project(params, 1.0, FACTS)
    L2(0.5, exempt="none").penalty(params, {}, FACTS)
    assert identical(before, params)
