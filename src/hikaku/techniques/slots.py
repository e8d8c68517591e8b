"""The anatomy of a training step: twelve slots, each one or two pure functions for ONE trial.

Once, before training:

    weights = the model's own                   # seeded, the same for every arm
    model   = layers.edit(model, sites)         # * every technique of the list, in order
    weights = init.fill(name, shape, draws)
    weights = init.start(weights, outputs)      # where it has one (LSUV)

The step, once per batch:

    x, y    = augment.change(x, y, moment)                          # *
    loss    = loss.loss(model(x), y, moment)
            + penalty.penalty(params, activations, facts)           # *
    loss, grads   = gradient.gradient(value_and_grad, params)       # empty: plain backward pass
    grads         = clip.clip(grads, params)                        # *
    rate          = schedule.rate(moment, history)
    params, state = optimizer.update(grads, state, params, rate, facts)
    params        = project.project(params, rate, facts)            # *
    average, params = averaging.fold(average, params, moment)

Between evaluations:

    state, stop = stopping.fold(state, scores, weights)
    weights     = stopping.finish(state, weights)                   # once, when training ends

    * a list; the others hold one technique or none.

Rules. A method never writes into its arguments. Tensors arrive for one trial: `logits` is
(batch, classes), never (trial, batch, classes); the same code is lifted over many trials. So no
`if` on a tensor, no `float(tensor)`, no `math.sqrt(setting)`: a setting of a number kind may be a
0-d float64 tensor (`parts.like` casts it where the other side is 0-d too). Random numbers come
from `draws` or `moment.draws` and from nowhere else.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

from torch import Tensor

if TYPE_CHECKING:
    from hikaku.models.sites import Sites
    from hikaku.models.surgery import Surgery

Tensors = dict[str, Tensor]
"""Tensors by name: parameters under their dotted path, or the state of a technique."""

Input = Tensor | Tensors
"""A batch as a model sees it: (batch, …), or several such by name where it has several inputs."""

Tree = dict[str, "Tensor | Tree"]
"""A technique's state: nested dicts of tensors and nothing else, so that it can be saved."""

Answering = Callable[[Input], Tensor]
"""A trained model: from a batch as the trial's own model sees it to (batch, outputs).

In evaluation mode, without gradient; it is never trained, nor saved with a trial.
"""

ValueAndGrad = Callable[[Tensors], tuple[Tensor, Tensors]]


class Draws(Protocol):
    """Random numbers by purpose; the same purpose gives the same numbers, whoever asks."""

    def uniform(self, purpose: str, shape: tuple[int, ...]) -> Tensor:
        """Return float32 numbers in [0, 1) of this shape."""
        ...

    def normal(self, purpose: str, shape: tuple[int, ...]) -> Tensor:
        """Return float32 standard normal numbers of this shape."""
        ...


@dataclass(frozen=True)
class Facts:
    """What is known before training starts.

    `decays` are the names of the parameters that a decay or penalty touches where its `exempt`
    setting says "norms and biases": the weights of layers. `lr` is the optimizer's;
    `class_counts` (classes,) counts the train split (empty for regression, and `classes` is 0).
    `steps` and `epochs` are totals.
    `files` are the models in the files that settings name (`WeightsFile`), by those names.
    """

    classes: int
    class_counts: tuple[int, ...]
    decays: frozenset[str]
    lr: float | Tensor
    epochs: float
    steps: int
    steps_per_epoch: int
    files: Mapping[str, Answering] = field(default_factory=dict, compare=False)


@dataclass(frozen=True)
class Moment:
    """Where training stands as a batch arrives.

    `step` counts finished updates from 0, `epoch` whole epochs from 0, `progress` is the share
    of the planned updates done, in [0, 1). `x` is the batch as the model sees it.
    """

    step: int
    epoch: int
    progress: float
    x: Input
    draws: Draws
    facts: Facts


@dataclass(frozen=True)
class History:
    """The evaluations so far: `scores["validation loss"]` is a tuple of floats, oldest first."""

    scores: Mapping[str, tuple[float, ...]] = field(default_factory=dict)


class Init(Protocol):
    """First weights for every weight and bias of a dense or convolutional layer."""

    def fill(self, name: str, shape: tuple[int, ...], draws: Draws) -> Tensor:
        """Return the first values of the parameter `name`, float32 of this shape.

        A weight has two dimensions or more (out, in, …); one dimension is the bias beside it.
        """
        ...


class Starting(Init, Protocol):
    """An init technique that looks at a batch of train samples once the weights are filled."""

    def start(self, weights: Tensors, outputs: Callable[[Tensors], Tensors]) -> Tensors:
        """Return the weights to start with, by the names of `weights`.

        `outputs(weights)` runs the edited model, in evaluation mode, and returns what the layer
        of each weight gives, (batch, …), in the order of the forward pass.
        """
        ...


class Layers(Protocol):
    """An edit of the model: a layer inserted, or an activation swapped."""

    def edit(self, model: Surgery, sites: Sites) -> None:
        """Ask `model` for edits at some of the `sites`; zero sites is the caller's error."""
        ...


class Augment(Protocol):
    """A change of the batch before it reaches the model; train only."""

    def change(self, x: Tensor, y: Tensor, moment: Moment) -> tuple[Tensor, Tensor]:
        """Return the changed batch; `y` is (batch, classes) of shares, or (batch,) of values."""
        ...


class Loss(Protocol):
    """What training makes small.

    One that is a mean over samples, each by itself, may say so by `mean_over_samples = True`: a
    batch that is too large for the memory is then computed in pieces.
    """

    def loss(self, logits: Tensor, target: Tensor, moment: Moment) -> Tensor:
        """Return the mean loss, 0-d; `target` is (batch, classes) of shares that sum to 1."""
        ...


class Penalty(Protocol):
    """A term added to the loss.

    One that looks at `activations` says so by `reads_activations = True`: otherwise there are none.
    `parts.outputs` chooses among them.
    """

    def penalty(self, params: Tensors, activations: Tensors, facts: Facts) -> Tensor:
        """Return the term, 0-d; `activations` are the outputs of activation sites by name."""
        ...


class Gradient(Protocol):
    """How the gradient is obtained."""

    def gradient(self, value_and_grad: ValueAndGrad, params: Tensors) -> tuple[Tensor, Tensors]:
        """Return the loss at `params` and the gradients to follow."""
        ...


class Clip(Protocol):
    """A change of the gradients before the update."""

    def clip(self, grads: Tensors, params: Tensors) -> Tensors:
        """Return the changed gradients."""
        ...


class Schedule(Protocol):
    """How the learning rate moves."""

    def rate(self, moment: Moment, history: History) -> float | Tensor:
        """Return the factor on the optimizer's lr (and on decoupled decay) for this update."""
        ...


class Optimizer(Protocol):
    """From gradients to new weights. Every optimizer has a setting `lr`."""

    def init(self, params: Tensors) -> Tree:
        """Return the state before the first update."""
        ...

    def update(
        self, grads: Tensors, state: Tree, params: Tensors, rate: float | Tensor, facts: Facts
    ) -> tuple[Tensors, Tree]:
        """Return the parameters and the state after one update with lr · rate."""
        ...


class Project(Protocol):
    """A change of the weights right after the update."""

    def project(self, params: Tensors, rate: float | Tensor, facts: Facts) -> Tensors:
        """Return the changed parameters."""
        ...


class Averaging(Protocol):
    """An average of the weights; where this slot is filled, the average is what is evaluated.

    One that says `renews_norms = True` is evaluated with figures of batch norms that are taken
    anew, from all train samples, under the average.
    """

    def init(self, params: Tensors) -> Tree:
        """Return the average before the first update."""
        ...

    def fold(self, average: Tree, params: Tensors, moment: Moment) -> tuple[Tree, Tensors]:
        """Return the average after this update, and the parameters to go on with."""
        ...

    def finish(self, average: Tree, params: Tensors) -> Tensors:
        """Return the parameters that are evaluated."""
        ...


class Stopping(Protocol):
    """When to stop, judged at each evaluation, and which weights to hand back."""

    def init(self, weights: Tensors) -> Tree:
        """Return the state before the first evaluation; `weights` are parameters and buffers."""
        ...

    def fold(
        self, state: Tree, scores: Mapping[str, Tensor], weights: Tensors
    ) -> tuple[Tree, Tensor]:
        """Return the new state and a 0-d bool: stop now. `scores["validation loss"]` is 0-d."""
        ...

    def finish(self, state: Tree, weights: Tensors) -> Tensors:
        """Return the weights that the trial ends with."""
        ...
