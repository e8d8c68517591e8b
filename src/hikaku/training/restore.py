"""From a file of kept weights back to the model, with every edit that its arm made.

The user's files are run again, those of today where they are still the same, or those whose text
lies in the file. No data are needed, and no weights are drawn that stay.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import torch
from safetensors.torch import load_file
from torch import Tensor, nn

from hikaku.data.prepare import Preparation
from hikaku.draws import Draws
from hikaku.errors import StoreError
from hikaku.models.calling import Calling, chosen
from hikaku.models.noise import NoiseLayer
from hikaku.models.surgery import in_mode, noise_layers
from hikaku.study.catalogue import is_file_reference
from hikaku.study.recipe import Dtype, Use
from hikaku.study.sources import local_sources
from hikaku.techniques.slots import Input
from hikaku.training.base_model import base_model, calling_for
from hikaku.training.blueprint import Blueprint
from hikaku.training.edited import edited
from hikaku.training.memory_format import chunked
from hikaku.training.placement import placed
from hikaku.training.precision import computing
from hikaku.training.program import CPU
from hikaku.words import message

START = ("weights", "fresh")
"""Settings of a model that say where its first weights come from; here they are all kept ones."""

CHUNK = 256
"""Samples per forward pass."""

_LAID_OUT: list[TemporaryDirectory[str]] = []
"""Folders of code that models in this process were built from: it may import from them later."""


@dataclass(frozen=True)
class Restored:
    """A model that was built again, in evaluation mode, and how it is called."""

    model: nn.Module
    calling: Calling
    blueprint: Blueprint

    @property
    def dtype(self) -> Dtype:
        """What the model computes in: bf16 is how one is trained, and its weights are float32."""
        return "fp64" if self.blueprint.work.recipe.precision == "fp64" else "fp32"

    @property
    def made_up(self) -> Input:
        """A few samples that nobody measured, as the model takes them."""
        return placed(self.blueprint.sample.inputs, CPU, self.dtype)

    def answer(self, x: Input) -> Tensor:
        """Return the outputs for prepared samples, (n, …): (n, outputs), without gradients."""
        x = placed(x, CPU, self.dtype)
        with torch.no_grad(), computing(self.dtype, CPU):
            return torch.cat([self._answer(part) for part in chunked(x, CHUNK)])

    def _answer(self, x: Input) -> Tensor:
        args, kwargs = self.calling.arguments(x)
        return self.calling.answer(self.model(*args, **kwargs), x)


@dataclass(frozen=True)
class OwnNoise:
    """Gives a noise layer that is trained outside of hikaku its noise, from torch's generator."""

    def __call__(self, layer: nn.Module, args: tuple[Any, ...]) -> None:
        """Draw the noise for this batch, where the layer is in training mode."""
        if isinstance(layer, NoiseLayer) and layer.training:
            noise = torch.empty(layer.wanted(tuple(args[0].shape)), device=args[0].device)
            layer.noise = noise.uniform_() if layer.draw == "uniform" else noise.normal_()


@dataclass(frozen=True)
class InUnits:
    """Turns the answers of a model that learnt standardized values into the units of its data."""

    calling: Calling
    preparation: Preparation

    def __call__(self, model: nn.Module, args: tuple[Any, ...], result: Any) -> Tensor:
        """Return the answer in what the model returned, (batch, outputs), in units."""
        # Without asking for the size of the batch, which would pin it where the model is traced.
        answer = chosen(result, self.calling.output).reshape(-1, self.calling.outputs)
        mean, deviation = (
            answer.new_tensor(values)
            for values in (self.preparation.target_mean, self.preparation.target_deviation)
        )
        return answer * deviation + mean


def restored(path: Path, blueprint: Blueprint, folder: str) -> Restored:
    """Return the model with the weights in `path`.

    `folder` is the study's, where the user's files are looked for. Raises StoreError where one of
    them is no longer the one that the weights were trained with, or where a weight does not fit.
    """
    work, sample, draws = blueprint.work, blueprint.sample, Draws(blueprint.seed)
    code = code_of(blueprint, folder, f"{path}:")
    use = Use(work.model.name, tuple(s for s in work.model.settings if s[0] not in START))
    base = base_model(use, sample, draws, code)
    # A penalty that looks at activations needs them while it trains, and never after.
    model = edited(base, replace(work.recipe, penalty=()), sample, draws, code)
    for layer in noise_layers(model).values():
        layer.register_forward_pre_hook(OwnNoise())
    if work.recipe.precision == "fp64":
        model.double()
    fill(model, path)
    calling = calling_for(use, base, sample)
    if blueprint.preparation.target_mean:
        model.register_forward_hook(InUnits(calling, blueprint.preparation))
        calling = replace(calling, output=None)
    return Restored(in_mode(model, training=False), calling, blueprint)


def fill(model: nn.Module, path: Path) -> None:
    """Write the weights of a file into the model; every name must be there, and no other."""
    given = load_file(path)
    own = model.state_dict()
    try:
        for name, value in model.named_buffers():
            # Those that a state_dict leaves out; of another shape, they are told below.
            if name in given and name not in own and given[name].shape == value.shape:
                copied(value, given.pop(name))
        model.load_state_dict(given)
    except RuntimeError as error:
        raise StoreError.of(
            message("these weights do not fit the model that is built for them"),
            where=f"{path}:",
            why=message("{error}", error=" ".join(str(error).split())),
            mend=message("train the study again, or install the hikaku that wrote the file"),
        ) from error


def copied(value: Tensor, given: Tensor) -> None:
    """Write `given` into a buffer; an equal one is left alone, for some cannot be written to."""
    if not torch.equal(value, given):
        value.copy_(given)


def code_of(blueprint: Blueprint, folder: str, where: str) -> str:
    """Return the folder from which the user's files of this model are to be run."""
    work = blueprint.work
    names = (work.model.name, *(use.name for use in work.recipe.layers))
    files = sorted({name.rpartition(":")[0] for name in names if is_file_reference(name)})
    if not files:
        return folder
    if blueprint.texts:
        return laid_out(blueprint.texts)
    now = local_sources(files, folder)
    changed = [name for name, digest in now.items() if blueprint.files.get(name) != digest]
    if changed:
        raise StoreError.of(
            message("{files} changed since these weights were trained", files=", ".join(changed)),
            where=where,
            why=message("the weights belong to the model as it was"),
            mend=message(
                'put the file back, or run the study again; with keep.what = "model" the weights '
                "bring their own code"
            ),
        )
    return folder


def laid_out(texts: Mapping[str, str]) -> str:
    """Return a new folder that holds these files; names may lead out of it, as `../lib/net.py`."""
    _LAID_OUT.append(TemporaryDirectory(prefix="hikaku-", ignore_cleanup_errors=True))
    up = max(Path(name).parts.count("..") for name in texts)
    folder = Path(_LAID_OUT[-1].name, *["in"] * up)
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in texts.items():
        file = folder.joinpath(name)
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(text.encode("utf-8", "surrogateescape"))
    return str(folder)
