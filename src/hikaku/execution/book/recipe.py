"""From a recipe's techniques to their twins, slot by slot, as the reference library's functions."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
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
class Rules:
    """What a recipe does between gradient and new weights; `optimizer` is the trial's own."""

    penalties: Sequence[Use]
    clips: Sequence[Use]
    projects: Sequence[Use]
    optimizer: Optimizer
    facts: Facts

    @classmethod
    def of(cls, recipe: Recipe, facts: Facts) -> Rules:
        """Return the rules of a recipe."""
        optimizer = _made(recipe.optimizer, _decays(recipe.optimizer, facts))
        return cls(recipe.penalty, recipe.clip, recipe.project, optimizer, facts)

    def penalized(self, loss: float, grads: Arrays, params: Arrays) -> tuple[float, Arrays]:
        """Return the loss and the gradients with the penalties added."""
        for use in self.penalties:
            name = twins.named(use, Catalogue())
            term, slope = twins.found(name), twins.gradient(name)
            chosen = _chosen(use, params, self.facts)
            settings = twins.taken(term, dict(use.settings))
            loss += term(chosen, **settings)
            more = slope(chosen, **settings)
            grads = {n: g + more[n] if n in more else g for n, g in grads.items()}
        return loss, grads

    def updated(self, params: Arrays, grads: Arrays, rate: float) -> Arrays:
        """Return the parameters after clipping, the optimizer's step and what follows it."""
        for use in self.clips:
            clip = _function(use)
            grads = clip(grads, **twins.taken(clip, dict(use.settings)))
        params = self.optimizer.update(params, grads, rate)
        for use in self.projects:
            share = float(self.facts.lr) * rate * float(dict(use.settings)["amount"])  # type: ignore[arg-type]  # a number by its kind
            params = _function(use)(params, share, **_decays(use, self.facts))
        return params


def _function(use: Use) -> Callable[..., Any]:
    return twins.found(twins.named(use, Catalogue()))


def _made(use: Use, more: Mapping[str, object]) -> Optimizer:
    twin = _function(use)
    made: Optimizer = twin(**twins.taken(twin, {**dict(use.settings), **more}))
    return made


def _decays(use: Use, facts: Facts) -> dict[str, frozenset[str] | None]:
    """Return which names decay: all (None) where a technique exempts none."""
    exempt = dict(use.settings).get("exempt", "none")
    return {"decays": None if exempt == "none" else facts.decays}


def _chosen(use: Use, params: Arrays, facts: Facts) -> Arrays:
    chosen = _decays(use, facts)["decays"]
    return {name: W for name, W in params.items() if chosen is None or name in chosen}
