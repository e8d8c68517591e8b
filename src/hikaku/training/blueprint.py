"""`Blueprint`: what a trained model was, without its weights, so that it can be built again.

It travels as text inside each file of weights. No sample of anybody's data is in it: where a
model must be called to be built, it is called on numbers made up in the range of those data.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib.metadata import version
from typing import Any

import torch
from torch import Tensor

from hikaku.data.prepare import Preparation, from_json
from hikaku.data.task import Kind
from hikaku.draws import Draws
from hikaku.errors import StoreError
from hikaku.study.study import Training
from hikaku.study.trial import plain, training
from hikaku.training.sample import Sample
from hikaku.words import message

FORMAT = 1
"""Raised whenever what stands in the files changes its meaning."""
MADE_UP = 2
"""Samples on which a model is tried: one would do, but for layers that look at a whole batch."""


@dataclass(frozen=True)
class Wanted:
    """One input of a model.

    A sample of it is `raw` with the numbers `dtype` in the data, and `shape` when prepared; there
    its numbers lie between `low` and `high`, and are whole where the model looks them up.
    """

    raw: tuple[int, ...]
    dtype: str
    shape: tuple[int, ...]
    low: float
    high: float
    whole: bool

    def made_up(self, name: str) -> Tensor:
        """Return a few samples that nobody measured, always the same ones."""
        shape = (MADE_UP, *self.shape)
        shares = torch.from_numpy(Draws(0).uniform(f"made up {name}", 0, shape))
        if self.whole:
            return (self.low + (self.high - self.low + 1) * shares).floor().to(torch.int64)
        return self.low + (self.high - self.low) * shares


@dataclass(frozen=True)
class Blueprint:
    """An arm under a seed, and all that its model takes from the data.

    `inputs` are by name, a single one is called "". `classes` are the names of the classes, none
    in regression, where `outputs` values are answered. `files` are the user's files that the arm
    reached, each with its SHA-256; `texts` holds their text where it was asked for.
    """

    key: str
    work: Training
    seed: int
    inputs: Mapping[str, Wanted]
    kind: Kind
    classes: tuple[str, ...]
    outputs: int
    preparation: Preparation
    files: Mapping[str, str] = field(default_factory=dict)
    texts: Mapping[str, str] = field(default_factory=dict)

    @property
    def sample(self) -> Sample:
        """Return what the model must fit, on made-up inputs."""
        inputs = {name: wanted.made_up(name) for name, wanted in self.inputs.items()}
        shapes = {name: wanted.shape for name, wanted in self.inputs.items()}
        single = list(self.inputs) == [""]
        return Sample(
            shape=shapes[""] if single else shapes,
            classes=len(self.classes),
            counts=(1,) * len(self.classes),
            inputs=inputs[""] if single else inputs,
            outputs=self.outputs,
        )

    def text(self, **seen: object) -> str:
        """Return it as JSON, with what was `seen` of the weights beside which it will stand."""
        mine = {item: getattr(self, item) for item in PLAIN}
        inputs = {name: vars(wanted) for name, wanted in self.inputs.items()}
        whole = {
            "format": FORMAT,
            "hikaku": version("hikaku"),
            **mine,
            "work": plain(self.work),
            "inputs": inputs,
            "preparation": self.preparation.as_json(),
            **seen,
        }
        return json.dumps(whole, allow_nan=False)


PLAIN = ("key", "seed", "kind", "classes", "outputs", "files", "texts")
"""The fields of a blueprint that stand in its text as they are."""


def from_head(found: Mapping[str, Any], where: str) -> Blueprint:
    """Return the blueprint in the head of a file; StoreError where another hikaku wrote it."""
    try:
        if found["format"] != FORMAT:
            raise KeyError("format")
        inputs = {name: _wanted(wanted) for name, wanted in found["inputs"].items()}
        rest = {name: found[name] for name in PLAIN} | {"classes": tuple(found["classes"])}
        return Blueprint(
            work=training(found["work"]),
            inputs=inputs,
            preparation=from_json(found["preparation"]),
            **rest,
        )
    except (KeyError, TypeError, ValueError, AttributeError, RecursionError) as error:
        raise StoreError.of(
            message("not a file of weights that this hikaku can read"),
            where=where,
            why=message(
                "it was written by hikaku {version}", version=found.get("hikaku", "unknown")
            ),
            mend=message("use that version, or train the study again"),
        ) from error


def _wanted(found: Mapping[str, Any]) -> Wanted:
    return Wanted(**{**found, "raw": tuple(found["raw"]), "shape": tuple(found["shape"])})


def finite(scores: Mapping[str, float]) -> dict[str, float]:
    """Return those scores that are numbers, as JSON has them."""
    return {name: value for name, value in scores.items() if math.isfinite(value)}
