"""Many trials as one program: the only file that says `vmap`.

A technique is written for one trial. Here a function of one trial is lifted to a stack of them:
tensors get a leading dimension, settings of a number kind become 0-d float64 tensors of their own
lane, and random numbers are drawn outside, per lane, and handed in. The schedule is asked outside
too, lane by lane, for it reads a history that is its lane's own; its rate is handed in.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
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
from hikaku.training.step import Forward, Reading, Slots, own, step

Asked = Mapping[str, Callable[[Draws], Tensor]]
"""What a step draws from its moment, by the name that `Replay` looks for."""


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
            "rate": torch.tensor(rate(lane.program, lane.moment, history), dtype=torch.float64),
            "draws": {key: draw(lane.moment.draws) for key, draw in asked.items()},
        }
        for lane in lanes
    ]
    results = lifted_step(first.program, first.moment)(stacked(inputs))
    return [
        (TrainState(**given["state"]), Reading(*given["read"]))
        for given in (row(results, n) for n in range(len(lanes)))
    ]


def lifted_step(program: Program, moment: Moment) -> Callable[[Any], Any]:
    """Return the step as a function of stacks: of what its lanes differ in, (lanes, …) each.

    It takes {"state", "batch", "noise", "constants", "settings", "rate", "draws"} and returns
    {"state", "read"}. `program` and `moment` are those of any lane, but for what is handed in.
    """

    def one(given: Any) -> Any:
        slots = replace(
            with_settings(program.slots, given["settings"]), schedule=Given(given["rate"])
        )
        facts = replace(moment.facts, lr=getattr(slots.optimizer, "lr", 1.0))
        state, read = step(
            slots,
            replace(program, constants=given["constants"]).forward(given["noise"]),
            TrainState(**given["state"]),
            tuple(given["batch"]),
            replace(moment, facts=facts, draws=Replay(given["draws"])),
            History(),
            differentiate,
        )
        return {"state": state.tree(), "read": [read.objective, read.loss, read.accuracy]}

    return lifted(one)


def lifted_prediction(program: Program) -> Callable[[Any], Tensor]:
    """Return the outputs in evaluation mode, (lanes, batch, outputs), as a function of stacks.

    It takes {"weights", "constants", "x"}.
    """

    def one(given: Any) -> Tensor:
        held = replace(program, constants=given["constants"])
        return held.predict(given["weights"], given["x"])

    return lifted(one)


def lifted(function: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """Return the function of one lane as a function of all lanes, computed at once."""
    many: Callable[[Any], Any] = vmap(function, randomness="error")
    return many


def stacked(lanes: Sequence[Any]) -> Any:
    """Return trees of tensors, of the same shapes in every lane, as one, (lanes, …) each."""
    return tree_map(lambda *values: torch.stack(values), *lanes)


def row(tree: Any, place: int) -> Any:
    """Return one lane of what `stacked` gave: views."""
    return tree_map(lambda value: value[place], tree)


def together(function: Callable[[Any], Any], lanes: Sequence[Any]) -> list[Any]:
    """Return `function(lane)` for each lane, all lanes computed at once.

    A lane and a result are dicts and lists of tensors, of the same shapes in every lane.
    """
    results = lifted(function)(stacked(lanes))
    return [row(results, n) for n in range(len(lanes))]


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


@dataclass(frozen=True)
class Given:
    """The schedule of a lifted step: the rate that was asked for outside."""

    given: Tensor

    def rate(self, moment: Moment, history: History) -> Tensor:
        """Return the rate of this lane, 0-d."""
        return self.given


def rate(program: Program, moment: Moment, history: History) -> float:
    """Return the factor that the schedule gives for this update of one trial."""
    schedule = program.slots.schedule
    return float(schedule.rate(own(moment, schedule), history))


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
        if place not in OUTSIDE
    }


OUTSIDE = ("schedule", "stopping")
"""The slots whose techniques act outside of the lifted step, lane by lane."""


def with_settings(slots: Slots, values: Tree) -> Slots:
    """Return the slots with these settings in their techniques."""
    new = {
        place: replace(cast(Any, technique), **cast(dict[str, Any], values.get(place, {})))
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


class NotRehearsed(LookupError):
    """A step asked for numbers that the rehearsal did not: it draws in some steps only."""


@dataclass(frozen=True)
class Replay:
    """Draws inside a lifted step: hands out what was drawn outside for this lane."""

    drawn: Tensors

    def uniform(self, purpose: str, shape: tuple[int, ...]) -> Tensor:
        """Return the uniform numbers that were drawn for this purpose."""
        return self._found(f"uniform {purpose} {tuple(shape)}")

    def normal(self, purpose: str, shape: tuple[int, ...]) -> Tensor:
        """Return the normal numbers that were drawn for this purpose."""
        return self._found(f"normal {purpose} {tuple(shape)}")

    def _found(self, key: str) -> Tensor:
        if key not in self.drawn:
            raise NotRehearsed(key)
        return self.drawn[key]


@dataclass(frozen=True)
class Rehearsal:
    """Draws that note what is asked for: it depends on shapes alone, so one lane tells for all."""

    draws: Any
    asked: dict[str, Callable[[Any], Tensor]]

    def uniform(self, purpose: str, shape: tuple[int, ...]) -> Tensor:
        """Return the numbers, and note that they were asked for."""
        key = f"uniform {purpose} {tuple(shape)}"
        self.asked[key] = lambda draws: draws.uniform(purpose, shape)
        return cast(Tensor, self.draws.uniform(purpose, shape))

    def normal(self, purpose: str, shape: tuple[int, ...]) -> Tensor:
        """Return the numbers, and note that they were asked for."""
        key = f"normal {purpose} {tuple(shape)}"
        self.asked[key] = lambda draws: draws.normal(purpose, shape)
        return cast(Tensor, self.draws.normal(purpose, shape))


def rehearse(lane: Lane, history: History) -> Asked:
    """Return what a step draws from its moment, found by one step of one lane."""
    asked: dict[str, Callable[[Any], Tensor]] = {}
    moment = replace(lane.moment, draws=Rehearsal(lane.moment.draws, asked))
    slots = replace(lane.program.slots, schedule=Given(torch.ones((), dtype=torch.float64)))
    step(
        slots,
        lane.program.forward(lane.noise),
        lane.state,
        lane.batch,
        moment,
        history,
        differentiate,
    )
    return asked
