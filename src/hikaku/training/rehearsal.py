"""A rehearsal: one update of a few samples, twice, on copies, before a trial begins.

It finds what a model does that is not ours to control: numbers from global generators, something
kept from batch to batch, a batch that is written into, activations that are computed again. Only
what it finds changes how the trial is run; the results of any other are the same bit for bit.
"""

from __future__ import annotations

from collections.abc import Callable
from copy import deepcopy
from dataclasses import dataclass, field, replace
from typing import Any

import torch
from torch import Tensor

from hikaku.draws import Draws
from hikaku.errors import HikakuError, StudyError
from hikaku.models.calling import cloned, shapes, versions
from hikaku.models.watch import UNEDITED, Trace
from hikaku.techniques.slots import History, Input, Tensors
from hikaku.training.dispatched import DispatchMode
from hikaku.training.memory_format import Samples, rows
from hikaku.training.outside_random import generators, outside_random, outside_seed
from hikaku.training.phase import first_update
from hikaku.training.program import Habits, Program, moment_at
from hikaku.training.state import TrainState
from hikaku.training.step import Forward, backward, step
from hikaku.words import message

ROWS = 8
"""Samples of a rehearsal: enough for a norm over the batch, too few to cost anything."""


def rehearsed(
    program: Program, state: TrainState, data: tuple[Samples, Tensor], batch_size: int
) -> Program:
    """Return the program with the habits that a rehearsal on the first of the `data` saw.

    `data` are inputs and targets as the loss wants them. Raises `StudyError` where an update
    fails, where the same batch gives another answer the second time, or where a part of the
    forward pass that is run again would be run without its edits.
    """
    if not program.facts.steps:
        return program
    x, y = data
    index = torch.arange(min(ROWS, batch_size, len(y)))
    stage = Stage(copied(program), state, rows(x, index), y[index])
    with first_update(shapes(stage.x)):
        answers, again = ((stage.update(), stage.reading()) for _ in range(2))
    refuse_infinite(answers[1])
    refuse_memory(answers, again)
    refuse_bare_recomputation(stage)
    seen = stage.seen
    calling = replace(program.calling, writes=seen.writes)
    likely = program.facts.classes > 0 and are_probabilities(answers[1])
    habits = Habits(seen.draws_in_training, seen.draws_in_evaluation, seen.recomputes, likely)
    return replace(program, calling=calling, habits=habits)


def copied(program: Program) -> Program:
    """Return the program with models and techniques of its own: what they keep stays with them.

    It is run as if it recomputed activations, which suits a model that does not as well.
    """
    return replace(
        program,
        habits=Habits(recomputes=True),
        slots=deepcopy(program.slots),
        train_model=deepcopy(program.train_model),
        eval_model=deepcopy(program.eval_model),
    )


@dataclass
class Seen:
    """What a rehearsal saw; `bare` says that calls were repeated outside of any module's call."""

    draws_in_training: bool = False
    draws_in_evaluation: bool = False
    writes: bool = False
    recomputes: bool = False
    bare: bool = False


@dataclass
class Stage:
    """Where a rehearsal is played: copies, a small batch (x, y), and what was `seen` so far."""

    program: Program
    state: TrainState
    x: Input
    y: Tensor
    seen: Seen = field(default_factory=Seen)

    @property
    def trace(self) -> Trace:
        """What the watchers of the model in training share."""
        trace: Trace = getattr(self.program.train_model, "hikaku_trace", UNEDITED)
        return trace

    def update(self) -> Tensor:
        """Return the outputs on which one update was made."""
        x, draws = cloned(self.x), Draws(self.program.seed)
        run = self.program.forward(self.program.draw_noise(draws, 0, len(self.y)))
        passes: list[Tensor] = []

        def model(params: Tensors, buffers: Tensors, x: Input) -> Forward:
            before, kept = versions(x), cloned(x)
            forward = run(params, buffers, x)
            # What is written through `.data` raises no version.
            self.seen.writes |= versions(x) != before or not equal(x, kept)
            passes.append(forward.logits.detach())
            return forward

        moment = moment_at(self.program, 0, x, draws)
        with outside_random(outside_seed(self.program.seed, "outside step", 0)):
            before = generators()
            step(
                *(self.program.slots, model, self.state, (x, self.y)),
                *(moment, History(), self._differentiate),
            )
            self.seen.draws_in_training |= generators() != before
        return passes[0]

    def reading(self) -> Tensor:
        """Return the outputs in evaluation."""
        x = cloned(self.x)
        with torch.no_grad(), outside_random(outside_seed(self.program.seed, "outside reading")):
            before, version = generators(), versions(x)
            buffers = cloned(self.state.buffers)
            outputs = self.program.predict(self.state.weights, x)
            self.seen.writes |= versions(x) != version or not equal(x, self.x)
            self.seen.draws_in_evaluation |= generators() != before
            if not equal(self.state.buffers, buffers):
                raise changed_by_reading()
        return outputs

    def _differentiate(
        self, objective: Callable[[Tensors], tuple[Tensor, Forward]]
    ) -> Callable[[Tensors], tuple[Tensor, Tensors, Forward]]:
        recomputed = Recomputed(self.trace, self.seen)

        def armed(leaves: Tensors) -> tuple[Tensor, Forward]:
            found = objective(leaves)
            recomputed.armed = True
            return found

        def run(params: Tensors) -> tuple[Tensor, Tensors, Forward]:
            with recomputed:
                return backward(armed)(params)

        return run


AROUND_GRADIENTS = (
    torch.ops.aten.ones_like.default,
    torch.ops.aten.zeros_like.default,
    torch.ops.aten.detach.default,
    torch.ops.aten._to_dense.default,
)
"""What is done right before and after gradients are taken; no forward pass is made of these."""


class Recomputed(DispatchMode):
    """Sees what is computed with gradients while gradients are taken: a forward pass, again."""

    def __init__(self, trace: Trace, seen: Seen) -> None:
        super().__init__()
        self.trace, self.seen, self.armed = trace, seen, False

    def __torch_dispatch__(
        self, func: Any, types: Any, args: tuple[Any, ...] = (), kwargs: Any = None
    ) -> Any:
        if self.armed and torch.is_grad_enabled() and func not in AROUND_GRADIENTS:
            self.seen.recomputes = True
            self.seen.bare |= not self.trace.running
        return func(*args, **(kwargs or {}))


def equal(one: Input, other: Input) -> bool:
    """Return whether two batches, or two sets of tensors, hold the same numbers."""
    if isinstance(one, Tensor) and isinstance(other, Tensor):
        return bool(((one == other) | ((one != one) & (other != other))).all())  # NaN is NaN here
    assert isinstance(one, dict) and isinstance(other, dict)
    return all(equal(one[name], other[name]) for name in one)


def changed_by_reading() -> HikakuError:
    """Return the error of a model whose statistics move while it is only evaluated."""
    return StudyError.of(
        message("model: evaluating it changes its buffers"),
        why=message("a norm in training mode would be judged on the batch, not on its statistics"),
        mend=message("let train() and eval() set every layer; update buffers in training alone"),
    )


def refuse_infinite(outputs: Tensor) -> None:
    """Raise `StudyError` where answers are not finite before anything is trained."""
    if not torch.isfinite(outputs).all():
        raise StudyError.of(
            message("model: its answers are not finite before anything is trained"),
            why=message("every trial would diverge at once"),
            mend=message(
                "look for a division by 0, a log of 0, or first weights that are too large"
            ),
        )


def are_probabilities(outputs: Tensor) -> bool:
    """Return whether (batch, classes) outputs look as if a softmax had made them."""
    whole = torch.allclose(outputs.sum(1), torch.ones(()).to(outputs), atol=1e-4)
    return bool(outputs.shape[1] > 1 and (outputs >= 0).all() and whole)


def refuse_memory(first: tuple[Tensor, ...], second: tuple[Tensor, ...]) -> None:
    """Raise `StudyError` where the same batch gave another answer the second time."""
    for one, other in zip(first, second, strict=True):
        # Some kernels of accelerators add in any order; what is kept shows far more than that.
        if not torch.allclose(one, other, rtol=1e-4, atol=1e-6, equal_nan=True):
            raise StudyError.of(
                message("model: the same batch gives another answer the second time"),
                why=message(
                    "it keeps something from batch to batch, or draws from a generator of its own"
                ),
                mend=message(
                    "start what forward keeps in self anew each time; draw from torch's own "
                    "generator"
                ),
            )


def refuse_bare_recomputation(stage: Stage) -> None:
    """Raise `StudyError` where calls are edited that activation checkpointing repeats unseen."""
    if stage.seen.bare and stage.trace.functional:
        raise StudyError.of(
            message("model: a function under activation checkpointing cannot be edited"),
            why=message("it is called again while gradients are taken, and unedited then"),
            mend=message("give checkpoint() a module and not a method, or leave it out"),
        )
