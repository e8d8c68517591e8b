"""Schedules are those of torch, epoch by epoch, or their formulas."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
import torch
from stage import FACTS, moment
from torch.optim import lr_scheduler as theirs

from hikaku.errors import StudyError
from hikaku.techniques.cosine import Cosine
from hikaku.techniques.cosine_restarts import CosineRestarts
from hikaku.techniques.exponential import Exponential
from hikaku.techniques.linear_to_zero import LinearToZero
from hikaku.techniques.one_cycle import OneCycle
from hikaku.techniques.reduce_on_plateau import ReduceOnPlateau
from hikaku.techniques.slots import History
from hikaku.techniques.step import Step
from hikaku.techniques.warmup_stable_decay import WarmupStableDecay


def optimizer() -> torch.optim.SGD:
    return torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=1.0)


def by_torch(make: Callable[[torch.optim.SGD], Any], steps: int) -> list[float]:
    moved = optimizer()
    schedule, found = make(moved), []
    for _ in range(steps):
        found.append(float(moved.param_groups[0]["lr"]))
        moved.step()
        schedule.step()
    return found


def ours(technique: Any, steps: range) -> list[float]:
    return [float(technique.rate(moment(step), History())) for step in steps]


EVERY = range(FACTS.steps)
EPOCHS = range(0, FACTS.steps, FACTS.steps_per_epoch)


@pytest.mark.parametrize(
    ("technique", "make", "steps"),
    [
        (Step(3, 0.2), lambda o: theirs.StepLR(o, 3, 0.2), EPOCHS),
        (Exponential(0.8), lambda o: theirs.ExponentialLR(o, 0.8), EPOCHS),
        (Cosine(0.1), lambda o: theirs.CosineAnnealingLR(o, FACTS.steps, 0.1), EVERY),
        (
            CosineRestarts(2, 2, 0.1),
            lambda o: theirs.CosineAnnealingWarmRestarts(o, 2, 2, 0.1),
            EPOCHS,
        ),
        (LinearToZero(), lambda o: theirs.LinearLR(o, 1.0, 0.0, FACTS.steps), EVERY),
    ],
)
def test_rates_are_those_of_torch(technique: Any, make: Any, steps: range) -> None:
    assert ours(technique, steps) == pytest.approx(by_torch(make, len(steps)), abs=1e-12)


def test_one_cycle_climbs_and_falls_as_torch_s_does() -> None:
    """Torch reaches its last rate at the last update; ours at the end of it."""
    found = ours(OneCycle(0.3, 25.0, 1e4), EVERY)
    assert found[0] == pytest.approx(1 / 25)
    assert found[30] == max(found) == 1.0
    assert found[15] == pytest.approx((1 + 1 / 25) / 2)
    schedule = by_torch(
        lambda o: theirs.OneCycleLR(o, 1.0, total_steps=100, cycle_momentum=False), 100
    )
    assert max(abs(a - b) for a, b in zip(found, schedule, strict=True)) < 0.035


def test_an_even_decay_meets_the_one_by_epochs_at_their_beginnings() -> None:
    even = ours(Exponential(0.8, "update"), EVERY)
    assert even[::10] == pytest.approx(ours(Exponential(0.8), EPOCHS))
    assert even[5] == pytest.approx(math.sqrt(0.8))


def test_warm_up_plateau_and_fall_are_of_the_asked_lengths() -> None:
    found = ours(WarmupStableDecay(2.0, 0.3), EVERY)
    assert found[:20] == [(step + 1) / 20 for step in range(20)]
    assert found[20:71] == [1.0] * 51
    assert found[71:] == pytest.approx([(100 - step) / 30 for step in range(71, 100)])


def plateau(technique: ReduceOnPlateau, scores: list[float]) -> list[float]:
    return [
        technique.rate(moment(), History({technique.monitor: tuple(scores[:n])}))
        for n in range(1, len(scores) + 1)
    ]


SCORES = [1.0, 0.9, 0.9, 0.9, 0.9, 0.9, 0.9, 0.85, 0.9, 0.9, 0.9, 0.9, 0.9, 0.9, 0.9, 0.9]


@pytest.mark.parametrize("patience", [1, 3])
@pytest.mark.parametrize("cooldown", [0, 2])
@pytest.mark.parametrize("threshold", [1e-4, 0.08])
@pytest.mark.parametrize(("mode", "torchs"), [("relative", "rel"), ("absolute", "abs")])
def test_on_a_plateau_the_rate_falls_when_torch_s_does(
    patience: int, cooldown: int, threshold: float, mode: Any, torchs: Any
) -> None:
    moved = optimizer()
    schedule = theirs.ReduceLROnPlateau(
        moved, "min", 0.5, patience, threshold, torchs, cooldown, min_lr=0.1
    )
    wanted = []
    for score in SCORES:
        schedule.step(score)
        wanted.append(float(moved.param_groups[0]["lr"]))
    technique = ReduceOnPlateau("validation loss", 0.5, patience, threshold, cooldown, 0.1, mode)
    assert plateau(technique, SCORES) == pytest.approx(wanted)


@pytest.mark.parametrize("patience", [1, 2, 4])
def test_keras_waits_one_evaluation_less_and_its_least_change_is_absolute(patience: int) -> None:
    scores = [10.0, 9.99, 9.98, 9.97, 9.96, 9.5, 9.49, 9.48, 9.47, 9.46, 9.45]
    rate, best, waited, wanted = 1.0, math.inf, 0, []
    for score in scores:
        best, waited = (score, 0) if score < best - 0.1 else (best, waited + 1)
        if waited >= patience:
            rate, waited = rate * 0.5, 0
        wanted.append(rate)
    technique = ReduceOnPlateau(
        factor=0.5, patience=patience - 1, threshold=0.1, threshold_mode="absolute"
    )
    assert plateau(technique, scores) == wanted
    assert plateau(replace(technique, threshold_mode="relative"), scores) != wanted


def test_of_an_accuracy_the_higher_one_is_better() -> None:
    technique = ReduceOnPlateau("validation accuracy", patience=1)
    assert plateau(technique, [0.1, 0.2, 0.3, 0.4]) == [1.0] * 4
    assert plateau(technique, [0.4, 0.3, 0.2, 0.1])[-1] < 1.0


def test_a_score_that_is_not_there_is_named_with_those_that_are() -> None:
    history = History({"validation loss": (1.0,)})
    with pytest.raises(StudyError, match=r"no score test loss\n.*validation loss"):
        ReduceOnPlateau("test loss").rate(moment(), history)
