"""What an arm cannot do with this model and these data, said before anything is trained."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from hikaku.errors import Fault, StudyError
from hikaku.models.sites import Sites, fits
from hikaku.study.recipe import Recipe, Use
from hikaku.study.study import Training
from hikaku.techniques import registry
from hikaku.techniques.parts import owner, touched
from hikaku.techniques.slots import Facts, Tensors
from hikaku.training.sample import Sample
from hikaku.training.step import Slots
from hikaku.words import message


def refuse_augment(recipe: Recipe, sample: Sample) -> None:
    """Raise `StudyError` where a change of one tensor meets data with several inputs."""
    if recipe.augment and isinstance(sample.inputs, dict):
        raise StudyError.of(
            message("augment: {use} changes one input", use=recipe.augment[0]),
            why=message("the data has: {names}", names=", ".join(sample.inputs)),
            mend=message("leave out `augment`, or change the samples where they are loaded"),
        )


def refuse_samples(recipe: Recipe, sample: Sample, folder: str) -> None:
    """Raise `StudyError` where a technique cannot work on samples like these, for all of them."""
    kinds = {"images": len(sample.shape) == 3, "classes": sample.classes > 0}
    said = {"images": message("it is for images"), "classes": message("it is for classes")}
    faults = [
        Fault(
            message("{slot}: {use} cannot work on this data", slot=slot, use=use),
            why=said[card.needs],
            mend=message("`hikaku show data` tells what a sample is; choose another technique"),
        )
        for slot, use in (("loss", recipe.loss), *(("augment", one) for one in recipe.augment))
        if (card := registry.card_of(registry.build(use, folder))) is not None
        if card.needs and not kinds[card.needs]
    ]
    StudyError.gather(faults)


def refuse_init(work: Training) -> None:
    """Raise `StudyError` where an init technique would throw away weights that are loaded."""
    if dict(work.model.settings).get("weights"):
        raise StudyError.of(
            message(
                "init: {use} would overwrite the weights that are loaded", use=work.recipe.init
            ),
            why=message("the model starts from {use}", use=work.model),
            mend=message("leave out `init` or `weights`; `fresh` layers draw their own"),
        )


def refuse_no_activations(reading: Sequence[Use], sites: Sites) -> None:
    """Raise `StudyError` where a penalty on activations finds none of them."""
    for use in reading:
        at: Any = dict(use.settings).get("at", ())
        if not sites.activations(at):
            names = dict.fromkeys(map(sites.recorded_as, sites.activations()))
            raise _of_nothing(use, ", ".join(names))


def refuse_not_there(recipe: Recipe, slots: Slots, params: Tensors, facts: Facts) -> None:
    """Raise `StudyError` where a penalty or optimizer names what this model does not have."""
    _refuse_no_weights(recipe, slots, params, facts)
    _refuse_no_modules(recipe.optimizer, slots.optimizer, params)


def _refuse_no_weights(recipe: Recipe, slots: Slots, params: Tensors, facts: Facts) -> None:
    """Raise where a penalty is of no weights: what it spares by its `exempt` is not there."""
    for use, penalty in zip(recipe.penalty, slots.penalty, strict=True):
        at, exempt = getattr(penalty, "at", ()), getattr(penalty, "exempt", "none")
        acts_on = [name for name in params if touched(name, exempt, facts)]
        reads = getattr(penalty, "reads_activations", False)
        if not reads and not any(touched(name, exempt, facts, at) for name in acts_on):
            raise _of_nothing(use, ", ".join(dict.fromkeys(map(owner, acts_on))))


def _refuse_no_modules(use: Use, optimizer: object, params: Tensors) -> None:
    """Raise where an optimizer is to treat modules otherwise that are not there."""
    owners = dict.fromkeys(map(owner, params))
    for pattern in getattr(optimizer, "adam_at", ()):
        if not any(fits(name, (pattern,)) for name in owners):
            raise StudyError.of(
                message(
                    "optimizer: {use} finds no '{name}' in this model",
                    use=use,
                    name=pattern,
                ),
                why=message("a technique that acts nowhere would be compared as if it did"),
                mend=message("set `adam_at` to patterns of: {paths}", paths=", ".join(owners)),
            )


def _of_nothing(use: Use, names: str) -> StudyError:
    return StudyError.of(
        message("penalty: {use} finds nothing in this model", use=use),
        why=message("a technique that acts nowhere would be compared as if it did"),
        mend=message("set `at` to a pattern that fits one of: {paths}", paths=names)
        if names
        else message("leave it out: nothing that it acts on is trained"),
    )


def no_place(use: Use, sites: Sites, folder: str) -> StudyError:
    """Return the error of a technique that no site of the model fits, with those that there are."""
    card = registry.card_of(registry.build(use, folder))
    if card and card.needs == "maps" and not sites.weights("conv", heads=True):
        return StudyError.of(
            message("layers: {use} finds no place in this model", use=use),
            why=message("it acts on what convolutions give, and the model has none"),
            mend=message("leave it out, or take a convolutional model"),
        )
    names = dict.fromkeys(f"{site.path or 'forward'} ({site.op})" for site in sites.all)
    return StudyError.of(
        message("layers: {use} finds no place in this model", use=use),
        why=message("a technique that acts nowhere would be compared as if it did"),
        mend=message(
            "set `at` to a pattern that fits one of: {paths} (activations that could be replaced: "
            "{count})",
            paths=", ".join(names),
            count=len(sites.activations()),
        )
        if names
        else message("the model calls no layer, activation or dropout of torch.nn.functional"),
    )


def refuse_counting(seen: Sites, expected: Sites) -> None:
    """Raise `StudyError` where a child more changes which calls a model makes."""
    if seen != expected:
        raise StudyError.of(
            message("model: its forward counts its own children"),
            why=message("the layers that an arm adds stand there too, and are taken for its own"),
            mend=message("hold them in an attribute: self.layers = nn.Sequential(…)"),
        )
