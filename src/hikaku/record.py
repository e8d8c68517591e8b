"""What was measured: `Record`s and `Sheet`s of trials, their `Outcome`, and `Results` over them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

import numpy as np
from numpy.typing import NDArray

Reading = Literal["curve", "running", "last", "best"]
Status = Literal["done", "diverged", "failed"]


@dataclass(frozen=True)
class Record:
    """One number: `metric` on `split` after `step` updates.

    `reading` says how it was read. "curve": at an evaluation, in evaluation mode, on the
    validation split or on the fixed sample of train. "running": in training mode, averaged over
    the samples since the evaluation before. "last": at the end, on all of the split. "best": the
    same with the weights of the best validation loss.
    """

    reading: Reading
    step: int
    split: str
    metric: str
    value: float


@dataclass(frozen=True)
class Sheet:
    """One array of a trial: "confusion" (classes, classes; rows are true) or "correct" (n,)."""

    name: str
    array: NDArray[np.generic]


@dataclass(frozen=True)
class Outcome:
    """How one trial ended. Nothing in `cost` is a result: clocks and memory meters stand there.

    `step` and `epoch` are the last ones trained; `steps_per_epoch` turns one into the other.
    `samples` counts the samples of train, validation and test. `cost` holds `seconds`, `peak_mib`
    and `attempts`.
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
    records: tuple[Record, ...] = ()
    sheets: tuple[Sheet, ...] = ()


@dataclass(frozen=True)
class Results:
    """What a study has measured: per arm name and seed, the trial's `Measured` (absent: not yet).

    `seeds` is the study's list, in its order; every array below follows it.
    """

    seeds: tuple[int, ...]
    trials: dict[tuple[str, int], Measured]
    looks: dict[str, tuple[tuple[int, ...], ...]] = field(default_factory=dict)
    extra_seeds: dict[str, int] = field(default_factory=dict)

    def outcome(self, arm: str, seed: int) -> Outcome | None:
        """Return how this trial ended, None where it has not."""
        measured = self.trials.get((arm, seed))
        return measured.outcome if measured else None

    def values(self, arm: str, metric: str, split: str, reading: Reading) -> NDArray[np.float64]:
        """Return one final figure per seed; NaN where a trial is missing or diverged."""
        return np.array([self._value(arm, seed, metric, split, reading) for seed in self.seeds])

    def _value(self, arm: str, seed: int, metric: str, split: str, reading: Reading) -> float:
        measured = self.trials.get((arm, seed))
        if measured is None or measured.outcome.status != "done":
            return float("nan")
        for record in measured.records:
            if (record.reading, record.split, record.metric) == (reading, split, metric):
                return record.value
        return float("nan")

    def curve(
        self, arm: str, seed: int, metric: str, split: str, reading: Reading = "curve"
    ) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
        """Return (steps, values) of one trial's curve, in the order of the steps."""
        measured = self.trials.get((arm, seed))
        rows = [
            (record.step, record.value)
            for record in (measured.records if measured else ())
            if (record.reading, record.split, record.metric) == (reading, split, metric)
        ]
        rows.sort()
        return (
            np.array([step for step, _ in rows], dtype=np.int64),
            np.array([value for _, value in rows], dtype=np.float64),
        )

    def sheet(self, arm: str, seed: int, name: str) -> NDArray[np.generic] | None:
        """Return one array of one trial, None where there is none."""
        measured = self.trials.get((arm, seed))
        found = [sheet.array for sheet in measured.sheets if sheet.name == name] if measured else []
        return found[0] if found else None
