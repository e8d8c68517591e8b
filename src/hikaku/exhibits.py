"""What a report shows beside figures: the data set in short, and samples that arms answer apart.

All of it is derived: a run makes it when its trials have ended, the store keeps it, and the next
run makes it again where it is missing or older than the trials.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from hikaku.words import Message


@dataclass(frozen=True)
class Spread:
    """Lowest, mean, standard deviation and highest of some numbers."""

    low: float
    mean: float
    deviation: float
    high: float


@dataclass(frozen=True)
class Part:
    """Samples that stand together: "train", a given "validation" or "test", or "all" of a set.

    `counts` has one number per class; `values`, in regression, one spread per output.
    """

    name: str
    samples: int
    counts: tuple[int, ...] = ()
    values: tuple[Spread, ...] = ()


@dataclass(frozen=True)
class Shape:
    """One input ("" where there is one only): the shape of a sample, and the type of its numbers.

    The shape is the one that the model sees.
    """

    name: str
    sides: tuple[int, ...]
    dtype: str


@dataclass(frozen=True)
class DataCard:
    """A data set in short; `summary`, `source` and `licence` are those of a named set, else empty.

    `parts` are as the files give them, before any split. `scale`, `standardize`, `fingerprint` and
    `notes` are the task's (`data.task.Task`), `groups` counts them, `columns` those of a table.
    """

    name: str
    kind: str
    classes: tuple[str, ...]
    parts: tuple[Part, ...]
    shapes: tuple[Shape, ...]
    fingerprint: str
    scale: float = 1.0
    standardize: bool = False
    groups: int = 0
    columns: int = 0
    summary: str = ""
    source: str = ""
    licence: str = ""
    notes: tuple[Message, ...] = ()


@dataclass(frozen=True)
class Example:
    """A test sample that a variant gets right oftener or more rarely than what it is compared with.

    `row` is its place in the data set, `true` the number of its class. At `seeds` seeds both arms
    were asked about it; `before` of them had it right with the other arm, `after` with the variant.
    """

    row: int
    true: int
    seeds: int
    before: int
    after: int


@dataclass(frozen=True, eq=False)
class Changed:
    """Which samples a variant newly gets right or wrong, of those that two seeds or more tested.

    `samples` counts them all, `gained` those right in most seeds with the variant and wrong in most
    without, `lost` the reverse. `examples` are the ones that changed most, of each kind, `images`
    theirs in that order, (n, height, width) or (n, height, width, 3), uint8; (0,) where they are no
    images.
    """

    samples: int
    gained: int
    lost: int
    examples: tuple[Example, ...]
    images: NDArray[np.uint8]


@dataclass(frozen=True)
class Exhibits:
    """What a study's report shows beside figures; `changed` is by variant."""

    data: DataCard | None = None
    changed: Mapping[str, Changed] = field(default_factory=dict)
