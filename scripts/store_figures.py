"""Measure a large store: `python scripts/store_figures.py [--trials N] [--write]`.

Makes 10,000 trials with 1,000,000 records in a temporary folder, then says how long it takes to
open it and to show one study, and what 20 readers cost a writer. Seconds are medians with the
smallest and the largest; "cpu" is what a busy machine does not change. `--write` keeps them in
docs/store.json, for the page of faults.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import resource
import shutil
import signal
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from hikaku.record import Checkpoint
from hikaku.store.store import Store
from hikaku.study.decode import load
from hikaku.study.sources import fingerprints
from load_store import ARMS, Load, fill, make, trial, written

PAGE = Path(__file__).parents[1] / "docs" / "store.json"
READERS = 20
BESIDE = {
    "alone": "alone",
    "another": f"beside {READERS} readers of another store",
    "this": f"beside {READERS} readers",
}
TIMES = 50
TRAINING = 1.0
"""Seconds: the shortest trials that people have."""
WATCHING = """
import sys, time
from hikaku.store.store import Store
with Store.reading(sys.argv[1]) as store:
    print("open", flush=True)
    while True:
        store.studies()
        store.finished(sys.argv[2:])
        time.sleep(1)
"""


def main() -> None:
    """Make the store, measure, print one line a figure, and keep them where that is asked."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--trials", type=int, default=10_000)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--write", action="store_true")
    given = parser.parse_args()
    found: list[Figure] = []
    with tempfile.TemporaryDirectory(prefix="hikaku-load-") as folder:
        for studies in (10, 1):
            place = Path(folder) / f"{studies}"
            size = Load(trials=given.trials, studies=studies)
            files = make(place, size)
            mib = (place / "store.db").stat().st_size / 2**20
            records = size.trials * size.records
            print(f"{size.trials:,} trials, {records:,} records, studies: {studies}, {mib:.0f} MiB")
            found += heard(shown(place, files[0], given.rounds), f"{studies} studies: ")
        found += heard(beside_readers(place, size, given.rounds), "")
    if given.write:
        rows = [asdict(one) for one in found]
        kept = {"machine": machine(), "trials": size.trials, "records": records, "figures": rows}
        PAGE.write_text(json.dumps(kept, indent=1) + "\n", encoding="utf-8")


@dataclass(frozen=True)
class Figure:
    """A figure: its median, the smallest, the largest, and how often it was measured."""

    figure: str
    unit: str
    median: float
    smallest: float
    largest: float
    n: int


def machine() -> str:
    """Return what it ran on."""
    return (
        f"{os.cpu_count()} cores, {platform.system()} {platform.machine()}, Python "
        f"{platform.python_version()}, SQLite {sqlite3.sqlite_version}"
    )


def of(figure: str, unit: str, values: Sequence[float]) -> Figure:
    """Return the figure that these values make."""
    middle, low, high = (round(f(values), 3) for f in (statistics.median, min, max))
    return Figure(figure, unit, middle, low, high, len(values))


def heard(figures: Iterator[Figure], prefix: str) -> Iterator[Figure]:
    """Print each figure as it comes, and hand it on with this in front of its name."""
    for one in figures:
        what = f"  {one.figure}: {one.median:g} [{one.smallest:g}, {one.largest:g}] {one.unit}"
        print(f"{what}, n = {one.n}", flush=True)
        yield replace(one, figure=prefix + one.figure)


def shown(place: Path, file: Path, rounds: int) -> Iterator[Figure]:
    """Yield how long opening takes, and the command that shows one study of the store."""
    where = place / "store.db"
    openings = [timed(lambda: Store.reading(where).close()) for _ in range(rounds)]
    yield of("open to read, wall", "s", openings)
    openings = [timed(lambda: Store.writing(where).close()) for _ in range(rounds)]
    yield of("open to write, wall", "s", openings)
    command = [sys.executable, "-m", "hikaku", "results", str(file), "--store", str(where)]
    walls, cpus = [], []
    for _ in range(rounds):
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        walls.append(timed(lambda: subprocess.run(command, stdout=subprocess.DEVNULL, check=True)))
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        cpus.append(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)
    yield of("`hikaku results`, wall", "s", walls)
    yield of("`hikaku results`, processor", "s", cpus)
    yield of("`hikaku results`, peak memory", "MiB", [after.ru_maxrss / 2**10])


def beside_readers(place: Path, size: Load, rounds: int) -> Iterator[Figure]:
    """Yield what writing costs alone, beside readers of another store, and of this one, in turn.

    The second takes as much of the processors as the third, so only the rest is waiting.
    """
    few = Load(trials=ARMS, records=size.records, studies=1)
    study = load(written(place, 99, few))
    marks = fingerprints(study)
    copy = place / "copy.db"
    shutil.copy(place / "store.db", copy)
    found: dict[str, list[float]] = {"alone": [], "another": [], "this": []}
    with Store.writing(place / "store.db") as store:
        fill(store, study, few)
        planned = {f"{seed:064x}": seed for seed in range(len(found) * rounds * TIMES)}
        mark = next(iter(marks.values()))
        store.plan(study, marks, {(mark, 10**6 + seed): key for key, seed in planned.items()})
        keys, seen = iter(planned.items()), list(planned)[:100]
        with watching(copy, seen) as others, watching(place / "store.db", seen) as readers:
            groups = {"alone": [], "another": others, "this": readers}
            for name in list(groups) * rounds:
                told(groups[name], signal.SIGCONT)
                found[name].append(written_in(store, keys))
                told(groups[name], signal.SIGSTOP)
            dead = [reader for reader in readers if reader.poll() is not None]
        wal = (place / "store.db-wal").stat().st_size / 2**20
    for name, values in found.items():
        taken = [1e3 * one for one in values]
        yield of(f"a checkpoint and a result, {BESIDE[name]}", "ms", taken)
    for name, base in (("this", "alone"), ("this", "another")):
        pairs = zip(found[base], found[name], strict=True)
        more = [100 * (b - a) / (TRAINING + a) for a, b in pairs]
        what = f"trials of {TRAINING:g} s slowed, {BESIDE[name]} against {BESIDE[base]}"
        yield of(what, "%", more)
    yield of("readers that met an error", "", [len(dead)])
    yield of("write-ahead log", "MiB", [wal])


def written_in(store: Store, keys: Iterator[tuple[str, int]]) -> float:
    """Return the mean seconds of a checkpoint and a result, with a pause between."""
    found = []
    for _ in range(TIMES):
        key, seed = next(keys)
        new = trial(key, seed, 100)
        time.sleep(0.05)
        started = time.perf_counter()
        store.checkpoint(Checkpoint(key, 9, "9-a.safetensors", "d" * 64, tuple(new.records)))
        store.add(new)
        found.append(time.perf_counter() - started)
    return statistics.fmean(found)


@contextmanager
def watching(where: Path, keys: Sequence[str]) -> Iterator[list[subprocess.Popen[str]]]:
    """Start the readers, each of which looks once a second, and end them."""
    command = [sys.executable, "-c", WATCHING, str(where), *keys]
    readers = [
        subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=dict(os.environ))
        for _ in range(READERS)
    ]
    try:
        for reader in readers:
            assert reader.stdout is not None
            reader.stdout.readline()
        told(readers, signal.SIGSTOP)
        yield readers
    finally:
        for reader in readers:
            reader.kill()
            reader.communicate()


def told(readers: Sequence[subprocess.Popen[str]], what: signal.Signals) -> None:
    """Send a signal to every reader."""
    for reader in readers:
        reader.send_signal(what)


def timed(work: Callable[[], object]) -> float:
    """Return the seconds that this takes."""
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


if __name__ == "__main__":
    main()
