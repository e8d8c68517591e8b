"""Edits of a model, asked for by techniques at original sites and made on a copy all at once.

At one place edits act in the order normalisation, noise, then the order of the recipe's list; an
activation is swapped where it stands, so a norm placed after it comes after the new one too.
"""

from __future__ import annotations

import itertools
from copy import deepcopy
from dataclasses import dataclass
from typing import Any, Literal

import torch
from torch import nn

from hikaku.models.noise import NoiseLayer, like_own
from hikaku.models.sites import Block, Site, Sites
from hikaku.models.watch import Edit, watch

Where = Literal["input", "weight", "output", "instead"]
Phase = Literal["normalisation", "noise", "swap"]

ORDER: tuple[Phase, ...] = ("swap", "normalisation", "noise")
CONTAINER = "hikaku"


class Inserted(nn.ModuleDict):
    """The inserted layers, registered on the model so that their parameters are its own.

    As a layer of its own it does nothing: a model that runs all its children in a row, as
    `nn.Sequential` does, runs this one too.
    """

    def forward(self, *given: Any) -> Any:
        """Return what was given."""
        return given[0] if len(given) == 1 else given


@dataclass(frozen=True)
class Asked:
    """One edit that was asked for."""

    site: Site
    where: Where
    layer: nn.Module
    phase: Phase
    label: str


class Surgery:
    """Collects the edits of one arm; `finish` returns the edited copy. Writes into no model."""

    def __init__(self, model: nn.Module, sites: Sites) -> None:
        self._model = model
        self._sites = sites
        self._asked: list[Asked] = []
        self._behind: list[tuple[Block, nn.Module, str]] = []
        # The model's own dropout would draw from a global generator: ours is handed its noise.
        for site in sites.all:
            if site.kind == "dropout" and not site.fixed:
                self.swap(site, like_own(site.op, site.p, site.inputs), "own-dropout")
        self._own = len(self._asked)

    @property
    def taken(self) -> int:
        """Return the number of edits that techniques have asked for so far."""
        return len(self._asked) + len(self._behind) - self._own

    def insert(
        self,
        site: Site,
        where: Literal["input", "weight", "output"],
        layer: nn.Module,
        phase: Literal["normalisation", "noise"],
        label: str,
    ) -> None:
        """Ask for `layer` on the op's first argument ("input"), its "weight" or its "output".

        `label` is the technique's name; the layer's parameters are stored under it and the
        site's name, so that they draw their first values from a stream of their own.
        """
        self._asked.append(Asked(site, where, layer, phase, label))

    def swap(self, site: Site, layer: nn.Module, label: str) -> None:
        """Ask for `layer` in place of the op at this site."""
        self._asked.append(Asked(site, "instead", layer, "swap", label))

    def follow(self, block: Block, layer: nn.Module, label: str) -> None:
        """Ask for `layer` behind a residual block: it is given the block's input and answer."""
        self._behind.append((block, layer, label))

    def finish(self, *, record_activations: bool) -> nn.Module:
        """Return an edited deep copy; unedited models come back as a plain copy without hooks.

        With `record_activations`, the outputs of all activation sites are kept at each forward
        pass; `recorded(model)` returns them.
        """
        copy = deepcopy(self._model)
        if not self._asked and not self._behind and not record_activations:
            return copy
        watchers = watch(copy, watching=False)
        for site in self._sites.all:
            watchers[site.path].rounds[site.kind] += 1
        edits: dict[int, Edit] = {}
        container = Inserted()
        for asked in sorted(self._asked, key=lambda asked: ORDER.index(asked.phase)):
            container[_free_name(container, f"{asked.site.name}:{asked.label}")] = asked.layer
            _place(edits.setdefault(asked.site.index, Edit()), asked)
            if asked.site.dtype is not torch.float32:
                asked.layer.to(asked.site.dtype)
        for block, layer, label in self._behind:
            container[_free_name(container, f"{block.path.replace('.', '/')}:{label}")] = layer
            watchers[block.path].behind.append(layer)
        if record_activations:
            for site in self._sites.activations():
                edits.setdefault(site.index, Edit()).record = self._sites.recorded_as(site)
        copy.add_module(CONTAINER, container)
        for index, edit in edits.items():
            site, watcher = self._sites.all[index], watchers[self._sites.all[index].path]
            watcher.edits[(site.kind, site.call)] = edit
            watcher.trace.expected[site.path, site.kind] = watcher.rounds[site.kind]
            home = type(copy.get_submodule(site.path)).__module__
            watcher.trace.functional |= not home.startswith("torch.nn.modules")
        copy.hikaku_trace = watchers[""].trace  # type: ignore[assignment]  # a plain attribute
        return copy


def with_container(model: nn.Module) -> nn.Module:
    """Return a copy of the model with an empty container of inserted layers."""
    copy = deepcopy(model)
    copy.add_module(CONTAINER, Inserted())
    return copy


def in_mode(model: nn.Module, *, training: bool) -> nn.Module:
    """Return the model itself, in training or evaluation mode, the inserted layers with it.

    A user's own `train()` may set only the children that it knows.
    """
    model.train(training)
    inserted = getattr(model, CONTAINER, None)
    if isinstance(inserted, Inserted):
        inserted.train(training)
    return model


def noise_layers(model: nn.Module) -> dict[str, NoiseLayer]:
    """Return the layers that wait for noise, by their path in the edited model."""
    return {
        path: module for path, module in model.named_modules() if isinstance(module, NoiseLayer)
    }


def _place(edit: Edit, asked: Asked) -> None:
    if asked.where == "instead":
        edit.instead = asked.layer
    elif asked.where == "input":
        edit.before.append(asked.layer)
    elif asked.where == "weight":
        edit.weight.append(asked.layer)
    else:
        edit.after.append(asked.layer)


def _free_name(container: nn.ModuleDict, name: str) -> str:
    names = (f"{name}~{count}" if count > 1 else name for count in itertools.count(1))
    return next(free for free in names if free not in container)
