"""What changes gradients or weights between two updates: by torch, or by the papers' formulas."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
import torch
from stage import FACTS, copied, identical, moment, same_three_ways, weights
from torch.nn import functional as F
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn

from hikaku.techniques.adaptive_clipping import AdaptiveClipping
from hikaku.techniques.clip_value import ClipValue
from hikaku.techniques.ema import EMA
from hikaku.techniques.gradient_centralisation import GradientCentralisation
from hikaku.techniques.lookahead import Lookahead
from hikaku.techniques.max_norm import MaxNorm
from hikaku.techniques.proximal_l1 import ProximalL1
from hikaku.techniques.sam import SAM
from hikaku.techniques.slots import Tensors


def test_max_norm_bounds_units_as_torch_renormalises_rows() -> None:
    params = weights(dtype=torch.float64)
    bounded = MaxNorm(1.5).project(params, 1.0, FACTS)
    for name, value in params.items():
        wanted = torch.renorm(value, 2, 0, 1.5) if name in FACTS.decays else value
        torch.testing.assert_close(bounded[name], wanted, rtol=1e-6, atol=0)
    norm = replace(FACTS, decays=FACTS.decays - {"conv.weight"})
    assert MaxNorm(1.5).project(params, 1.0, norm)["conv.weight"] is params["conv.weight"]


def test_proximal_l1_is_torch_s_soft_threshold_and_makes_exact_zeros() -> None:
    params = weights(dtype=torch.float64)
    shrunk = ProximalL1(5.0).project(params, 0.6, FACTS)
    for name, value in params.items():
        wanted = F.softshrink(value, 0.1 * 0.6 * 5.0) if name in FACTS.decays else value
        torch.testing.assert_close(shrunk[name], wanted)
    assert (shrunk["fc.weight"] == 0).any()
    everything = ProximalL1(5.0, exempt="none").project(params, 0.6, FACTS)
    torch.testing.assert_close(everything["fc.bias"], F.softshrink(params["fc.bias"], 0.3))


def test_values_are_clipped_as_by_torch() -> None:
    grads = weights()
    found = ClipValue(0.4).clip(grads, grads)
    assert identical(found, {name: value.clamp(-0.4, 0.4) for name, value in grads.items()})


def test_adaptive_clipping_bounds_each_unit_by_its_own_weights() -> None:
    params, grads = weights(dtype=torch.float64), weights(1, dtype=torch.float64)
    found = AdaptiveClipping(0.1, 1e-3).clip(grads, params)
    for row, (grad, weight) in enumerate(zip(grads["fc.weight"], params["fc.weight"], strict=True)):
        most = 0.1 * max(float(weight.norm()), 1e-3)
        wanted = grad * min(1.0, most / float(grad.norm()))
        torch.testing.assert_close(found["fc.weight"][row], wanted)
    small = {name: value * 1e-4 for name, value in grads.items()}
    assert identical(AdaptiveClipping(1.0).clip(small, params), small)


def test_centralised_gradients_have_mean_zero_over_each_unit_and_biases_stay() -> None:
    grads = weights(dtype=torch.float64)
    found = GradientCentralisation().clip(grads, grads)
    torch.testing.assert_close(
        found["conv.weight"], grads["conv.weight"] - grads["conv.weight"].mean((1, 2, 3), True)
    )
    assert identical(found["fc.bias"], grads["fc.bias"])


def test_sam_takes_the_gradient_where_the_loss_is_highest_nearby() -> None:
    def bowl(params: Tensors) -> tuple[torch.Tensor, Tensors]:
        loss = sum(((value - 1) ** 4).sum() for value in params.values())
        return loss, {name: 4 * (value - 1) ** 3 for name, value in params.items()}

    params = weights(dtype=torch.float64)
    loss, found = SAM(0.3).gradient(bowl, params)
    here = bowl(params)
    length = torch.cat([grad.flatten() for grad in here[1].values()]).norm()
    there = {name: value + 0.3 * here[1][name] / length for name, value in params.items()}
    assert torch.equal(loss, here[0])
    for name, grad in bowl(there)[1].items():
        torch.testing.assert_close(found[name], grad)
    assert identical(SAM(0.0).gradient(bowl, params)[1], here[1])


def followed(technique: Any, steps: int) -> tuple[Tensors, Tensors]:
    """Return the average and the weights after updates that only add 1."""
    params = weights(dtype=torch.float64)
    average = technique.init(params)
    for step in range(steps):
        params = {name: value + 1 for name, value in params.items()}
        average, params = technique.fold(average, params, moment(step))
    return technique.finish(average, params), params


def test_an_old_average_is_torch_s_moving_one() -> None:
    """Torch's has no warm-up: ours is the same once the decay is what counts."""
    layer = torch.nn.Linear(3, 2).double()
    theirs = AveragedModel(layer, multi_avg_fn=get_ema_multi_avg_fn(0.9))
    theirs.update_parameters(layer)
    technique = EMA(0.9)
    average = technique.init({name: value.detach() for name, value in layer.named_parameters()})
    for step in range(100, 110):
        with torch.no_grad():
            for value in layer.parameters():
                value.add_(0.1)
        theirs.update_parameters(layer)
        params = {name: value.detach() for name, value in layer.named_parameters()}
        average, same = technique.fold(average, params, moment(step))
        assert same is params
    for name, value in theirs.module.named_parameters():
        torch.testing.assert_close(technique.finish(average, params)[name], value.detach())


def test_a_young_average_forgets_its_beginning_faster() -> None:
    found, last = followed(EMA(0.999), 8)
    first = weights(dtype=torch.float64)["fc.weight"]
    wanted = 0.0
    for step in range(8):
        keep = min(0.999, (2 + step) / (11 + step))
        wanted = keep * wanted + (1 - keep) * (step + 1)
    torch.testing.assert_close(found["fc.weight"], first + wanted)
    torch.testing.assert_close(last["fc.weight"], first + 8)


def test_lookahead_goes_back_every_k_updates() -> None:
    """Three steps of 1 and back by half: 1.5; two steps more are not looked at yet."""
    slow, fast = followed(Lookahead(3, 0.5), 5)
    first = weights(dtype=torch.float64)["fc.weight"]
    torch.testing.assert_close(slow["fc.weight"], first + 1.5)
    torch.testing.assert_close(fast["fc.weight"], first + 3.5)


@pytest.mark.parametrize(
    "make",
    [
        lambda value: MaxNorm(value).project(weights(), 0.7, FACTS),
        lambda value: ProximalL1(value).project(weights(), 0.7, FACTS),
        lambda value: ClipValue(value).clip(weights(), weights()),
        lambda value: AdaptiveClipping(value).clip(weights(1), weights()),
        lambda value: EMA(value).fold(weights(), weights(1), moment(7))[0],
        lambda value: Lookahead(1, value).fold(weights(), weights(1), moment(7))[0],
    ],
)
def test_a_setting_may_be_a_number_a_tensor_or_one_of_a_stack(make: Any) -> None:
    assert same_three_ways(make, 0.9, 0.1, 0.03, 0.37, 1e-3, 0.55)


@pytest.mark.parametrize(
    "call",
    [
        lambda given: MaxNorm(0.1).project(given, 1.0, FACTS),
        lambda given: ProximalL1(1.0).project(given, 1.0, FACTS),
        lambda given: AdaptiveClipping(1e-3).clip(given, given),
        lambda given: EMA().fold(given, given, moment(3)),
        lambda given: Lookahead(1).fold(given, given, moment(3)),
    ],
)
def test_what_was_given_stays_as_it_is(call: Any) -> None:
    given = weights()
    before = copied(given)
    call(given)
    assert identical(before, given)
