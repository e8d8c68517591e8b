"""The edited model of an arm under a seed, with the first weights that it draws by itself."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from copy import deepcopy

from torch import nn

from hikaku.draws import Draws
from hikaku.models.blame import blaming, forward_fails
from hikaku.models.calling import Calling, calling_of, shapes
from hikaku.models.surgery import CONTAINER, Surgery, with_container
from hikaku.models.watch import probe
from hikaku.study.alike import is_ours
from hikaku.study.catalogue import HOUSE
from hikaku.study.recipe import Recipe, Use
from hikaku.study.study import Training
from hikaku.techniques import registry
from hikaku.training.base_model import base_model, calling_for
from hikaku.training.outside_random import outside_random, outside_seed
from hikaku.training.refusals import no_place, refuse_counting, refuse_no_activations
from hikaku.training.sample import Sample

Made = tuple[nn.Module, Calling]
"""An edited model that no init technique has seen yet, and how it is called."""


class Models:
    """What was made for arms of one seed on the same data, handed out in copies.

    Arms that differ only in what comes later, an init or an optimizer, have equal models. What
    others wrote is made anew for each trial: what it does when it is run, or reads, is its own
    affair.
    """

    def __init__(self) -> None:
        self._made: dict[tuple[Use, ...], Made] = {}

    def of(self, work: Training, make: Callable[[], Made]) -> Made:
        """Return the model of an arm, made by `make` where it is not known."""
        if not is_of_the_house(work):
            return make()
        if edits(work) not in self._made:
            self._made[edits(work)] = make()
        model, calling = self._made[edits(work)]
        return deepcopy(model), calling


def unfilled(work: Training, sample: Sample, draws: Draws, folder: str) -> Made:
    """Return the edited model, before an init technique has seen it, and how it is called."""
    base = base_model(work.model, sample, draws, folder)
    calling = calling_for(work.model, base, sample)
    return edited(base, work.recipe, sample, draws, folder), calling


def edits(work: Training) -> tuple[Use, ...]:
    """Return what makes an arm's model: the model itself, and what may edit it."""
    return (work.model, *work.recipe.layers, *work.recipe.penalty)


def is_of_the_house(work: Training) -> bool:
    """Return whether hikaku's own code alone makes an arm's model, and reads no file for it."""
    model, *techniques = edits(work)
    reads = "weights" in dict(model.settings)
    return model.name in HOUSE.models and not reads and all(is_ours(u, HOUSE) for u in techniques)


@contextmanager
def looked_at(sample: Sample, seed: int) -> Iterator[None]:
    """Run the model to look at it: nobody's generator moves, and its failures are in words."""
    with (
        outside_random(outside_seed(seed, "look")),
        blaming(forward_fails, shapes(sample.inputs)),
    ):
        yield


def edited(
    model: nn.Module, recipe: Recipe, sample: Sample, draws: Draws, folder: str
) -> nn.Module:
    """Return a copy of the model with every edit that the recipe's layers ask for."""
    calling = calling_of(model, sample.inputs, None, sample.width)
    with looked_at(sample, draws.seed):
        sites = probe(model, sample.inputs, calling)
    surgery = Surgery(model, sites)
    for use in recipe.layers:
        before = surgery.taken
        with outside_random(int(draws.stream(f"edit {use.name}").integers(2**32))):
            registry.build(use, folder).edit(surgery, sites)
        if surgery.taken == before:
            raise no_place(use, sites, folder)
    reading = [
        use
        for use in recipe.penalty
        if getattr(registry.build(use, folder), "reads_activations", False)
    ]
    refuse_no_activations(reading, sites)
    new = surgery.finish(record_activations=bool(reading))
    if hasattr(new, CONTAINER):
        with looked_at(sample, draws.seed):
            seen = probe(with_container(model), sample.inputs, calling)
        refuse_counting(seen, sites)
    return new
