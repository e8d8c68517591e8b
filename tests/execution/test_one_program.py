"""What may share a stack, and the reason where something may not."""

from dataclasses import dataclass, replace

import pytest
import torch
from stacks import start
from tiny import use
from torch import nn

from hikaku.execution.lanes import Seed, seeds_of
from hikaku.execution.one_program import can_lift
from hikaku.study.catalogue import models
from hikaku.study.recipe import Evaluation
from hikaku.training.program import Habits
from hikaku.training.stack import Start

BASE = {"layers": (use("batch-norm"), use("dropout", p=0.2))}


def test_trials_that_differ_in_seeds_and_mere_numbers_share_a_stack() -> None:
    others = [
        start(1, **BASE),
        start(0, layers=(use("batch-norm"), use("dropout", p=0.7))),
        start(0, **BASE, optimizer=use("sgd", lr=0.5)),
        start(0, **BASE, schedule=use("warmup-cosine", warmup=1.0)),
        start(0, **BASE, stopping=use("early-stopping", patience=1)),
        start(0, **BASE, init=use("normal", std=0.5)),
    ]
    assert can_lift([start(0, **BASE), *others]) is None


@pytest.mark.parametrize(
    ("said", "slots"),
    {
        "recipe.optimizer": {"optimizer": use("adam")},
        "recipe.loss": {"loss": use("label-smoothing")},
        "recipe.clip.0": {"clip": (use("clip-norm"),)},
        "recipe.batch_size": {"batch_size": 4},
        "recipe.order": {"order": "with-replacement"},
        "recipe.evaluate_every": {"evaluate_every": Evaluation(10, "step", 10)},
        "the number of updates": {"steps": 40},
        "the shape of params 3.weight": {"model": models()["mlp"].use({"hidden": (12, 7)})},
        "batch-norm": {"layers": (use("batch-norm", eps=1e-4), use("dropout", p=0.2))},
        "batch-norm.weight": {"layers": (use("dropout", p=0.2),)},
    }.items(),
)
def test_what_differs_otherwise_is_named(said: str, slots: dict[str, object]) -> None:
    reason = str(can_lift([start(0, **BASE), start(0, **{**BASE, **slots})]))
    assert reason.startswith("the trials differ in ")
    assert said in reason


def test_data_of_another_size_is_another_program() -> None:
    assert "number of updates" in str(can_lift([start(0), start(1, samples=40)]))


@pytest.mark.parametrize(
    "habits",
    [Habits(draws_in_training=True), Habits(draws_in_evaluation=True), Habits(recomputes=True)],
)
def test_what_a_rehearsal_noticed_is_not_stacked(habits: Habits) -> None:
    one = start(0)
    assert can_lift([replace(one, program=replace(one.program, habits=habits))]) is not None


class Branches(nn.Module):
    """Looks at a number, which a stack cannot follow."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return x if x.mean() > -100 else -x


class Places(nn.Module):
    """Means another thing where it is lifted."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return x * (2 if torch._C._functorch.is_batchedtensor(x) else 1)


def holding(layer: nn.Module) -> Start:
    one = start(0)
    program = replace(
        one.program,
        train_model=nn.Sequential(*one.program.train_model, layer),
        eval_model=nn.Sequential(*one.program.eval_model, layer),
    )
    return replace(one, program=program)


def test_code_that_fails_in_a_stack_says_its_error() -> None:
    assert "it does not run in a stack: " in str(can_lift([holding(Branches())]))


def test_code_that_means_something_else_in_a_stack_is_found_out() -> None:
    reason = can_lift([holding(Places())])
    assert str(reason) == "it computes something else in a stack than alone"


@dataclass(frozen=True)
class Weighted:
    """A loss that looks at how many samples each class has."""

    def loss(self, logits, target, moment):
        counts = torch.tensor(moment.facts.class_counts, dtype=logits.dtype)
        return -(target * logits.log_softmax(1) / counts).sum(1).mean()


def test_class_counts_that_differ_between_lanes_are_nobodys() -> None:
    def counted(counts: tuple[int, ...], loss: object) -> Start:
        one = start(0)
        facts = replace(one.program.facts, class_counts=counts)
        slots = replace(one.program.slots, loss=loss)
        return replace(one, program=replace(one.program, facts=facts, slots=slots))

    plain = start(0).program.slots.loss
    assert can_lift([counted((8, 9, 9), plain), counted((9, 9, 8), plain)]) is None
    assert can_lift([counted((8, 9, 9), Weighted()), counted((8, 9, 9), Weighted())]) is None
    reason = can_lift([counted((8, 9, 9), Weighted()), counted((9, 9, 8), Weighted())])
    assert "class_counts" in str(reason)


def test_lanes_of_one_seed_and_data_share_what_is_made_of_them() -> None:
    starts = [start(0), start(0, **BASE), start(1), start(0, samples=40)]
    seeds, places = seeds_of(starts, Seed)
    assert places == (0, 0, 1, 2)
    assert len(seeds) == 3
