from __future__ import annotations

import math
from typing import Any

import pytest
import scipy.stats
import torch
from stage import Numbers, identical, same_three_ways
from torch import nn

from hikaku.techniques.he_normal import HeNormal
from hikaku.techniques.he_uniform import HeUniform
from hikaku.techniques.normal import Normal
from hikaku.techniques.orthogonal import Orthogonal
from hikaku.techniques.trunc_normal import TruncNormal
from hikaku.techniques.uniform import Uniform
from hikaku.techniques.xavier_normal import XavierNormal
from hikaku.techniques.xavier_uniform import XavierUniform
from hikaku.techniques.zeros import Zeros

DENSE, CONV = (240, 120), (16, 8, 3, 5)
RANDOM = [
    Normal(), HeNormal(), XavierNormal(), XavierUniform(), Uniform(), HeUniform(), TruncNormal(),
    Orthogonal(),
]  # fmt: skip
every_init = pytest.mark.parametrize("technique", RANDOM, ids=lambda one: type(one).__name__)


@pytest.mark.parametrize("shape", [DENSE, CONV])
@pytest.mark.parametrize(
    ("technique", "spread"),
    [
        (Normal(0.3), lambda inputs, outputs: 0.3),
        (HeNormal(), lambda inputs, outputs: math.sqrt(2 / inputs)),
        (HeNormal("out"), lambda inputs, outputs: math.sqrt(2 / outputs)),
        (XavierNormal(), lambda inputs, outputs: math.sqrt(2 / (inputs + outputs))),
        (XavierNormal("in"), lambda inputs, outputs: math.sqrt(1 / inputs)),
    ],
)
def test_normal_weights_are_the_draws_times_the_published_spread(
    technique: Any, spread: Any, shape: tuple[int, ...]
) -> None:
    # Both shapes: 120 inputs a unit and 240 outputs an input (3 × 5 × 8 and 3 × 5 × 16).
    expected = Numbers().normal("init", shape) * spread(120, 240)
    assert torch.equal(technique.fill("fc.weight", shape, Numbers()), expected)


@pytest.mark.parametrize(("fan", "limit"), [("average", 6 / 360), ("in", 3 / 120)])
@pytest.mark.parametrize("shape", [DENSE, CONV])
def test_uniform_weights_fill_the_published_interval(
    fan: Any, limit: float, shape: tuple[int, ...]
) -> None:
    found = XavierUniform(fan).fill("fc.weight", shape, Numbers())
    torch.testing.assert_close(found, (2 * Numbers().uniform("init", shape) - 1) * math.sqrt(limit))
    assert found.abs().max() < math.sqrt(limit)
    assert found.abs().max() > 0.98 * math.sqrt(limit)


@pytest.mark.parametrize("shape", [DENSE, CONV])
@pytest.mark.parametrize(
    ("technique", "oracle"),
    [
        (Normal(0.3), lambda w: nn.init.normal_(w, std=0.3)),
        (HeNormal(), lambda w: nn.init.kaiming_normal_(w, nonlinearity="relu")),
        (HeNormal("out"), lambda w: nn.init.kaiming_normal_(w, mode="fan_out")),
        (XavierNormal(), nn.init.xavier_normal_),
        (XavierUniform(), nn.init.xavier_uniform_),
        (Uniform(0.3), lambda w: nn.init.uniform_(w, -0.3, 0.3)),
        (HeUniform(), lambda w: nn.init.kaiming_uniform_(w, nonlinearity="relu")),
        (TruncNormal(0.3), lambda w: nn.init.trunc_normal_(w, std=0.3, a=-0.6, b=0.6)),
        (Orthogonal(), nn.init.orthogonal_),
    ],
)
def test_mean_and_spread_are_those_of_torch(
    technique: Any, oracle: Any, shape: tuple[int, ...]
) -> None:
    ours = technique.fill("fc.weight", shape, Numbers())
    with torch.random.fork_rng():
        theirs = oracle(torch.empty(shape))
    # Two sample spreads of n numbers each differ by about 1/√n of themselves; five times that.
    n = ours.numel()
    assert abs(float(ours.std() / theirs.std()) - 1) < 5 / math.sqrt(n)
    assert abs(float(ours.mean())) < 5 * float(ours.std()) / math.sqrt(n)


@every_init
def test_biases_start_at_zero(technique: Any) -> None:
    bias = technique.fill("fc.bias", (5,), Numbers("fc.bias"))
    assert bias.dtype == torch.float32
    assert torch.equal(bias, torch.zeros(5))


@every_init
def test_the_same_draws_give_the_same_weights(technique: Any) -> None:
    one = technique.fill("fc.weight", DENSE, Numbers())
    assert one.dtype == torch.float32
    assert one.shape == DENSE
    assert torch.equal(one, technique.fill("fc.weight", DENSE, Numbers()))
    assert not torch.equal(one, technique.fill("fc2.weight", DENSE, Numbers("fc2.weight")))


def test_a_spread_may_be_a_number_a_tensor_or_one_of_a_stack() -> None:
    assert same_three_ways(
        lambda std: Normal(std).fill("fc.weight", (5, 7), Numbers()), 0.0, 0.01, 1.0
    )


def test_a_spread_of_zero_makes_all_weights_zero() -> None:
    found = Normal(0.0).fill("fc.weight", DENSE, Numbers())
    assert identical(found.abs(), torch.zeros(DENSE))


@pytest.mark.parametrize("shape", [DENSE, DENSE[::-1], CONV])
def test_an_orthogonal_weight_is_a_part_of_a_rotation(shape: tuple[int, ...]) -> None:
    rows = Orthogonal(2.0).fill("fc.weight", shape, Numbers()).flatten(1).double()
    short = rows if len(rows) <= rows.shape[1] else rows.T
    torch.testing.assert_close(short @ short.T, 4 * torch.eye(len(short), dtype=torch.float64))


def test_a_cut_normal_is_that_of_scipy() -> None:
    found = TruncNormal(0.5, bound=1.0).fill("fc.weight", (200, 200), Numbers()).flatten()
    assert found.abs().max() <= 0.5
    assert scipy.stats.kstest(found.numpy(), scipy.stats.truncnorm(-1, 1, scale=0.5).cdf)[1] > 0.01


def test_zeros_are_zeros() -> None:
    assert not Zeros().fill("fc.weight", DENSE, Numbers()).any()
