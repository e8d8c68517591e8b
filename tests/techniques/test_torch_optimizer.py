"""The adapter makes the very updates of the class that it is given, and keeps what it keeps."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from stage import FACTS, weights
from tiny import job, use

from hikaku.errors import StudyError
from hikaku.execution.one_program import can_lift
from hikaku.execution.plain import prepared
from hikaku.study.card import Table
from hikaku.study.kinds import allowed, fit
from hikaku.techniques.torch_optimizer import TorchOptimizer, kept, restored
from hikaku.training.state import flat, nested

CLASSES: dict[str, dict[str, Any]] = {
    "SGD": {"momentum": 0.9, "nesterov": True},
    "Adam": {"amsgrad": True},
    "Adagrad": {"lr_decay": 0.1},
    "ASGD": {},
    "Rprop": {"etas": (0.4, 1.3)},
}


@pytest.mark.parametrize("name", CLASSES)
def test_updates_are_the_classes_own_bit_for_bit_through_saved_states(name: str) -> None:
    settings, params = CLASSES[name], weights()
    ours = TorchOptimizer(f"torch.optim.{name}", 0.05, tuple(settings.items()))
    leaves = [value.clone().requires_grad_() for value in params.values()]
    theirs = getattr(torch.optim, name)(leaves, lr=0.05, **settings)
    state = ours.init(params)
    for number in range(5):
        rate = 1 - 0.1 * number
        theirs.param_groups[0]["lr"] = 0.05 * rate
        grads = weights(number + 1)
        for leaf, grad in zip(leaves, grads.values(), strict=True):
            leaf.grad = grad.clone()
        theirs.step()
        before = {key: value.clone() for key, value in flat(state).items()}
        params, after = ours.update(grads, state, params, rate, FACTS)
        assert all(torch.equal(value, before[key]) for key, value in flat(state).items())
        state = nested(flat(after))
    for leaf, value in zip(leaves, params.values(), strict=True):
        assert torch.equal(leaf.detach(), value)


def test_numbers_and_lists_come_back_as_what_they_were() -> None:
    whole = {"step": 3, "beta": 0.1, "on": True, "seen": [1, torch.ones(2)], "by": {"k": (2.5,)}}
    found = restored(nested(flat(kept(whole))))
    assert torch.equal(found["seen"].pop(), whole["seen"].pop())  # type: ignore[attr-defined]  # a list
    assert found == whole and type(found["on"]) is bool and type(found["step"]) is int


def test_a_list_keeps_its_none_and_is_left_out_where_something_of_it_would_be() -> None:
    whole = {"seen": [None, 2, None, 3.5], "loss": None, "called": ["max", 1], "on": True}
    found = restored(nested(flat(kept(whole))))
    assert found == {"seen": [None, 2, None, 3.5], "loss": None, "on": True}


@pytest.mark.parametrize("name", ["torch.optim.Nothing", "Nothing", "stage.Numbers", "nowhere.SGD"])
def test_what_is_not_an_installed_class_is_refused(name: str) -> None:
    with pytest.raises(StudyError, match="torch-optimizer"):
        TorchOptimizer(name).update({}, {}, {}, 1.0, FACTS)


def test_it_is_never_stacked() -> None:
    trial = prepared(job(optimizer=use("torch-optimizer", lr=0.1)))
    assert "alone" in str(can_lift([trial.start]))


def test_its_settings_are_a_table() -> None:
    found = fit(Table, {"betas": [0.9, 0.99], "amsgrad": True})
    assert found == (("betas", (0.9, 0.99)), ("amsgrad", True))
    assert str(allowed(Table)) == "a table"
