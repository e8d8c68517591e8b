"""Many trials as one program: the only file that says `vmap`.

A technique is written for one trial. Here a function of one trial is lifted to a stack of them:
tensors get a leading dimension, settings of a number kind become 0-d float64 tensors of their own
lane, and random numbers are drawn outside, per lane, and handed in.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields, is_dataclass, replace
from typing import Any, cast, get_args, get_type_hints

import torch
from torch import Tensor
from torch.func import grad_and_value, vmap
from torch.utils._pytree import tree_map

from hikaku.study.card import Static
from hikaku.techniques.slots import Draws, History, Input, Moment, Tensors, Tree
from hikaku.training.program import Program
from hikaku.training.state import TrainState
from hikaku.training.step import Forward, Reading, Slots, step


@dataclass(frozen=True)
class Lane:
    """One trial's share of a lifted step: what it has, the batch it sees, the noise it is given."""

    program: Program
    state: TrainState
    batch: tuple[Input, Tensor]
    moment: Moment
    noise: Tensors


def lift(lanes: Sequence[Lane], history: History) -> list[tuple[TrainState, Reading]]:
    """Return what `step` gives for each lane, computed as one program.

    The lanes must be one program: models of the same shapes, and recipes that differ only in
    seeds and in settings of a number kind.
    """
    first = lanes[0]
    asked = rehearse(first, history)
    inputs = [
        {
            "state": lane.state.tree(),
            "batch": list(lane.batch),
            "noise": lane.noise,
            "constants": lane.program.constants,
            "settings": settings(lane.program.slots),
            "draws": {key: draw(lane.moment.draws) for key, draw in asked.items()},
        }
        for lane in lanes
    ]

    def one(given: dict[str, Any]) -> dict[str, Any]:
        slots = with_settings(first.program.slots, given["settings"])
        facts = replace(first.program.facts, lr=getattr(slots.optimizer, "lr", 1.0))
        program = replace(first.program, slots=slots, constants=given["constants"], facts=facts)
        moment = replace(first.moment, facts=facts, draws=Replay(given["draws"]))
        state, read = step(
            slots,
            program.forward(given["noise"]),
            TrainState(**given["state"]),
            tuple(given["batch"]),
            moment,
            history,
            differentiate,
        )
        return {"state": state.tree(), "read": [read.objective, read.loss, read.accuracy]}

    return [
        (TrainState(**given["state"]), Reading(*given["read"])) for given in together(one, inputs)
    ]


def together(function: Callable[[Any], Any], lanes: Sequence[Any]) -> list[Any]:
    """Return `function(lane)` for each lane, all lanes computed at once.

    A lane and a result are dicts and lists of tensors, of the same shapes in every lane.
    """
    flat, spec = zip(*(torch.utils._pytree.tree_flatten(lane) for lane in lanes), strict=True)
    stacked = [torch.stack(values) for values in zip(*flat, strict=True)]
    lifted = torch.utils._pytree.tree_unflatten(stacked, spec[0])
    results = vmap(function, randomness="error")(lifted)
    return [tree_map(lambda value, n=n: value[n], results) for n in range(len(lanes))]


def differentiate(
    objective: Callable[[Tensors], tuple[Tensor, Forward]],
) -> Callable[[Tensors], tuple[Tensor, Tensors, Forward]]:
    """Return value, gradients and by-product of `objective` by function transforms."""

    def aux(params: Tensors) -> tuple[Tensor, tuple[Tensor, Tensors]]:
        value, forward = objective(params)
        return value, (forward.logits, forward.buffers)

    def run(params: Tensors) -> tuple[Tensor, Tensors, Forward]:
        grads, (value, (logits, buffers)) = grad_and_value(aux, has_aux=True)(params)
        return value, grads, Forward(logits, buffers, {})

    return run


def numbers(technique: object) -> tuple[str, ...]:
    """Return the names of the settings that are mere numbers: floats that are not `Static`."""
    if not is_dataclass(technique):
        return ()
    hints = get_type_hints(type(technique), include_extras=True)
    found = []
    for item in fields(technique):
        kind, *marks = get_args(hints[item.name]) or (hints[item.name],)
        if kind is float and Static not in marks:
            found.append(item.name)
    return tuple(found)


def settings(slots: Slots) -> Tree:
    """Return every mere number of the step's techniques as a 0-d float64 tensor."""
    return {
        place: {
            name: torch.tensor(getattr(technique, name), dtype=torch.float64)
            for name in numbers(technique)
        }
        for place, technique in placed(slots).items()
    }


def with_settings(slots: Slots, values: Tree) -> Slots:
    """Return the slots with these settings in their techniques."""
    new = {
        place: replace(cast(Any, technique), **cast(dict[str, Any], values[place]))
        for place, technique in placed(slots).items()
    }
    changed: dict[str, Any] = {}
    for item in fields(slots):
        value = getattr(slots, item.name)
        if isinstance(value, tuple):
            changed[item.name] = tuple(new[f"{item.name}.{n}"] for n in range(len(value)))
        elif value is not None:
            changed[item.name] = new[item.name]
    return replace(slots, **changed)


def placed(slots: Slots) -> dict[str, object]:
    """Return every technique of the step by its place: `loss`, `clip.0`, `clip.1`."""
    found: dict[str, object] = {}
    for item in fields(slots):
        value = getattr(slots, item.name)
        if isinstance(value, tuple):
            found |= {f"{item.name}.{n}": technique for n, technique in enumerate(value)}
        elif value is not None:
            found[item.name] = value
    return found


@dataclass(frozen=True)
class Replay:
    """Draws inside a lifted step: hands out, in order, what was drawn outside for this lane."""

    drawn: Tensors

    def uniform(self, purpose: str, shape: tuple[int, ...]) -> Tensor:
        """Return the uniform numbers that were drawn for this purpose."""
        return self.drawn[f"uniform {purpose} {shape}"]

    def normal(self, purpose: str, shape: tuple[int, ...]) -> Tensor:
        """Return the normal numbers that were drawn for this purpose."""
        return self.drawn[f"normal {purpose} {shape}"]


@dataclass(frozen=True)
class Rehearsal:
    """Draws that note what is asked for: it depends on shapes alone, so one lane tells for all."""

    draws: Any
    asked: dict[str, Callable[[Any], Tensor]]

    def uniform(self, purpose: str, shape: tuple[int, ...]) -> Tensor:
        """Return the numbers, and note that they were asked for."""
        self.asked[f"uniform {purpose} {shape}"] = lambda draws: draws.uniform(purpose, shape)
        return cast(Tensor, self.draws.uniform(purpose, shape))

    def normal(self, purpose: str, shape: tuple[int, ...]) -> Tensor:
        """Return the numbers, and note that they were asked for."""
        self.asked[f"normal {purpose} {shape}"] = lambda draws: draws.normal(purpose, shape)
        return cast(Tensor, self.draws.normal(purpose, shape))


def rehearse(lane: Lane, history: History) -> dict[str, Callable[[Draws], Tensor]]:
    """Return what a step draws from its moment, found by one step of one lane."""
    asked: dict[str, Callable[[Any], Tensor]] = {}
    moment = replace(lane.moment, draws=Rehearsal(lane.moment.draws, asked))
    step(
        lane.program.slots,
        lane.program.forward(lane.noise),
        lane.state,
        lane.batch,
        moment,
        history,
        differentiate,
    )
    return asked
