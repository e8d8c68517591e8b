"""Whether trials are one program, which a stack computes at once, and if not, why.

What differs between the lanes of a stack is handed in: weights, data, random numbers, settings
that are mere numbers, the rate of a schedule, the judgement of a stopping slot. All the rest must
be equal. Then each is made a few samples' update, alone and in a stack, and both must agree: code
of the user's may run in a stack and mean something else there.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import fields, is_dataclass, replace
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.utils._pytree import tree_map

from hikaku.execution.lifted import Lifted, unstopped
from hikaku.execution.memory_fit import is_out_of_memory
from hikaku.execution.stacked import OUTSIDE, numbers, placed
from hikaku.techniques.slots import History
from hikaku.training.alone import Alone
from hikaku.training.evaluate import Part
from hikaku.training.rehearsal import ROWS
from hikaku.training.stack import Stack, Start
from hikaku.training.state import flat
from hikaku.words import Message, message

CLOSE = 1e-3
"""How far a stack and a lone trial may lie apart; rounding in float32 stays far below."""


def can_lift(starts: Sequence[Start]) -> Message | None:
    """Return why a stack cannot compute these trials, or None where it can.

    Their programs are rehearsed ones: what a rehearsal notices is refused here.
    """
    first = starts[0]
    habits = first.program.habits
    if habits.draws_in_training or habits.draws_in_evaluation:
        return message("its model draws random numbers that hikaku cannot hand in")
    if habits.recomputes:
        return message("its model computes activations again while gradients are taken")
    for technique in placed(first.program.slots).values():
        if getattr(technique, "trains_alone", False):
            return message("{name} is trained alone", name=type(technique).__name__)
    wanted = dict(anatomy(first))
    for start in starts[1:]:
        found = dict(anatomy(start))
        for name in (*wanted, *(name for name in found if name not in wanted)):
            if name not in wanted or name not in found or wanted[name] != found[name]:
                return message("the trials differ in {part}", part=name)
    return _tried(starts)


def anatomy(start: Start) -> Iterator[tuple[Message | str, Any]]:
    """Yield all that must be equal in the lanes of a stack, by name.

    The values read the same, by `repr`, in every process.
    """
    recipe, program, facts = start.recipe, start.program, start.program.facts
    for name in ("batch_size", "order", "evaluate_every"):
        yield f"recipe.{name}", getattr(recipe, name)
    yield message("the number of updates"), (facts.steps, facts.steps_per_epoch)
    yield message("the classes"), facts.classes
    for place, technique in placed(program.slots).items():
        if place not in OUTSIDE:
            yield f"recipe.{place}", (type(technique), _fixed(technique))
    yield from _shapes(start)
    for path, module in program.train_model.named_modules():
        yield f"model.{path}", (type(module), _plain(module))
    yield message("the noise of the model's layers"), program.noise
    yield message("how the model is called"), program.calling
    yield message("the weights that decay"), tuple(sorted(facts.decays))
    yield message("the buffers that are infinite"), tuple(sorted(program.unbounded))
    yield message("the device"), program.device


def _shapes(start: Start) -> Iterator[tuple[Message | str, Any]]:
    """Yield the shapes of all that a trial computes with, by name."""
    tensors = {**flat(unstopped(start.state)), **start.program.constants}
    for path, value in tensors.items():
        yield message("the shape of {name}", name=path.replace("|", " ")), _shape(value)
    for item in fields(start.material):
        if isinstance(part := getattr(start.material, item.name), Part):
            shapes = tree_map(_shape, [part.x, part.y])
            yield message("the shape of the {split} data", split=item.name), shapes


def _shape(value: Tensor) -> tuple[Any, ...]:
    return tuple(value.shape), value.dtype


def _fixed(technique: object) -> tuple[tuple[str, Any], ...]:
    """Return the settings of a technique that are no mere numbers."""
    if not is_dataclass(technique):
        return ()
    mere = numbers(technique)
    return tuple(
        (item.name, getattr(technique, item.name))
        for item in fields(technique)
        if item.name not in mere
    )


def _plain(module: nn.Module) -> dict[str, Any]:
    """Return what a module keeps as plain values, which one lane's module holds for all."""
    kinds = (bool, int, float, str, tuple, type(None))
    return {name: value for name, value in vars(module).items() if isinstance(value, kinds)}


def _tried(starts: Sequence[Start]) -> Message | None:
    """Return what is wrong with the stack of these trials, seen by two updates of a few samples."""
    few = [_few(start, min(ROWS, start.recipe.batch_size)) for start in starts]
    if few[0].program.facts.steps < 1:
        return message("there is nothing to train")
    try:
        together = _seen(Lifted(few))
    except Exception as error:  # whatever somebody's code raises in a stack keeps it out of one
        if is_out_of_memory(error):
            raise
        said = (str(error).strip() or type(error).__name__).splitlines()[0]
        return message("it does not run in a stack: {error}", error=said)
    for lane, start in enumerate(few):
        (alone,) = _seen(Alone(start))
        if np.isfinite(alone).all() and not np.allclose(
            alone, together[lane], rtol=CLOSE, atol=CLOSE * np.abs(alone).max()
        ):
            return message("it computes something else in a stack than alone")
    return None


def _seen(stack: Stack) -> list[Any]:
    """Return by lane what two updates and a reading before them tell.

    A reading after them would tell of rounding: a bias in front of a batch norm has no gradient
    but that, and Adam makes whole steps of it, which statistics of the batch alone take back.
    """
    outputs = stack.outputs("watched")
    lanes, told = stack.lanes, [History() for _ in stack.lanes]
    reads = [stack.update(update, told) for update in range(2)]
    numbers = torch.stack([value for read in reads for value in (read.objective, read.loss)], dim=1)
    losses = numbers.cpu().double().numpy()
    return [np.concatenate([outputs[n].ravel(), losses[place]]) for place, n in enumerate(lanes)]


def _few(start: Start, samples: int) -> Start:
    """Return the trial on the first of its training data alone, an epoch of one batch."""
    train, facts = start.material.train, start.program.facts
    part = Part(tree_map(lambda x: x[:samples], train.x), train.y[:samples])
    return replace(
        start,
        program=replace(start.program, facts=replace(facts, steps_per_epoch=1)),
        recipe=replace(start.recipe, batch_size=len(part.y), order="shuffle"),
        material=replace(start.material, train=part, watched=part),
    )
