"""`Task`: what is learnt from, as arrays; made by the readers, divided by `split`."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from hikaku.words import Message

Kind = Literal["classification", "regression"]
Array = NDArray[np.uint8] | NDArray[np.float32] | NDArray[np.int64]
Inputs = Array | Mapping[str, Array]
Targets = NDArray[np.int64] | NDArray[np.float32]
Progress = Callable[[str, int, int], None]
"""Called as data come: a name, how much so far, how much in all (0: nobody knows)."""
Shape = tuple[int, ...] | dict[str, tuple[int, ...]]
"""The shape of one sample; of a model with several inputs, one by name."""


@dataclass(frozen=True)
class Column:
    """One column of a table: its name, its categories (none: it holds numbers), gaps or none."""

    name: str
    categories: tuple[str, ...] = ()
    gaps: bool = False

    @property
    def width(self) -> int:
        """How many features the model sees: one per category or the number, one for the gaps."""
        return (len(self.categories) or 1) + self.gaps


@dataclass(frozen=True, eq=False)
class Task:
    """Samples and their targets, in the order of the source's files.

    `inputs` is (n, height, width), (n, channels, height, width) or (n, …), uint8, float32, or
    int64 (tokens), and may be memory-mapped; where a model has several inputs, one such array by
    name. `targets` is (n,) int64 class numbers, or (n,) or (n, outputs) float32 values where
    `kind` is "regression" and `classes` is empty. The rows are those to train on, then the
    `official_validation` and the `official_test` samples of given sets (0: there is none).

    `scale` is the raw uint8 value that the model sees as 1. `columns` describes a table, whose
    inputs are (n, columns) float32: numbers, numbers of categories, and NaN in the gaps.
    `standardize` asks for mean 0 and deviation 1 of every feature or channel, by statistics of
    the training samples. Samples of one number in `groups`, (n,), stay in one part.
    `notes` say what was converted or looks odd. `fingerprint` is 32 hexadecimal digits over all
    of this but the name and the notes.
    """

    name: str
    inputs: Inputs
    targets: Targets
    kind: Kind
    classes: tuple[str, ...]
    official_test: int = 0
    scale: float = 1.0
    fingerprint: str = ""
    official_validation: int = 0
    groups: NDArray[np.int64] | None = None
    columns: tuple[Column, ...] = ()
    standardize: bool = False
    notes: tuple[Message, ...] = ()

    @property
    def shape(self) -> Shape:
        """The shape of one model input: (channels, height, width), (features,); by name if many."""
        if isinstance(self.inputs, Mapping):
            return {name: _shape(array) for name, array in self.inputs.items()}
        if self.columns:
            return (sum(column.width for column in self.columns),)
        return _shape(self.inputs)

    @property
    def arrays(self) -> Iterator[tuple[str, Array]]:
        """The arrays of the inputs by name; a single one is called ""."""
        yield from self.inputs.items() if isinstance(self.inputs, Mapping) else [("", self.inputs)]

    @property
    def pool(self) -> int:
        """How many samples stand before the given validation and test sets."""
        return len(self.targets) - self.official_test - self.official_validation

    def rows(self, index: NDArray[np.int64] | slice) -> Inputs:
        """Return these rows of the inputs, raw."""
        if isinstance(self.inputs, Mapping):
            return {name: array[index] for name, array in self.inputs.items()}
        return self.inputs[index]


def _shape(array: Array) -> tuple[int, ...]:
    one = array.shape[1:]
    # Two sides and whole numbers of a byte are a grey image; two sides of floats are a sequence.
    return (1, *one) if len(one) == 2 and array.dtype == np.uint8 else one


def fingerprint(task: Task) -> str:
    """Return the fingerprint of a task's contents; equal contents from other files share it."""
    # What most tasks lack is left out where it is lacking: a new field changes no old key.
    rare = (task.official_validation, task.columns, task.standardize)
    meaning = (
        task.kind,
        task.classes,
        task.official_test,
        task.scale,
        *(rare if any(rare) else ()),
    )
    sha = hashlib.sha256(repr(meaning).encode())
    groups = [] if task.groups is None else [("groups", task.groups)]
    for name, array in (*task.arrays, ("", task.targets), *groups):
        named = (name,) if name else ()
        sha.update(repr((*named, array.dtype.str, array.shape)).encode())
        sha.update(np.ascontiguousarray(array).data)
    return sha.hexdigest()[:32]
