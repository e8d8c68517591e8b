"""The planner's choice, commands that should answer at once, and growth."""

from __future__ import annotations

import math
import re
import subprocess
import sys
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from statistics import median

from contest.called import command, hikaku
from contest.ours import CORES, S1, S2, Contestant, fresh
from contest.studies import base_of, scales_of, written

TOO_LONG = 2


def planner(folder: Path) -> dict[str, Contestant]:
    """Return the plans that can be asked for, and the one that is made where nothing is."""
    few = ["data.train=8192", "data.validation=512", "data.test=512", "recipe.epochs=1"]
    smaller = [word for change in few for word in ("--set", change)]
    studies = {
        "S1": (S1, ("--seeds", "1")),
        "S2": (base_of(S2, folder), ("--seeds", str(2 * CORES), *smaller)),
    }
    # The first of a round is always the same, and pays for what nobody has loaded or compiled yet.
    plans = {**other_plans(), "the planner's": ()}
    best: dict[str, float] = {}
    same: dict[object, set[str]] = {}
    return {
        f"{name}: {plan}": Planned(folder, name, plan, (study, *words, *options), best, same)
        for name, (study, words) in studies.items()
        for plan, options in plans.items()
    }


@dataclass
class Planned:
    """A plan of a study: the seconds from the plan to the end of the last trial.

    One that has taken `TOO_LONG` times as long as the `best` of its study is not tried again: it
    is not the best plan, and the rounds are better spent on those that may be.

    The planner's plan is often one that can be asked for: `same` knows the names of each, and what
    a run took counts for all of its plan's names. Else one plan would be compared with itself, and
    the row would show how noisy the machine is.
    """

    folder: Path
    study: str
    plan: str
    words: tuple[str, ...]
    best: dict[str, float]
    same: dict[object, set[str]]
    last: float = 0.0

    def __call__(self) -> dict[str, float]:
        """Return them by all names of the plan; nothing where it is out."""
        if self.last > TOO_LONG * self.best.get(self.study, math.inf):
            return {}
        with fresh(self.folder) as place:
            ran = hikaku(self.words[0], place, *self.words[1:])
        self.last = ran.training
        self.best[self.study] = min(self.last, self.best.get(self.study, math.inf))
        names = self.same.setdefault((self.study, ran.arithmetic, ran.workers), set())
        names.add(f"{self.study}: {self.plan}")
        return dict.fromkeys(sorted(names), self.last)


def other_plans() -> dict[str, tuple[str, ...]]:
    """Return the options of every plan: engines by numbers of workers, and widths of a stack."""
    text = subprocess.run(
        [sys.executable, "-m", "hikaku", "run", "--help"],
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    named = re.search(r"--engine\s+\[([\w|]+)\]", text)
    engines = [one for one in named[1].split("|") if one not in ("auto", "book")] if named else []
    workers = [("--workers", str(count)) for count in sorted({1, CORES})]
    plans: dict[str, tuple[str, ...]] = {}
    for engine in engines or [""]:
        for option in workers:
            words = (*(("--engine", engine) if engine else ()), *option)
            plans[f"{engine or 'plain'}, {option[1]} worker(s)"] = words
    if "--width" in text:
        for engine in [one for one in engines if one != "plain"]:
            for width in ("4", "8", "16", "32"):
                plans[f"{engine}, width {width}"] = ("--engine", engine, "--width", width)
    return plans


def start(folder: Path) -> dict[str, Contestant]:
    """Return the commands that should answer at once, on a study that is finished."""
    place = folder / "finished"
    place.mkdir()
    words = (S1, "--seeds", "1", "--store", str(place / "store.db"))
    command(place, "run", *words)
    timed = {
        "second run": ("run", *words),
        "second run, --json": ("run", *words, "--json"),
        "hikaku results": ("results", *words),
        "hikaku --help": ("--help",),
    }
    return {
        name: partial(median_of_three, name, place, *options) for name, options in timed.items()
    }


def median_of_three(name: str, place: Path, *words: str) -> dict[str, float]:
    """Return the wall seconds of a command, its files in the page cache."""
    return {name: median(command(place, *words) for _ in range(3))}


def growth(folder: Path) -> dict[str, Contestant]:
    """Return studies of 8 arms of S1 with more and more seeds."""
    study = written(scales_of(S1, 4), "growth", folder)
    return {
        f"{8 * seeds} trials": partial(grown, folder, study, seeds) for seeds in (1, 4, 16, 40, 125)
    }


def grown(folder: Path, study: str, seeds: int) -> dict[str, float]:
    """Return seconds per trial, of training and of the whole process, memory, and the store."""
    with fresh(folder) as place:
        ran = hikaku(study, place, "--seeds", str(seeds))
        mib = sum(path.stat().st_size for path in place.rglob("*") if path.is_file()) / 2**20
    label = f"{8 * seeds} trials"
    return {
        f"{label}: ms a trial": 1000 * ran.training / ran.trials,
        f"{label}: ms a trial, whole process": 1000 * ran.wall / ran.trials,
        f"{label}: memory, MiB": ran.mib,
        f"{label}: store, MiB": mib,
    }
