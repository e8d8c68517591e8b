"""`predict`: what a kept model answers on files that no study has seen."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.special import softmax

from hikaku.data import unseen
from hikaku.data.unseen import Form, Place, Wanted
from hikaku.execution.material import tensors
from hikaku.run.load_model import Loaded
from hikaku.training.blueprint import Blueprint
from hikaku.words import Message


@dataclass(frozen=True)
class Prediction:
    """The answer for one sample.

    In classification `answer` is the name of the likeliest class, and `probabilities` are by
    class, in the order of their numbers; else they are empty and `values` holds what is predicted.
    """

    place: Place
    answer: str = ""
    probabilities: Mapping[str, float] | None = None
    values: tuple[float, ...] = ()


def predict(
    loaded: Loaded, files: Sequence[Path]
) -> tuple[tuple[Prediction, ...], tuple[Message, ...]]:
    """Return a prediction per sample in these files, in order, and what is worth knowing of them.

    Raises DataError with everything that is wrong with the files.
    """
    blueprint = loaded.restored.blueprint
    found = unseen.read(files, wanted(blueprint))
    outputs = loaded.restored.answer(tensors(found.inputs)).double().numpy()
    rows = zip(found.places, outputs, strict=True)
    return tuple(_prediction(place, row, blueprint.classes) for place, row in rows), found.notes


def wanted(blueprint: Blueprint) -> Wanted:
    """Return what the model takes, as its training data was prepared."""
    size = dict(blueprint.work.data.use.settings).get("size")
    return Wanted(
        forms={name: Form(one.raw, one.dtype) for name, one in blueprint.inputs.items()},
        preparation=blueprint.preparation,
        size=size if isinstance(size, int) else 0,
    )


def _prediction(place: Place, row: NDArray[np.float64], classes: Sequence[str]) -> Prediction:
    if not classes:
        return Prediction(place, values=tuple(float(value) for value in row))
    shares = dict(zip(classes, map(float, softmax(row)), strict=True))
    return Prediction(place, max(shares, key=lambda name: shares[name]), shares)
