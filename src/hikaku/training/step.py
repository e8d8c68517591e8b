"""THE step: one batch, every slot in its order, for one trial. Pure: it returns a new state.

Written for one; `execution/stacked.py` lifts it to many. `techniques/slots.py` draws the anatomy.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import torch
from torch import Tensor
from torch.nn import functional as F

from hikaku.techniques.slots import (
    Augment,
    Averaging,
    Clip,
    Draws,
    Gradient,
    History,
    Input,
    Loss,
    Moment,
    Optimizer,
    Penalty,
    Project,
    Schedule,
    Stopping,
    Tensors,
    ValueAndGrad,
)
from hikaku.training.state import TrainState


@dataclass(frozen=True)
class Slots:
    """The techniques that act in every step, each in its slot (`stopping`: between evaluations)."""

    loss: Loss
    schedule: Schedule
    optimizer: Optimizer
    augment: tuple[Augment, ...] = ()
    penalty: tuple[Penalty, ...] = ()
    gradient: Gradient | None = None
    clip: tuple[Clip, ...] = ()
    project: tuple[Project, ...] = ()
    averaging: Averaging | None = None
    stopping: Stopping | None = None


@dataclass(frozen=True)
class Forward:
    """What one forward pass gave: logits (batch, outputs), new buffers, outputs of activations."""

    logits: Tensor
    buffers: Tensors
    activations: Tensors


@dataclass(frozen=True)
class Reading:
    """What a step tells about its batch, all 0-d.

    `objective` was made small; `loss` is the plain cross-entropy or squared error, without
    penalties; `accuracy` is the share of right answers.
    """

    objective: Tensor
    loss: Tensor
    accuracy: Tensor


Model = Callable[[Tensors, Tensors, Input], Forward]
"""(params, buffers, x) to `Forward`, in training mode."""


@dataclass(frozen=True)
class Objective:
    """What training makes small, as a function of the parameters, of one batch (x, y)."""

    slots: Slots
    model: Model
    buffers: Tensors
    x: Input
    y: Tensor
    moment: Moment

    def __call__(self, params: Tensors) -> tuple[Tensor, Forward]:
        """Return loss and penalties, added up, and the forward pass."""
        loss, forward = self.loss(params)
        return self.penalized(loss, params, forward), forward

    def loss(self, params: Tensors) -> tuple[Tensor, Forward]:
        """Return the loss alone, and the forward pass."""
        forward = self.model(params, self.buffers, self.x)
        # A model may compute in another precision; a loss wants answer and target in one.
        forward = replace(forward, logits=forward.logits.to(self.y.dtype))
        loss = self.slots.loss
        return loss.loss(forward.logits, self.y, own(self.moment, loss)), forward

    def penalized(self, loss: Tensor, params: Tensors, forward: Forward) -> Tensor:
        """Return the loss with the penalties added."""
        for penalty in self.slots.penalty:
            loss = loss + penalty.penalty(params, forward.activations, self.moment.facts)
        return loss


Differentiate = Callable[[Objective], Callable[[Tensors], tuple[Tensor, Tensors, Forward]]]
"""Turns a loss with a by-product into the function that returns value, gradients and by-product."""


def step(
    slots: Slots,
    model: Model,
    state: TrainState,
    batch: tuple[Input, Tensor],
    moment: Moment,
    history: History,
    differentiate: Differentiate,
) -> tuple[TrainState, Reading]:
    """Return the state after one update, and the reading of the batch it was made from."""
    x, y = batch
    for augment in slots.augment:
        x, y = augment.change(x, y, own(moment, augment))  # type: ignore[arg-type]  # no dict: `build`
    moment = replace(moment, x=x)
    objective = Objective(slots, model, state.buffers, x, y, moment)
    passes: list[Forward] = []

    def value_and_grad(params: Tensors) -> tuple[Tensor, Tensors]:
        value, grads, forward = differentiate(objective)(params)
        passes.append(forward)
        return value, grads

    loss, grads = gradient_of(slots.gradient, value_and_grad, state.params)
    for clip in slots.clip:
        grads = clip.clip(grads, state.params)
    rate = slots.schedule.rate(own(moment, slots.schedule), history)
    params, optimizer = slots.optimizer.update(
        grads, state.optimizer, state.params, rate, moment.facts
    )
    for project in slots.project:
        params = project.project(params, rate, moment.facts)
    average = state.average
    if slots.averaging is not None:
        average, params = slots.averaging.fold(average, params, own(moment, slots.averaging))
    # A rule that looks twice (SAM) looks elsewhere the second time: statistics are the first's.
    first = passes[0]
    after = TrainState(params, first.buffers, optimizer, average, state.stopper)
    return after, reading(loss, first.logits, y, moment.facts.classes)


@dataclass(frozen=True)
class Named:
    """Draws under a name of their own: two that ask for one purpose get different numbers."""

    draws: Draws
    name: str

    def uniform(self, purpose: str, shape: tuple[int, ...]) -> Tensor:
        """Return float32 numbers in [0, 1) of this shape."""
        return self.draws.uniform(f"{self.name} {purpose}", shape)

    def normal(self, purpose: str, shape: tuple[int, ...]) -> Tensor:
        """Return float32 standard normal numbers of this shape."""
        return self.draws.normal(f"{self.name} {purpose}", shape)


def own(moment: Moment, technique: object) -> Moment:
    """Return the moment as this technique sees it: its draws are nobody else's."""
    return replace(moment, draws=Named(moment.draws, f"technique {type(technique).__name__}"))


def gradient_of(
    rule: Gradient | None, value_and_grad: ValueAndGrad, params: Tensors
) -> tuple[Tensor, Tensors]:
    """Return loss and gradients by the technique in the slot, or by the plain backward pass."""
    return value_and_grad(params) if rule is None else rule.gradient(value_and_grad, params)


def reading(objective: Tensor, logits: Tensor, y: Tensor, classes: int) -> Reading:
    """Return the plain loss and accuracy of a batch beside the objective, detached.

    `y` is (batch, classes) of shares; for regression, where `classes` is 0, it is (batch,) or
    (batch, outputs) of values, the loss is the squared error and the accuracy NaN.
    """
    logits = logits.detach()
    if not classes:
        loss = F.mse_loss(logits.reshape(y.shape), y)
        return Reading(objective.detach(), loss, torch.full_like(loss, float("nan")))
    right = (logits.argmax(1) == y.argmax(1)).to(logits.dtype)
    return Reading(objective.detach(), F.cross_entropy(logits, y), right.mean())


def backward(
    objective: Callable[[Tensors], tuple[Tensor, Forward]],
) -> Callable[[Tensors], tuple[Tensor, Tensors, Forward]]:
    """Return value, gradients and by-product of `objective` by an ordinary backward pass."""

    def run(params: Tensors) -> tuple[Tensor, Tensors, Forward]:
        leaves = {name: value.detach().requires_grad_() for name, value in params.items()}
        value, forward = objective(leaves)
        grads = torch.autograd.grad(value, list(leaves.values()), materialize_grads=True)
        buffers = {name: value.detach() for name, value in forward.buffers.items()}
        # An embedding may give its gradient as the few rows that it looked up.
        named = {
            name: grad.to_dense() if grad.is_sparse else grad
            for name, grad in zip(leaves, grads, strict=True)
        }
        return value.detach(), named, Forward(forward.logits.detach(), buffers, {})

    return run
