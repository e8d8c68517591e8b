"""From a recipe's techniques to their twins, slot by slot, as the reference library's functions."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from hikaku.execution.book import twins
from hikaku.execution.book.network import ACTIVATIONS
from hikaku.reference.arrays import Array, Arrays
from hikaku.reference.optimizers import Optimizer
from hikaku.study.catalogue import Catalogue
from hikaku.study.recipe import Recipe, Use
from hikaku.techniques.slots import Facts
from hikaku.training.chain import Activation, Chain
from hikaku.words import Message, message

SLOTS = ("penalty", "clip", "project")
"""The lists that the engine goes through; it knows what their twins are called with."""
SLOPED = ("loss", "penalty")
"""What a gradient stands beside."""


def not_covered(recipe: Recipe, chain: Chain) -> Message | None:
    """Return why the book's engine cannot follow a recipe on this chain; None where it can.

    What `training.takes` refuses stays refused.
    """
    for op in chain.ops:
        if isinstance(op, Activation) and op.kind not in ACTIVATIONS:
            return message("the book's library has no activation {name}", name=op.kind)
    catalogue = Catalogue()
    held = {slot: getattr(recipe, slot) for slot in SLOTS}
    uses = {"loss": (recipe.loss,), "optimizer": (recipe.optimizer,), **held}
    for slot, use in ((slot, use) for slot, some in uses.items() for use in some):
        twin = twins.named(use, catalogue)
        wanted = (twin, f"{twin}_gradient") if slot in SLOPED else (twin,)
        if not twin or not all(map(twins.ours, wanted)):
            return message("the book's library has no {name}", name=use.name)
        if lacks := twins.left_out(use, slot, twins.found(twin)):
            return message(
                "the book's library has no setting {setting} of {name}",
                setting=lacks[0],
                name=use.name,
            )
    return None


class LossLayer:
    """The last layer of a network, by the twin of a loss and its gradient."""

    def __init__(self, use: Use) -> None:
        name = twins.named(use, Catalogue())
        self._loss, self._gradient = twins.found(name), twins.gradient(name)
        self._settings = twins.taken(self._loss, dict(use.settings))
        self._x: Array | None = None
        self._t: Array | None = None

    def forward(self, x: Array, t: Array) -> float:
        """Return the mean loss; x is (batch, outputs), t of its shape or (batch,)."""
        self._x, self._t = x, t.reshape(x.shape)
        return float(self._loss(x, self._t, **self._settings))

    def backward(self) -> Array:
        """Return dL/dx."""
        gradient: Array = self._gradient(self._x, self._t, **self._settings)
        return gradient


@dataclass(frozen=True)
class Term:
    """A penalty and its gradient, as functions of the weights that it is of."""

    value: Callable[[Arrays], float]
    gradient: Callable[[Arrays], Arrays]
    is_of: Callable[[str], bool]

    @classmethod
    def of(cls, use: Use, facts: Facts) -> Term:
        """Return the penalty that a recipe uses."""
        name = twins.named(use, Catalogue())
        value, settings = twins.found(name), twins.taken(twins.found(name), dict(use.settings))
        slope = partial(twins.gradient(name), **settings)
        return cls(partial(value, **settings), slope, partial(twins.is_of, use, facts))

    def touched(self, params: Arrays) -> Arrays:
        """Return the parameters that it is of."""
        return {name: W for name, W in params.items() if self.is_of(name)}


@dataclass(frozen=True)
class Rules:
    """What a recipe does between gradient and new weights; `optimizer` is the trial's own.

    `clips` change gradients, `projects` parameters after an update at a rate.
    """

    penalties: Sequence[Term]
    clips: Sequence[Callable[[Arrays], Arrays]]
    optimizer: Optimizer
    projects: Sequence[Callable[[Arrays, float], Arrays]]

    @classmethod
    def of(cls, recipe: Recipe, facts: Facts) -> Rules:
        """Return the rules of a recipe."""
        return cls(
            tuple(Term.of(use, facts) for use in recipe.penalty),
            tuple(map(_clip, recipe.clip)),
            _optimizer(recipe.optimizer, facts),
            tuple(_project(use, facts) for use in recipe.project),
        )

    def penalized(self, loss: float, grads: Arrays, params: Arrays) -> tuple[float, Arrays]:
        """Return the loss and the gradients with the penalties added."""
        for term in self.penalties:
            chosen = term.touched(params)
            loss += term.value(chosen)
            more = term.gradient(chosen)
            grads = {n: g + more[n] if n in more else g for n, g in grads.items()}
        return loss, grads

    def updated(self, params: Arrays, grads: Arrays, rate: float) -> Arrays:
        """Return the parameters after clipping, the optimizer's step and what follows it."""
        for clip in self.clips:
            grads = clip(grads)
        params = self.optimizer.update(params, grads, rate)
        for project in self.projects:
            params = project(params, rate)
        return params


def _function(use: Use) -> Callable[..., Any]:
    return twins.found(twins.named(use, Catalogue()))


def _clip(use: Use) -> Callable[[Arrays], Arrays]:
    clip = _function(use)
    return partial(clip, **twins.taken(clip, dict(use.settings)))


def _optimizer(use: Use, facts: Facts) -> Optimizer:
    twin = _function(use)
    settings = {**dict(use.settings), "decays": twins.decays(use, facts)}
    made: Optimizer = twin(**twins.taken(twin, settings))
    return made


def _project(use: Use, facts: Facts) -> Callable[[Arrays, float], Arrays]:
    shrink, decays = _function(use), twins.decays(use, facts)
    amount = float(dict(use.settings)["amount"])  # type: ignore[arg-type]  # a number by its kind
    return lambda params, rate: shrink(params, float(facts.lr) * rate * amount, decays)
