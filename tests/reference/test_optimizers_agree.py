"""The book's optimizers, schedules, penalties and rules make torch's updates."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise

import numpy as np
import pytest
import torch
from book import numbers

from hikaku.reference import optimizers, penalties, schedules, stopping, toys
from hikaku.reference.arrays import Arrays
from hikaku.reference.gradcheck import numerical_gradient, relative_error

STEPS = 12
START: Arrays = {"W": numbers(4, 3), "b": numbers(3)}
GRADS: list[Arrays] = [{"W": numbers(4, 3), "b": numbers(3)} for _ in range(STEPS)]

Theirs = Callable[[list[torch.Tensor]], torch.optim.Optimizer]

PAIRS: dict[str, tuple[optimizers.Optimizer, Theirs]] = {
    "sgd": (optimizers.SGD(0.1), lambda p: torch.optim.SGD(p, 0.1)),
    "momentum": (optimizers.Momentum(0.1, 0.8), lambda p: torch.optim.SGD(p, 0.1, 0.8)),
    "nesterov": (
        optimizers.Nesterov(0.1, 0.8),
        lambda p: torch.optim.SGD(p, 0.1, 0.8, nesterov=True),
    ),
    "adagrad": (
        optimizers.AdaGrad(0.1, 1e-10, 0.5),
        lambda p: torch.optim.Adagrad(p, 0.1, initial_accumulator_value=0.5),
    ),
    "rmsprop": (
        optimizers.RMSProp(0.1, 0.9, 1e-8),
        lambda p: torch.optim.RMSprop(p, 0.1, 0.9, 1e-8),
    ),
    "adadelta": (
        optimizers.AdaDelta(1.0, 0.9, 1e-6),
        lambda p: torch.optim.Adadelta(p, 1.0, 0.9, 1e-6),
    ),
    "adam": (optimizers.Adam(0.1), lambda p: torch.optim.Adam(p, 0.1)),
    "adamw": (
        optimizers.AdamW(0.1, weight_decay=0.2),
        lambda p: torch.optim.AdamW(p, 0.1, weight_decay=0.2),
    ),
}


@pytest.mark.parametrize("name", PAIRS)
def test_an_optimizer_goes_where_torchs_goes(name: str) -> None:
    ours, make = PAIRS[name]
    params = {key: value.copy() for key, value in START.items()}
    there = {key: torch.from_numpy(value.copy()) for key, value in START.items()}
    theirs = make(list(there.values()))
    for grads in GRADS:
        params = ours.update(params, grads)
        for key, value in there.items():
            value.grad = torch.from_numpy(grads[key].copy())
        theirs.step()
    for key, value in params.items():
        np.testing.assert_allclose(value, there[key].numpy(), rtol=1e-10, atol=1e-12)


@pytest.mark.parametrize("name", PAIRS)
def test_an_optimizer_writes_into_nothing_that_it_is_given(name: str) -> None:
    params = {key: value.copy() for key, value in START.items()}
    grads = {key: value.copy() for key, value in GRADS[0].items()}
    for value in (*params.values(), *grads.values()):
        value.flags.writeable = False
    new = PAIRS[name][0].update(params, grads)
    assert all(not np.shares_memory(new[key], params[key]) for key in params)


def test_decay_spares_the_names_that_are_not_to_decay() -> None:
    found = optimizers.decayed(START, 0.5, frozenset({"W"}))
    np.testing.assert_array_equal(found["W"], START["W"] / 2)
    assert found["b"] is START["b"]


def test_gradients_are_shortened_together_as_torch_does() -> None:
    there = [torch.from_numpy(value.copy()) for value in START.values()]
    for value, grad in zip(there, GRADS[0].values(), strict=True):
        value.grad = torch.from_numpy(grad.copy())
    torch.nn.utils.clip_grad_norm_(there, 0.3)
    for value, grad in zip(there, optimizers.clipped(GRADS[0], 0.3).values(), strict=True):
        assert value.grad is not None
        np.testing.assert_allclose(grad, value.grad.numpy(), rtol=1e-12)
    same = optimizers.clipped(GRADS[0], 1e9)
    np.testing.assert_array_equal(same["W"], GRADS[0]["W"])


@pytest.mark.parametrize("penalty", ["l1", "l2"])
def test_the_gradient_of_a_penalty_is_its_difference_quotient(penalty: str) -> None:
    term, gradient = getattr(penalties, penalty), getattr(penalties, f"{penalty}_gradient")
    wanted = numerical_gradient(lambda W: term({"W": W}, 0.3), START["W"])
    assert relative_error(gradient({"W": START["W"]}, 0.3)["W"], wanted) < 1e-8


def test_steps_of_l1_pass_by_zero_and_the_proximal_step_lands_there() -> None:
    by_steps, shrunk = np.array([0.25]), np.array([0.25])
    for _ in range(50):
        by_steps = by_steps - penalties.l1_gradient({"W": by_steps}, 0.1)["W"]
        shrunk = penalties.shrunk_to_zero(shrunk, 0.1)
    assert shrunk[0] == 0.0
    assert 0.0 < abs(by_steps[0]) <= 0.1


def test_elastic_net_is_both_penalties() -> None:
    both = penalties.elastic_net(START, 0.2, 0.3)
    assert both == pytest.approx(penalties.l1(START, 0.2) + penalties.l2(START, 0.3))


def test_warm_up_climbs_and_the_cosine_falls_to_the_floor() -> None:
    rates = [schedules.warmup_cosine(step, 100, 2, 5.0, 0.1, 0.2) for step in range(100)]
    assert rates[0] == pytest.approx(0.1 + 0.9 / 10) and rates[9] == rates[10] == 1.0
    assert rates[55] == pytest.approx(0.2 + 0.8 / 2)
    assert all(a >= b for a, b in pairwise(rates[10:]))


def test_a_plateau_cuts_the_rate_as_torch_does() -> None:
    ours = schedules.ReduceOnPlateau(0.5, 2, 0.01, 3, 0.1)
    model = torch.nn.Linear(1, 1)
    optimizer = torch.optim.SGD(model.parameters(), 1.0)
    theirs = torch.optim.lr_scheduler.ReduceLROnPlateau(
        optimizer, "min", 0.5, 2, 0.01, "rel", 3, 0.1
    )
    losses = [1.0, 0.9, 0.899, *([0.9] * 30)]
    for loss in losses:
        theirs.step(loss)
        assert ours.look(loss) == pytest.approx(optimizer.param_groups[0]["lr"])


def test_stopping_waits_for_its_patience_and_knows_the_best() -> None:
    rule = stopping.EarlyStopping(patience=2, min_delta=0.1)
    assert [rule.look(score) for score in (1.0, 0.8, 0.75, 0.5, 0.45, 0.41)] == [
        False, False, False, False, False, True,
    ]  # fmt: skip
    assert rule.best_at == 3


@pytest.mark.parametrize(
    ("name", "height"),
    [("adagrad", 0.0007), ("sgd", 0.013), ("momentum", 0.048), ("adam", 0.10), ("rmsprop", 0.60)],
)
def test_the_trajectories_end_where_they_are_known_to_end(name: str, height: float) -> None:
    path = toys.trajectory(toys.OPTIMIZERS[name](**toys.SETTINGS[name]))
    end = float(toys.valley(path[-1, :1], path[-1, 1:])[0])
    assert path.shape == (toys.STEPS + 1, 2)
    assert float(f"{end:.2g}") == pytest.approx(height, rel=0.05)
