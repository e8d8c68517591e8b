"""What was measured: records and `Sheet`s of trials, their `Outcome`, and `Results` over them."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from functools import cached_property
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from hikaku.exhibits import Exhibits
from hikaku.records import Column, Reading, Record, Records
from hikaku.study.study import BASE

SEEN = "seen in training "
"""Begins the word, on the sheet "noticed", for how many test samples equal a training sample."""
READS = "reads "
"""Begins the word, on the same sheet, for a file that a model was built from and no key holds."""
IDLE = "idle-epoch"
"""The word, on the same sheet, where the rate is 0 in the whole first epoch."""
OTHER_PIXELS = "other pixels: "
"""Begins the word, on the same sheet, for the files that were read in place of the originals."""
NO_EXHIBITS = Exhibits()
Status = Literal["done", "diverged", "failed"]


@dataclass(frozen=True)
class Sheet:
    """One array of a trial, of numbers or of text.

    "confusion" is (classes, classes), its rows the true ones; "correct" (n,), one truth value per
    test sample; "classes" the classes' names, where they are more than numbers; "split" one word
    each for the samples of train, validation and test, which differs where they differ; "noticed"
    words for what happened that we do not control.
    """

    name: str
    array: NDArray[np.generic]


@dataclass(frozen=True)
class Outcome:
    """How one trial ended. Nothing in `cost` is a result: clocks and memory meters stand there.

    `step` and `epoch` are the last ones trained; `steps_per_epoch` turns one into the other.
    `samples` counts the samples of train, validation and test. `cost` holds `seconds`, `peak_mib`,
    `attempts` and, where they can be counted, the `flops` of all its updates. Of a trial that was
    trained in one program with others, `stack` counts them all, `seconds` is its share of the
    time, and `peak_mib` is what all of them took.
    """

    key: str
    status: Status
    step: int
    epoch: int
    steps_per_epoch: int
    parameters: int
    arithmetic: str
    environment: str
    error: str = ""
    samples: tuple[int, int, int] = (0, 0, 0)
    cost: dict[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class Measured:
    """Everything that one trial left: its outcome, records and sheets."""

    outcome: Outcome
    records: Collection[Record] = ()
    sheets: tuple[Sheet, ...] = ()

    @cached_property
    def figures(self) -> Records:
        """The records by kind."""
        return Records.of(self.records)


@dataclass(frozen=True)
class Checkpoint:
    """Where a trial that is not done can go on: the file of its state, and its records until then.

    It has made `step` updates. `file` is a name in the trial's own folder among the store's files,
    `digest` the SHA-256 of what it must hold.
    """

    key: str
    step: int
    file: str
    digest: str
    records: tuple[Record, ...] = ()


EventKind = Literal["killed", "damaged-checkpoint", "nondeterministic"]


@dataclass(frozen=True)
class Event:
    """What happened to a trial that its results do not show; `text` says more, `at` when (UTC).

    "killed": its worker died. "damaged-checkpoint": it could not go on from a state, as `text`
    says why. "nondeterministic": trained again, it gave other numbers.
    """

    key: str
    kind: EventKind
    text: str
    at: str = field(default="", compare=False)


@dataclass(frozen=True)
class Spent:
    """What a comparison has been bound to since a verdict of it was first shown (DESIGN 4.1).

    `seeds` are the ones it may use, in order. With `auto` it is looked at after each of them, up
    to `horizon` pairs or, where there are more seeds than that, beyond it with what was kept back
    for that; without, once, at all of them. Its error is shared among `family` variants. `worth`
    is NaN, and `family` 0, where a verdict was shown before these were remembered. `differences`
    are the first few, (seed, difference): by them the comparison is known again where nothing but
    the text of the code has changed.
    """

    seeds: tuple[int, ...]
    auto: bool
    horizon: int
    worth: float
    family: int
    shown: str = field(default="", compare=False)
    differences: tuple[tuple[int, float], ...] = field(default=(), compare=False)


@dataclass(frozen=True)
class Earlier:
    """What a comparison of this study was bound to that is none of its comparisons now.

    Its variant was taken out or edited, or the code of an arm has changed since. `pair` tells the
    comparisons apart; `same_base` says whether it was with the base of now.
    """

    spent: Spent
    pair: str
    same_base: bool


@dataclass(frozen=True)
class Results:
    """What a study has measured: per arm name and seed, the trial's `Measured` (absent: not yet).

    `seeds` is the study's list, in its order; every array below follows it. `spent` gives, by
    variant, what its comparison with base is bound to, oldest first, `earlier` the same of
    comparisons that this study once showed a verdict of, by the same figure. `other_figures`
    counts, by variant, the other figures by which it was judged over some of these seeds. `bases`
    names, by variant, the arm that it is compared with or a twin of that, whose trials stand under
    that name; a variant that is not among them is compared with base itself. `twins` says, by the
    name of a twin, which arm it is of. `aside` gives the engine and device of trials that do not
    count: most of their variant's were computed by another, or no comparison with base by that
    one. `exhibits` is what a report shows beside figures, as far as a run has made it.
    """

    seeds: tuple[int, ...]
    trials: dict[tuple[str, int], Measured]
    spent: dict[str, tuple[Spent, ...]] = field(default_factory=dict)
    earlier: tuple[Earlier, ...] = ()
    other_figures: dict[str, int] = field(default_factory=dict)
    bases: dict[str, str] = field(default_factory=dict)
    twins: dict[str, str] = field(default_factory=dict)
    exhibits: Exhibits = NO_EXHIBITS
    aside: dict[tuple[str, int], str] = field(default_factory=dict)

    def base_of(self, variant: str) -> str:
        """Return the name under which the trials stand that a variant is compared with."""
        return self.bases.get(variant, BASE)

    def __repr__(self) -> str:
        """Return it in one line: what was measured is thousands of numbers."""
        arms = dict.fromkeys(arm for arm, _ in self.trials)
        return f"Results({len(self.trials)} trials of {', '.join(arms) or 'no arm'})"

    def outcome(self, arm: str, seed: int) -> Outcome | None:
        """Return how this trial ended, None where it has not."""
        measured = self.trials.get((arm, seed))
        return measured.outcome if measured else None

    def values(self, arm: str, metric: str, split: str, reading: Reading) -> NDArray[np.float64]:
        """Return one final figure per seed, of a curve its last; NaN: missing or diverged."""
        kind = (reading, split, metric)
        every = (self.trials.get((arm, seed)) for seed in self.seeds)
        return np.array(
            [
                one.figures.last(kind) if one and one.outcome.status == "done" else float("nan")
                for one in every
            ]
        )

    def curve(
        self, arm: str, seed: int, metric: str, split: str, reading: Reading = "curve"
    ) -> Column:
        """Return (steps, values) of one trial's curve, in the order of the steps."""
        measured = self.trials.get((arm, seed))
        found = measured.figures if measured else Records.of(())
        return found.column((reading, split, metric))

    def classes(self) -> tuple[str, ...]:
        """Return the classes' names; none where they are plain numbers."""
        for arm, seed in self.trials:
            found = self.sheet(arm, seed, "classes")
            if found is not None:
                return tuple(map(str, found))
        return ()

    def sheet(self, arm: str, seed: int, name: str) -> NDArray[np.generic] | None:
        """Return one array of one trial, None where there is none."""
        measured = self.trials.get((arm, seed))
        for sheet in measured.sheets if measured else ():
            if sheet.name == name:
                return sheet.array
        return None
