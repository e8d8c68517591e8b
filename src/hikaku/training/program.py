"""From an arm's work and a seed to a program: the edited model, its first weights, its slots."""

from __future__ import annotations

from collections.abc import Callable
from copy import deepcopy
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn
from torch.func import functional_call

from hikaku.data.task import Shape
from hikaku.draws import Draws
from hikaku.errors import StudyError
from hikaku.models import zoo
from hikaku.models.surgery import Surgery, noise_layers
from hikaku.models.watch import probe
from hikaku.study.recipe import Recipe, Use
from hikaku.study.study import Training
from hikaku.techniques import registry
from hikaku.techniques.slots import Facts, Init, Input, Moment, Tensors
from hikaku.training.memory_format import kernel
from hikaku.training.outside_random import outside_random
from hikaku.training.state import TrainState
from hikaku.training.step import Forward, Slots
from hikaku.words import message


@dataclass(frozen=True)
class Size:
    """How much work a recipe is on this many training samples."""

    steps: int
    steps_per_epoch: int

    @property
    def epochs(self) -> float:
        """Return the passes over the training data."""
        return self.steps / self.steps_per_epoch


def size(recipe: Recipe, samples: int) -> Size:
    """Return the number of updates in all and per epoch.

    The last batch of an epoch is smaller; a last batch of one sample is left out, in every arm
    alike, since batch norm cannot use it. With replacement, an epoch is as many updates as it
    would take to see each sample once.
    """
    whole, rest = divmod(samples, recipe.batch_size)
    drawn = recipe.order == "with-replacement"
    per_epoch = max(1, whole + (rest >= (1 if drawn else 2)))
    return Size(recipe.steps or (recipe.epochs or 0) * per_epoch, per_epoch)


@dataclass(frozen=True)
class Program:
    """One trial, ready to train: nothing in it changes while it does.

    `constants` are frozen parameters and the settings that edited layers hold; `noise` maps the
    path of each layer that waits for noise to ("uniform" or "normal", shape of one sample there).
    """

    slots: Slots
    train_model: nn.Module
    eval_model: nn.Module
    constants: Tensors
    noise: dict[str, tuple[str, tuple[int, ...]]]
    facts: Facts

    def forward(self, noise: Tensors) -> Callable[[Tensors, Tensors, Tensor], Forward]:
        """Return the model in training mode as a pure function, with this step's noise in it."""

        def run(params: Tensors, buffers: Tensors, x: Tensor) -> Forward:
            # Running statistics are written in place; these copies are the new ones.
            fresh = {name: value.clone() for name, value in buffers.items()}
            values = {**self.constants, **noise, **params, **fresh}
            logits = functional_call(self.train_model, values, (x,))
            trace = getattr(self.train_model, "hikaku_trace", None)
            return Forward(logits, fresh, dict(trace.activations) if trace else {})

        return run

    def predict(self, weights: Tensors, x: Tensor) -> Tensor:
        """Return the outputs in evaluation mode, (batch, outputs)."""
        outputs: Tensor = functional_call(self.eval_model, {**self.constants, **weights}, (x,))
        return outputs

    def draw_noise(self, draws: Draws, step: int, batch: int) -> Tensors:
        """Return the noise of one step for every layer that waits for some.

        A function of seed, site and step alone: arms of one seed share it.
        """
        return {
            f"{path}.noise": torch.from_numpy(
                getattr(draws, kind)(f"noise {path}", step, (batch, *shape))
            )
            for path, (kind, shape) in self.noise.items()
        }


@dataclass(frozen=True)
class StepDraws:
    """`Draws` as tensors, for one step (or, for first weights, for one parameter's name)."""

    draws: Draws
    step: int = 0
    prefix: str = ""

    def uniform(self, purpose: str, shape: tuple[int, ...]) -> Tensor:
        """Return float32 numbers in [0, 1) of this shape."""
        return torch.from_numpy(self.draws.uniform(self.prefix + purpose, self.step, shape))

    def normal(self, purpose: str, shape: tuple[int, ...]) -> Tensor:
        """Return float32 standard normal numbers of this shape."""
        return torch.from_numpy(self.draws.normal(self.prefix + purpose, self.step, shape))


@dataclass(frozen=True)
class Sample:
    """What the model must fit: the shape of one sample, the classes (0: regression), some inputs.

    `counts` has one number per class; `inputs` is (2 or more, …), as the model will see them;
    `outputs` is the width of its answer. Of several inputs, shapes and tensors stand by name.
    """

    shape: Shape
    classes: int
    counts: tuple[int, ...]
    inputs: Input
    outputs: int = 1


def build(
    work: Training, sample: Sample, work_size: Size, seed: int, folder: str
) -> tuple[Program, TrainState]:
    """Return the program of this arm under this seed, and its first state.

    Arms of one seed whose models are equal start from the same weights, bit for bit; what an edit
    adds draws from streams of its own. Raises `StudyError` where a technique finds no site.
    """
    draws = Draws(seed)
    model = base_model(work.model, sample, draws)
    model = edited(model, work.recipe, sample, draws, folder)
    if work.recipe.init is not None:
        filled(model, registry.build(work.recipe.init, folder), draws)
    slots = slots_of(work.recipe, folder)
    noise = noise_layers(model)
    state, constants = first_state(model, slots, set(noise))
    facts = Facts(
        classes=sample.classes,
        class_counts=sample.counts,
        decays=frozenset(name for name, value in state.params.items() if value.dim() > 1),
        lr=getattr(slots.optimizer, "lr", 1.0),
        epochs=work_size.epochs,
        steps=work_size.steps,
        steps_per_epoch=work_size.steps_per_epoch,
    )
    shell = model.eval()
    program = Program(
        slots=slots,
        train_model=deepcopy(shell).train(),
        eval_model=shell,
        constants=constants,
        noise={path: (layer.draw, layer.features) for path, layer in noise.items()},
        facts=facts,
    )
    return program, state


def base_model(use: Use, sample: Sample, draws: Draws) -> nn.Module:
    """Return the unedited model with its own first weights, the same for every arm of a seed."""
    factory = getattr(zoo, use.name.replace("-", "_"))
    with outside_random(int(draws.stream("model").integers(2**32))):
        try:
            model: nn.Module = factory(sample.shape, sample.classes or 1, **dict(use.settings))
        except ValueError as error:
            raise StudyError.of(
                message("the model {name} cannot be built: {error}", name=use.name, error=error),
                mend=message("choose another model, or inputs of another size"),
            ) from error
    return model


def edited(
    model: nn.Module, recipe: Recipe, sample: Sample, draws: Draws, folder: str
) -> nn.Module:
    """Return a copy of the model with every edit that the recipe's layers ask for."""
    sites = probe(model, sample.inputs[:2])
    surgery = Surgery(model, sites)
    for use in recipe.layers:
        before = surgery.taken
        with outside_random(int(draws.stream(f"edit {use.name}").integers(2**32))):
            registry.build(use, folder).edit(surgery, sites)
        if surgery.taken == before:
            raise StudyError.of(
                message("layers: {use} finds no place in this model", use=use),
                why=message("a technique that acts nowhere would be compared as if it did"),
                mend=message(
                    "set `at` to a pattern that fits one of: {paths}",
                    paths=", ".join(dict.fromkeys(site.path for site in sites.all)) or "-",
                ),
            )
    wanted = any(
        getattr(registry.build(use, folder), "reads_activations", False) for use in recipe.penalty
    )
    return surgery.finish(record_activations=wanted)


def filled(model: nn.Module, init: Init, draws: Draws) -> None:
    """Give every dense and convolutional weight, and the bias beside it, its first values."""
    for path, module in model.named_modules():
        weight = getattr(module, "weight", None)
        if not isinstance(weight, nn.Parameter) or weight.dim() < 2:
            continue
        for name in ("weight", "bias"):
            parameter = getattr(module, name, None)
            if isinstance(parameter, nn.Parameter):
                own = StepDraws(draws, prefix=f"{path}.{name} ")
                values = init.fill(f"{path}.{name}", tuple(parameter.shape), own)
                with torch.no_grad():
                    parameter.copy_(values)


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


def first_state(model: nn.Module, slots: Slots, noise: set[str]) -> tuple[TrainState, Tensors]:
    """Return the state before the first update, and the tensors that never change."""
    params = {
        name: kernel(value.detach().clone())
        for name, value in model.named_parameters()
        if value.requires_grad
    }
    constants = {
        name: value.detach() for name, value in model.named_parameters() if not value.requires_grad
    }
    buffers: Tensors = {}
    for name, value in model.named_buffers():
        owner, _, own_name = name.rpartition(".")
        if owner not in noise:
            buffers[name] = value.detach().clone()
        elif own_name != "noise":
            constants[name] = value.detach()
    weights = {**params, **buffers}
    return TrainState(
        params,
        buffers,
        slots.optimizer.init(params),
        slots.averaging.init(params) if slots.averaging else {},
        slots.stopping.init(weights) if slots.stopping else {},
    ), constants


def moment_at(program: Program, update: int, x: Tensor, draws: Draws) -> Moment:
    """Return the moment of the update number `update`, from 0."""
    facts = program.facts
    return Moment(
        step=update,
        epoch=update // facts.steps_per_epoch,
        progress=update / facts.steps,
        x=x,
        draws=StepDraws(draws, update),
        facts=facts,
    )
