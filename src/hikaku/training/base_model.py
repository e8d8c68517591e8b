"""The one door to an unedited model: built, its lazy layers made, its weights in place.

A user's code draws from global generators while it builds a model. All of that happens under the
seed of the trial, so every arm of a seed starts from the same weights.
"""

from __future__ import annotations

import torch
from torch import nn
from torch.nn.parameter import is_lazy

from hikaku.draws import Draws
from hikaku.errors import StudyError
from hikaku.models import own
from hikaku.models.blame import blaming, forward_fails
from hikaku.models.calling import Calling, calling_of, cloned, shapes
from hikaku.models.weights import start_from
from hikaku.study.catalogue import is_file_reference
from hikaku.study.recipe import Use
from hikaku.techniques.slots import Input, Tensors
from hikaku.training.outside_random import outside_random
from hikaku.training.sample import Sample
from hikaku.words import message


def base_model(use: Use, sample: Sample, draws: Draws, folder: str) -> nn.Module:
    """Return the unedited model with its first weights, the same for every arm of a seed.

    Those are drawn by the model itself, or come from the file of its setting `weights`. Raises
    `StudyError` where it cannot be built or does not fit the sample.
    """
    if is_file_reference(use.name):
        # A file is run once in a process, whatever the seed: what it draws belongs to no seed.
        with outside_random(0):
            own.factory_of(use, folder)
    with outside_random(int(draws.stream("model").integers(2**32))):
        model = own.made(use, sample.shape, sample.width, folder)
        calling = calling_for(use, model, sample)
        if any(is_lazy(value) for value in tensors_of(model).values()):
            materialise(model, calling, sample.inputs)
    own.refuse_uncopied(model, use.name)
    start = dict(use.settings).get("weights")
    if isinstance(start, str):
        fresh = dict(use.settings).get("fresh") or ()
        patterns = fresh if isinstance(fresh, tuple) else (fresh,)
        start_from(model, start, tuple(map(str, patterns)), folder)
    return model


def calling_for(use: Use, model: nn.Module, sample: Sample) -> Calling:
    """Return how this model is called and answers on such samples."""
    output = dict(use.settings).get("output")
    return calling_of(model, sample.inputs, output, sample.width)


def materialise(model: nn.Module, calling: Calling, x: Input) -> None:
    """Give lazy layers their shapes and first weights, by one pass in evaluation mode."""
    args, kwargs = calling.arguments(cloned(x))
    model.eval()
    with blaming(forward_fails, shapes(x)), torch.no_grad():
        model(*args, **kwargs)
    model.train()
    unseen = [name for name, value in tensors_of(model).items() if is_lazy(value)]
    if unseen:
        raise StudyError.of(
            message("model: these lazy layers are never run: {names}", names=", ".join(unseen)),
            why=message("without an input they have no shape"),
            mend=message("use them in forward, or take them out"),
        )


def tensors_of(model: nn.Module) -> Tensors:
    """Return parameters and buffers by name."""
    return {**dict(model.named_parameters()), **dict(model.named_buffers())}
