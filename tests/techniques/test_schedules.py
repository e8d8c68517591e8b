from __future__ import annotations

import math
from dataclasses import replace
from itertools import pairwise

import pytest
from stage import FACTS, moment, same_three_ways

from hikaku.techniques.constant import Constant
from hikaku.techniques.slots import History
from hikaku.techniques.warmup_cosine import WarmupCosine

SHORT = replace(FACTS, steps=45, epochs=4.5)


def rates(technique: WarmupCosine | Constant, facts: object = FACTS) -> list[float]:
    steps = facts.steps
    return [float(technique.rate(moment(step, facts), History())) for step in range(steps)]


def test_a_constant_rate_is_one() -> None:
    assert rates(Constant()) == [1.0] * FACTS.steps


def test_switched_off_it_is_constant() -> None:
    assert rates(WarmupCosine(warmup=0.0, floor=1.0)) == rates(Constant())


def test_it_climbs_in_a_line_and_no_update_is_wasted() -> None:
    found = rates(WarmupCosine(warmup=2.0))
    assert found[:20] == [min(1.0, (step + 1) / 20) for step in range(20)]
    assert min(found) > 0


def test_it_falls_along_half_a_cosine_from_one_towards_the_floor() -> None:
    found = rates(WarmupCosine(warmup=2.0, floor=0.1))
    assert found[20] == 1.0
    assert math.isclose(found[60], 0.55)
    assert all(one > other for one, other in pairwise(found[20:]))
    assert 0.1 < found[-1] < 0.101


def test_without_warm_up_the_first_update_has_the_full_rate() -> None:
    assert rates(WarmupCosine(warmup=0.0))[0] == 1.0


def test_a_warm_up_may_begin_above_zero_and_end_within_an_epoch() -> None:
    found = rates(WarmupCosine(warmup=0.25, start=0.5))
    expected = [0.5 + 0.5 * 1 / 2.5, 0.5 + 0.5 * 2 / 2.5, 1.0]
    assert all(math.isclose(*pair) for pair in zip(found[:3], expected, strict=True))
    assert found[3] < 1.0


def test_a_warm_up_longer_than_the_training_only_climbs() -> None:
    assert rates(WarmupCosine(warmup=20.0)) == [(step + 1) / 200 for step in range(100)]
    assert rates(WarmupCosine(warmup=4.5), SHORT)[-1] == 1.0


def tutorial(epoch: int, epochs: int, warmup: int) -> float:
    """Return the factor as tutorials with one rate per epoch write it."""
    if epoch < warmup:
        return epoch / warmup
    return 0.5 * (1 + math.cos(math.pi * (epoch - warmup) / (epochs - warmup)))


def test_by_the_epoch_it_is_that_of_the_tutorials_whose_first_epoch_learns_nothing() -> None:
    found = rates(WarmupCosine(warmup=3.0, every="epoch"))
    expected = [tutorial(step // 10, 10, 3) for step in range(100)]
    assert found[:10] == [0.0] * 10
    assert all(math.isclose(*pair) for pair in zip(found, expected, strict=True))


@pytest.mark.parametrize("step", [0, 7, 19, 20, 57, 99])
def test_start_and_floor_may_be_numbers_tensors_or_ones_of_a_stack(step: int) -> None:
    now = moment(step)
    assert same_three_ways(
        lambda start: WarmupCosine(2.0, start=start).rate(now, History()) + start * 0, 0.0, 0.3, 1.0
    )
    assert same_three_ways(
        lambda floor: WarmupCosine(2.0, floor=floor).rate(now, History()) + floor * 0, 0.0, 0.3, 1.0
    )
