"""A technique against its twin: what a library that knows no torch computes from the same numbers.

In float64 and to 1e-10, gradients included; first weights, which are float32, to 1e-6.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Literal, cast, get_args, get_origin

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from hikaku.checks.bench import CLASSES, CheckFailed, DoesNotApply, Subject, images, targets
from hikaku.checks.compare import cast as doubled
from hikaku.checks.compare import close, double, require, scores
from hikaku.checks.compare import doubled as changed
from hikaku.draws import Draws
from hikaku.execution.book import twins
from hikaku.execution.book.network import Written, numpy_of
from hikaku.execution.book.recipe import LossLayer, not_covered
from hikaku.reference.arrays import Array, Arrays
from hikaku.study.catalogue import models
from hikaku.study.entry import Setting
from hikaku.study.recipe import Use, Value
from hikaku.study.study import Data, Training
from hikaku.techniques import registry
from hikaku.techniques.slots import Facts, History, Moment, Tensors, Tree
from hikaku.training.chain import EVERY, Chain
from hikaku.training.program import build
from hikaku.training.recognise import chain_of
from hikaku.training.sample import Sample
from hikaku.training.size import Size
from hikaku.training.step_draws import StepDraws

UPDATES = 5
OFF_ZERO = 0.1
"""Another value than 0 that every kind of setting takes."""
FEATURES = 6
SHAPES = {"first.weight": (5, FEATURES), "first.bias": (5,), "last.weight": (CLASSES, 5)}
FACTS = Facts(CLASSES, (4,) * CLASSES, frozenset({"first.weight", "last.weight"}), 0.1, 5, 20, 4)


@dataclass(frozen=True)
class Pair:
    """A technique and its twin: `use` holds the settings that both are given."""

    use: Use
    technique: Any
    twin: Callable[..., Any]
    name: str

    @property
    def settings(self) -> dict[str, Any]:
        """Those of the settings that the twin takes."""
        return twins.taken(self.twin, dict(self.use.settings))

    @property
    def decays(self) -> frozenset[str] | None:
        """The names that decay: None where the technique spares none."""
        return twins.decays(self.use, FACTS)


def it_agrees_with_its_twin(subject: Subject) -> None:
    """It computes what the card's `twin` computes, from the same numbers."""
    name = subject.card.twin
    if not name:
        raise DoesNotApply("the card names no twin")
    library = twins.LIBRARY.removesuffix(".")
    require(twins.ours(name), f"{name} is not in {library}: name something of it, or nothing")
    compare = COMPARED.get(subject.card.slot)
    if compare is None:
        raise CheckFailed(f"nothing in the slot {subject.card.slot} can be held against a twin")
    twin = twins.found(name)
    for use in off_their_defaults(subject):
        lacks = twins.left_out(use, subject.card.slot, twin)
        # What a layer does to a network is held against the library's network, setting by setting.
        is_layer = subject.card.slot == "layers"
        require(is_layer or not lacks, f"the twin has no setting {', '.join(lacks)}")
        compare(subject, Pair(use, registry.build(use, subject.folder), twin, name))


def off_their_defaults(subject: Subject) -> Iterator[Use]:
    """Yield the technique as it is, and with each setting by itself off its default."""
    yield subject.use()
    for setting in subject.entry.settings:
        for value in _others(setting):
            yield subject.use(**{setting.name: value})


def _others(setting: Setting) -> Iterator[Value]:
    """Yield other values of a setting than its default: of a word all, of a number one."""
    default = setting.default
    if get_origin(setting.annotation) is Literal:
        yield from (value for value in get_args(setting.annotation) if value != default)
    elif isinstance(default, bool):
        yield not default
    elif isinstance(default, int):
        yield default + 1
    elif isinstance(default, float):
        yield default / 2 or OFF_ZERO
    elif default is None:
        yield 2.0


def _loss(subject: Subject, pair: Pair) -> None:
    logits = _tensor("logits", (8, CLASSES)).requires_grad_()
    target = targets(0, 0).double()
    value = pair.technique.loss(logits, target, moment(0))
    (slope,) = torch.autograd.grad(value, [logits])
    there = numpy_of(logits), numpy_of(target)
    agree(value, pair.twin(*there, **pair.settings), "the loss")
    agree(slope, twins.gradient(pair.name)(*there, **pair.settings), "its gradient")


def _penalty(subject: Subject, pair: Pair) -> None:
    leaves = {name: value.requires_grad_() for name, value in params("params").items()}
    value = pair.technique.penalty(leaves, {}, FACTS)
    slopes = torch.autograd.grad(value, list(leaves.values()), materialize_grads=True)
    chosen = {
        name: array
        for name, array in arrays(leaves).items()
        if pair.decays is None or name in pair.decays
    }
    agree(value, pair.twin(chosen, **pair.settings), "the penalty")
    wanted = twins.gradient(pair.name)(chosen, **pair.settings)
    for (name, leaf), slope in zip(leaves.items(), slopes, strict=True):
        none = np.zeros(leaf.shape)
        agree(slope, wanted.get(name, none), f"its gradient by {name}")


def _optimizer(subject: Subject, pair: Pair) -> None:
    settings = pair.settings | twins.taken(pair.twin, {"decays": pair.decays})
    now, twin = params("params"), pair.twin(**settings)
    there, state = arrays(now), cast(Tree, doubled(pair.technique.init(now)))
    for number in range(UPDATES):
        grads, rate = params(f"grads {number}"), 1.0 - 0.1 * number
        now, state = pair.technique.update(grads, state, now, rate, FACTS)
        there = twin.update(there, arrays(grads), rate)
        for name, value in now.items():
            agree(value, there[name], f"{name} after {number + 1} updates")


def _clip(subject: Subject, pair: Pair) -> None:
    for size in (1e-3, 1.0, 1e3):
        grads = {name: size * value for name, value in params("grads").items()}
        found = pair.technique.clip(grads, params("params"))
        for name, wanted in pair.twin(arrays(grads), **pair.settings).items():
            agree(found[name], wanted, f"the gradient of {name}")


def _project(subject: Subject, pair: Pair) -> None:
    given, rate = params("params"), 0.5
    found = pair.technique.project(given, rate, FACTS)
    share = float(FACTS.lr) * rate * float(dict(pair.use.settings)["amount"])  # type: ignore[arg-type]  # a number by its kind
    for name, wanted in pair.twin(arrays(given), share, pair.decays).items():
        agree(found[name], wanted, name)


def _schedule(subject: Subject, pair: Pair) -> None:
    for step in range(FACTS.steps):
        told = {"step": step, "steps": FACTS.steps, "per_epoch": FACTS.steps_per_epoch}
        wanted = pair.twin(**twins.taken(pair.twin, told), **pair.settings)
        rate = torch.as_tensor(pair.technique.rate(moment(step), History()), dtype=torch.float64)
        agree(rate, wanted, f"the rate of update {step}")


@dataclass(frozen=True)
class Same:
    """The draws that a technique gets, in the book's shape."""

    draws: StepDraws
    is_turned: bool

    def random(self, size: tuple[int, ...]) -> Array:
        """Return numbers in [0, 1)."""
        return self._as_books(self.draws.uniform("init", self._shape(size)))

    def standard_normal(self, size: tuple[int, ...]) -> Array:
        """Return numbers of mean 0 and spread 1."""
        return self._as_books(self.draws.normal("init", self._shape(size)))

    def _shape(self, size: tuple[int, ...]) -> tuple[int, ...]:
        return size[::-1] if self.is_turned else size

    def _as_books(self, value: Tensor) -> Array:
        return numpy_of(value.T if self.is_turned else value)


def _init(subject: Subject, pair: Pair) -> None:
    draws = StepDraws(Draws(0), 0, "weight ")
    for shape in ((5, FEATURES), (4, 2, 3, 3)):
        is_turned = len(shape) == 2
        found = pair.technique.fill("weight", shape, draws).double()
        size = shape[::-1] if is_turned else shape
        wanted = pair.twin(size, Same(draws, is_turned), **pair.settings)
        gap = np.abs(numpy_of(found.T if is_turned else found) - wanted).max()
        require(bool(gap <= 1e-6), f"weights of shape {shape} differ by {gap:.1e}")
    require(not pair.technique.fill("bias", (5,), draws).any(), "biases do not start at 0")


def _stopping(subject: Subject, pair: Pair) -> None:
    twin, state = pair.twin(**pair.settings), pair.technique.init({})
    sign = -1.0 if dict(pair.use.settings).get("mode") == "max" else 1.0
    for number, score in enumerate([3.0, 2.0, 2.5, 1.96, 1.9] + [2.2] * 25):
        state, stop = pair.technique.fold(state, scores(score), {})
        wanted = twin.look(sign * score)
        require(bool(stop) == wanted, f"after {number + 1} scores it says {bool(stop)}")


def _layers(subject: Subject, pair: Pair) -> None:
    """Forward and backward through a network of dense layers that the technique has edited."""
    recipe, x, y = subject.recipe(pair.use), _tensor("x", (8, FEATURES)), targets(0, 0).double()
    sample = Sample((FEATURES,), CLASSES, (4,) * CLASSES, x.float())
    work = Training(Data(Use("tiny")), models()["mlp"].use({"hidden": (5, 4)}), recipe)
    program, first = build(work, sample, Size(4, 2), 0, subject.folder)
    chain = chain_of(program, first, x.float(), kinds=EVERY)
    if not isinstance(chain, Chain):
        raise CheckFailed(f"the library cannot write a network with it: {chain.why}")
    if not_covered(recipe, chain) is not None and pair.use != subject.use():
        return  # no engine would take this setting by the library either
    program, state = changed(program), double(first)
    book = Written(chain, state.weights, program.constants, LossLayer(recipe.loss))
    layers = book.network.layers.values()
    is_there = any(type(layer).__name__ == pair.twin.__name__ for layer in layers)
    require(is_there, f"{pair.name} is nowhere in the network")
    agree(program.predict(state.weights, x), book.network.predict(numpy_of(x)), "the answers")
    noise = {n: value.double() for n, value in program.draw_noise(Draws(0), 0, len(x)).items()}
    for name, value in noise.items():
        book.draws[name.removesuffix(".noise")].noise = numpy_of(value)
    leaves = {name: value.requires_grad_() for name, value in state.params.items()}
    forward = program.forward(noise)(leaves, state.buffers, x)
    loss = functional.cross_entropy(forward.logits, y)
    slopes = torch.autograd.grad(loss, list(leaves.values()))
    agree(loss, book.network.loss(numpy_of(x), numpy_of(y)), "the loss in training")
    grads = book.renamed(book.network.backward())
    for (name, leaf), slope in zip(leaves.items(), slopes, strict=True):
        wanted = grads[name].T if leaf.dim() == 2 else grads[name]
        agree(slope, wanted, f"the gradient by {name}")
    _, buffers = book.tensors()
    for name, value in forward.buffers.items():
        agree(value.double(), numpy_of(buffers[name]), name)


COMPARED: dict[str, Callable[[Subject, Pair], None]] = {
    "loss": _loss,
    "penalty": _penalty,
    "optimizer": _optimizer,
    "clip": _clip,
    "project": _project,
    "schedule": _schedule,
    "init": _init,
    "stopping": _stopping,
    "layers": _layers,
}
"""How a technique is held against its twin, by slot."""


def moment(step: int) -> Moment:
    """Return the moment of this update of the training that `FACTS` tells of."""
    epoch = step // FACTS.steps_per_epoch
    return Moment(step, epoch, step / FACTS.steps, images(0, 0), StepDraws(Draws(0)), FACTS)


def params(name: str) -> Tensors:
    """Return numbers of this name in the shapes of a small network, float64."""
    return {own: _tensor(f"{name} {own}", shape) for own, shape in SHAPES.items()}


def arrays(tensors: Tensors) -> Arrays:
    """Return tensors as arrays."""
    return {name: numpy_of(value).copy() for name, value in tensors.items()}


def agree(found: Tensor, wanted: object, what: str) -> None:
    """Raise unless the technique's number is the twin's, to 1e-10."""
    there = torch.as_tensor(np.asarray(wanted, dtype=np.float64))
    close(found.detach().double(), there, f"{what} is not the twin's")


def _tensor(name: str, shape: tuple[int, ...]) -> Tensor:
    return torch.from_numpy(Draws(0).normal(name, 0, shape)).double()
