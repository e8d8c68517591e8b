"""How two states of a training are compared, bit for bit or closely, in float32 or float64."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import torch
from torch import Tensor

from hikaku.checks.bench import CheckFailed, Subject
from hikaku.execution.stacked import Lane, numbers, together
from hikaku.study.recipe import Recipe, Use, Value, shown
from hikaku.techniques import registry
from hikaku.training.program import Program
from hikaku.training.state import TrainState, flat
from hikaku.training.teacher import modules


def require(condition: bool, otherwise: str) -> None:
    """Raise `CheckFailed` with this text unless the condition holds."""
    if not condition:
        raise CheckFailed(otherwise)


def same(one: TrainState, other: TrainState, otherwise: str) -> None:
    """Raise unless two states are equal bit for bit."""
    equal_trees(one.tree(), other.tree(), otherwise)


def equal_trees(one: Any, other: Any, otherwise: str) -> None:
    """Raise unless two nested dicts of tensors are equal bit for bit."""
    left, right = flat(one), flat(other)
    require(left.keys() == right.keys(), f"{otherwise}: {set(left) ^ set(right)}")
    for name, value in left.items():
        require(torch.equal(value, right[name]), f"{otherwise}: {name}")


def close(one: Tensor, other: Tensor, otherwise: str) -> None:
    """Raise unless two tensors agree to 1e-10."""
    gap = float((one - other).abs().max())
    require(gap <= 1e-10, f"{otherwise}, by {gap:.1e}")


def toml(value: Value) -> str:
    """Return a setting as a study file writes it."""
    if isinstance(value, str):
        return f'"{value}"'
    if isinstance(value, tuple):
        return "[" + ", ".join(toml(item) for item in value) + "]"
    return repr(value) if isinstance(value, float) else shown(value)


def scaled(subject: Subject, factor: float) -> Recipe:
    """Return the tiny recipe with every mere number of the technique times `factor`."""
    technique = registry.find(subject.entry.name, subject.folder)
    use = subject.use()
    mere = numbers(technique(**dict(use.settings)))
    return subject.recipe(
        Use(
            use.name,
            tuple(
                (name, value * factor if name in mere and isinstance(value, float) else value)
                for name, value in use.settings
            ),
        )
    )


def double(state: TrainState) -> TrainState:
    """Return the state in float64."""
    return TrainState(**{name: cast(tree) for name, tree in state.tree().items()})


def cast(tree: Any) -> Any:
    """Return a nested dict of tensors in float64."""
    if isinstance(tree, Tensor):
        return tree.double() if tree.is_floating_point() else tree
    return {name: cast(value) for name, value in tree.items()}


def doubled(program: Program) -> Program:
    """Return the program in float64, with all that it asks."""
    for model in modules(program.facts):
        model.double()
    return replace(
        program,
        train_model=program.train_model.double(),
        eval_model=program.eval_model.double(),
        constants=cast(program.constants),
    )


def double_lane(lane: Lane) -> Lane:
    """Return the lane in float64."""
    x, y = lane.batch
    moment = replace(lane.moment, x=cast(x))
    return replace(lane, batch=(cast(x), y.double()), noise=cast(lane.noise), moment=moment)


def scores(value: float) -> dict[str, Tensor]:
    """Return the scores of an evaluation, every one of them `value`."""
    names = (
        f"{split} {name}" for split in ("train", "validation") for name in ("loss", "accuracy")
    )
    return {name: torch.tensor(value, dtype=torch.float64) for name in names}


def stopping_stacked(programs: list[Program], states: list[TrainState]) -> None:
    """Raise unless the stopping slot does the same alone and in a stack."""
    rules = [program.slots.stopping for program in programs]
    if rules[0] is None:
        return
    rule = rules[0]

    def fold(given: Any) -> Any:
        stopper, stop = rule.fold(given["state"], given["scores"], given["weights"])
        return {"stopper": stopper, "stop": stop, "weights": rule.finish(stopper, given["weights"])}

    lanes = [
        {"state": state.stopper, "scores": scores(1.0 + n), "weights": state.weights}
        for n, state in enumerate(states)
    ]
    for one, other in zip([fold(lane) for lane in lanes], together(fold, lanes), strict=True):
        equal_trees(one, other, "stopping differs in a stack")
