"""Make a large store that nobody trained: `python scripts/load_store.py FOLDER`.

By default 10 studies of 10 arms, 10,000 trials and 1,000,000 records, beside the study files that
read them. Same arguments, same numbers.
"""

from __future__ import annotations

import argparse
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

import numpy as np

from hikaku.record import Measured, Outcome, Sheet
from hikaku.records import Record
from hikaku.store import writer
from hikaku.store.store import Store
from hikaku.study.decode import load
from hikaku.study.sources import fingerprints
from hikaku.study.study import Study

ARMS = 10
ENDS = (("last", "test"), ("last", "validation"), ("last", "train"))
CURVES = (("curve", "validation"), ("running", "train"))
METRICS = ("accuracy", "loss")


@dataclass(frozen=True)
class Load:
    """How much a store holds: of each study as many trials, of each trial as many records."""

    trials: int = 10_000
    records: int = 100
    studies: int = 10

    @property
    def seeds(self) -> int:
        """How many seeds each of a study's arms has."""
        return self.trials // (self.studies * ARMS)


def make(folder: Path, size: Load) -> tuple[Path, ...]:
    """Write `store.db` and the study files into the folder; return the paths of the latter."""
    folder.mkdir(parents=True, exist_ok=True)
    files = tuple(written(folder, number, size) for number in range(size.studies))
    with Store.writing(folder / "store.db") as store:
        for file in files:
            fill(store, load(file), size)
    return files


def written(folder: Path, number: int, size: Load) -> Path:
    """Write a study of one base and nine strengths of dropout; return its path."""
    variants = "".join(
        f'[[variant]]\nname = "dropout-{n}"\nlayers = [{{ use = "dropout", p = 0.{n} }}]\n'
        for n in range(1, ARMS)
    )
    file = folder / f"load-{number:02}.toml"
    file.write_text(
        f'format = 1\nquestion = "Which?"\nmetric = "accuracy"\nworth = 0.01\nmodel = "mlp"\n'
        f'seeds = {size.seeds}\n[data]\nuse = "digits"\n'
        f'[recipe]\noptimizer = "adam"\nepochs = {number + 5}\n{variants}'
    )
    return file


def fill(store: Store, study: Study, size: Load) -> None:
    """Plan the study and add every trial of it, all in one transaction: that is what is quick."""
    marks = fingerprints(study)
    keys = {
        (mark, seed): sha256(f"{mark} {seed}".encode()).hexdigest()
        for mark in marks.values()
        for seed in study.seeds
    }
    store.plan(study, marks, keys)
    with store._change() as connection:
        for (_, seed), key in keys.items():
            writer.add(connection, trial(key, seed, size.records))


def trial(key: str, seed: int, records: int) -> Measured:
    """Return what a trial might have left: the ends of its curves, curves, and a few arrays."""
    draws = np.random.default_rng(int(key[:12], 16))
    places = [(reading, split, metric, 40) for reading, split in ENDS for metric in METRICS]
    kinds = [(reading, split, metric) for reading, split in CURVES for metric in METRICS]
    more = range(max(0, records - len(places)))
    places = [(*kinds[n % len(kinds)], 1 + n // len(kinds)) for n in more] + places
    values = draws.normal(0.9, 0.02, len(places))
    outcome = Outcome(
        key, "done", step=1000, epoch=25, steps_per_epoch=40, parameters=9_000,
        arithmetic="plain cpu float32", environment="made up", samples=(1078, 359, 360),
        cost={"seconds": 1.0, "peak_mib": 300.0, "attempts": 1.0},
    )  # fmt: skip
    rows = tuple(
        Record(reading, step * 40, split, metric, float(value))  # type: ignore[arg-type]  # made up
        for (reading, split, metric, step), value in zip(places, values, strict=True)
    )
    sheets = (
        Sheet("confusion", draws.integers(0, 40, (10, 10))),
        Sheet("correct", draws.random(360) < 0.9),
        Sheet("split", np.array([f"{word} of {seed}" for word in ("train", "validation", "test")])),
    )
    return Measured(outcome, rows, sheets)


def main() -> None:
    """Make the store that the arguments describe."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    for name, default in vars(Load()).items():
        parser.add_argument(f"--{name}", type=int, default=default)
    given = parser.parse_args()
    size = Load(given.trials, given.records, given.studies)
    for file in make(given.folder, size):
        print(file)


if __name__ == "__main__":
    main()
