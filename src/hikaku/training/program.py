"""From an arm's work and a seed to a program: the edited model, its first weights, its slots."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from copy import deepcopy
from dataclasses import dataclass
from functools import partial
from typing import Any

import torch
from torch import Tensor, from_numpy, nn
from torch.func import functional_call

from hikaku.draws import Draws
from hikaku.models.calling import Calling, call_and_leave
from hikaku.models.surgery import in_mode, noise_layers
from hikaku.models.watch import check_calls
from hikaku.study.recipe import Dtype, Recipe
from hikaku.study.study import Training
from hikaku.techniques import registry
from hikaku.techniques.parts import owner
from hikaku.techniques.slots import Facts, Input, Moment, Tensors
from hikaku.training.edited import Models, looked_at, unfilled
from hikaku.training.fused import Fusing, Kernels, in_the_open
from hikaku.training.memory_format import convolves
from hikaku.training.noise_sizes import Wanted, noise_wanted
from hikaku.training.outside_random import outside_random, outside_seed
from hikaku.training.precision import LiftedNorms, computing, kept_in, widened
from hikaku.training.refusals import (
    refuse_augment,
    refuse_init,
    refuse_not_there,
    refuse_samples,
)
from hikaku.training.sample import Sample
from hikaku.training.size import Size
from hikaku.training.start import filled, first_state, started
from hikaku.training.state import TrainState
from hikaku.training.step import Forward, Slots
from hikaku.training.step_draws import StepDraws

CPU = torch.device("cpu")


@dataclass(frozen=True)
class Habits:
    """What a model or technique was seen to do that is not ours: found by a rehearsal.

    Draw from global generators in training or in evaluation; run a part of the forward pass again
    while gradients are taken (activation checkpointing); answer with what looks like
    probabilities.
    """

    draws_in_training: bool = False
    draws_in_evaluation: bool = False
    recomputes: bool = False
    probabilities: bool = False


@dataclass(frozen=True)
class Program:
    """One trial, ready to train: nothing in it changes while it does.

    `constants` are frozen parameters and the settings that edited layers hold; `noise` says what
    each layer that waits for noise wants, by its path. `unbounded` are buffers that are infinite
    from the start, as a causal mask is. `micro` is how many samples of a batch go through the
    model at once, 0 for all. `kernels` are torch's own, or the "fused" ones where they fit,
    which may compute convolutions in bf16 by "amx".
    """

    slots: Slots
    train_model: nn.Module
    eval_model: nn.Module
    constants: Tensors
    noise: dict[str, Wanted]
    facts: Facts
    calling: Calling
    seed: int
    unbounded: frozenset[str] = frozenset()
    habits: Habits = Habits()
    device: torch.device = CPU
    precision: Dtype = "fp32"
    micro: int = 0
    kernels: Kernels = "torch"

    def forward(self, noise: Tensors) -> Callable[[Tensors, Tensors, Input], Forward]:
        """Return the model in training mode as a pure function, with this step's noise in it."""
        call = call_and_leave if self.habits.recomputes else functional_call

        def run(params: Tensors, buffers: Tensors, x: Input) -> Forward:
            # Running statistics are written in place; these copies are the new ones.
            fresh = {name: value.clone() for name, value in buffers.items()}
            values = {**self.constants, **noise, **params, **fresh}
            with self.computing():
                result = call(self.train_model, values, *self.calling.arguments(x))
            check_calls(self.train_model)
            trace = getattr(self.train_model, "hikaku_trace", None)
            seen = trace.activations if trace else {}
            activations = {name: widened(value, self.precision) for name, value in seen.items()}
            answer = widened(self.calling.answer(result, x), self.precision)
            return Forward(answer, fresh, activations)

        return run

    def predict(self, weights: Tensors, x: Input) -> Tensor:
        """Return the outputs in evaluation mode, (batch, outputs)."""
        values = {**self.constants, **weights}
        with self.computing():
            result = functional_call(self.eval_model, values, *self.calling.arguments(x))
        check_calls(self.eval_model)
        return widened(self.calling.answer(result, x), self.precision).detach()

    @contextmanager
    def computing(self) -> Iterator[None]:
        """Run a forward pass in this precision and with these kernels."""
        with computing(self.precision, self.device), self._fusing():
            yield

    def _fusing(self) -> AbstractContextManager[object]:
        if self.device.type != "cpu":
            return nullcontext()
        if not in_the_open():
            return LiftedNorms() if self.precision == "bf16" else nullcontext()
        # What is computed again, while gradients are taken, would not wait again.
        fits = not self.habits.recomputes and convolves(self.train_model)
        used = self.kernels != "torch" and fits
        return Fusing(amx=self.kernels == "amx") if used else nullcontext()

    def draw_noise(self, draws: Draws, step: int, batch: int) -> Tensors:
        """Return the noise of one step for every layer that waits for some.

        A function of seed, site and step alone: arms of one seed share it.
        """
        return {
            f"{path}.noise": from_numpy(
                getattr(draws, wanted.draw)(f"noise {path}", step, wanted.shape(batch))
            ).to(self.device, kept_in(self.precision))
            for path, wanted in self.noise.items()
        }

    def outside_of_step(self, step: int) -> AbstractContextManager[None]:
        """Seed the global generators for one update, where something draws from them."""
        return self._outside(self.habits.draws_in_training, "outside step", step)

    def outside_of_reading(self) -> AbstractContextManager[None]:
        """Seed the global generators for one reading, where the model draws in evaluation."""
        return self._outside(self.habits.draws_in_evaluation, "outside reading")

    def _outside(self, draws: bool, purpose: str, *step: int) -> AbstractContextManager[None]:
        return outside_random(outside_seed(self.seed, purpose, *step)) if draws else nullcontext()


def build(
    work: Training,
    sample: Sample,
    work_size: Size,
    seed: int,
    folder: str,
    batch: Callable[[], Input] | None = None,
    known: Models | None = None,
) -> tuple[Program, TrainState]:
    """Return the program of this arm under this seed, and its first state.

    Arms of one seed whose models are equal start from the same weights, bit for bit; what an edit
    adds draws from streams of its own. An init technique may look at a `batch` of train samples;
    where none is given, at those of `sample`. Arms of one seed on the same data may share the
    models that are `known`. Raises `StudyError` where a technique finds no site.
    """
    draws = Draws(seed)
    refuse_augment(work.recipe, sample)
    refuse_samples(work.recipe, sample, folder)
    make = partial(unfilled, work, sample, draws, folder)
    model, calling = known.of(work, make) if known else make()
    in_mode(model, training=False)
    if work.recipe.init is not None:
        refuse_init(work)
        init = registry.build(work.recipe.init, folder)
        filled(model, init, draws)
        if hasattr(init, "start"):
            args, kwargs = calling.arguments(batch() if batch else sample.inputs)
            with looked_at(sample, seed):
                started(model, init, lambda model: model(*args, **kwargs))
    slots = slots_of(work.recipe, folder)
    state, constants = first_state(model, slots, set(noise_layers(model)))
    facts = facts_of(sample, model, state, slots, work_size)
    refuse_not_there(work.recipe, slots, state.params, facts)
    train_model = in_mode(deepcopy(model), training=True)
    with looked_at(sample, seed):
        wanted = noise_wanted(model, calling, sample.inputs)
    program = Program(
        slots=slots,
        train_model=train_model,
        eval_model=model,
        constants=constants,
        noise=wanted,
        facts=facts,
        calling=calling,
        seed=seed,
        unbounded=frozenset(n for n, value in state.buffers.items() if not value.isfinite().all()),
    )
    return program, state


NORMS = (nn.LayerNorm, nn.RMSNorm)
"""The norms whose learnt numbers may have several dimensions, as weights have."""


def facts_of(
    sample: Sample, model: nn.Module, state: TrainState, slots: Slots, work_size: Size
) -> Facts:
    """Return what is known before training starts."""
    norms = {path for path, module in model.named_modules() if isinstance(module, NORMS)}
    return Facts(
        classes=sample.classes,
        class_counts=sample.counts,
        decays=frozenset(
            name
            for name, value in state.params.items()
            if value.dim() > 1 and owner(name) not in norms
        ),
        lr=getattr(slots.optimizer, "lr", 1.0),
        epochs=work_size.epochs,
        steps=work_size.steps,
        steps_per_epoch=work_size.steps_per_epoch,
    )


def slots_of(recipe: Recipe, folder: str) -> Slots:
    """Return the recipe's techniques that act in every step, each as an object in its slot."""
    one = {
        slot: registry.build(use, folder) if use is not None else None
        for slot in ("loss", "schedule", "optimizer", "gradient", "averaging", "stopping")
        for use in (getattr(recipe, slot),)
    }
    many: dict[str, tuple[Any, ...]] = {
        slot: tuple(registry.build(use, folder) for use in getattr(recipe, slot))
        for slot in ("augment", "penalty", "clip", "project")
    }
    return Slots(**one, **many)  # type: ignore[arg-type]  # the decoder put each in its slot


def moment_at(program: Program, update: int, x: Input, draws: Draws) -> Moment:
    """Return the moment of the update number `update`, from 0."""
    facts = program.facts
    return Moment(
        step=update,
        epoch=update // facts.steps_per_epoch,
        progress=update / facts.steps,
        x=x,
        draws=StepDraws(draws, update, device=program.device),
        facts=facts,
    )
