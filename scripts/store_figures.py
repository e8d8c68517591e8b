"""Measure a large store: `python scripts/store_figures.py [--trials N] [--rounds N]`.

Makes 10,000 trials with 1,000,000 records in a temporary folder, then says how long it takes to
open it and to show one study, and what 20 readers cost a writer. Seconds are medians with the
smallest and the largest; "cpu" is what a busy machine does not change.
"""

from __future__ import annotations

import argparse
import os
import resource
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from hikaku.record import Checkpoint
from hikaku.store.store import Store
from hikaku.study.decode import load
from hikaku.study.sources import fingerprints
from load_store import ARMS, Load, fill, make, trial, written

READERS = 20
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
    """Make the store, measure, and print one line a figure."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--trials", type=int, default=10_000)
    parser.add_argument("--rounds", type=int, default=7)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="hikaku-load-") as folder:
        for studies in (10, 1):
            place = Path(folder) / f"{studies}"
            size = Load(trials=given.trials, studies=studies)
            files = make(place, size)
            records, mib = size.trials * size.records, (place / "store.db").stat().st_size / 2**20
            print(f"{size.trials:,} trials, {records:,} records, studies: {studies}, {mib:.0f} MiB")
            shown(place, files[0], given.rounds)
        beside_readers(place, size, given.rounds)


def shown(place: Path, file: Path, rounds: int) -> None:
    """Print how long opening takes, and the command that shows one study of the store."""
    where = place / "store.db"
    openings = [timed(lambda: Store.reading(where).close()) for _ in range(rounds)]
    said("open to read, wall s", openings)
    openings = [timed(lambda: Store.writing(where).close()) for _ in range(rounds)]
    said("open to write, wall s", openings)
    command = [sys.executable, "-m", "hikaku", "results", str(file), "--store", str(where)]
    walls, cpus = [], []
    for _ in range(rounds):
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        walls.append(timed(lambda: subprocess.run(command, stdout=subprocess.DEVNULL, check=True)))
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        cpus.append(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)
    said("hikaku results, wall s", walls)
    said("hikaku results, cpu s", cpus)
    print(f"  hikaku results, peak MiB: {after.ru_maxrss / 2**10:.0f}")


def beside_readers(place: Path, size: Load, rounds: int) -> None:
    """Print what writing costs alone, beside readers of another store, and of this one, in turn.

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
        said(f"a checkpoint and a result, beside {name}, ms", [1e3 * one for one in values])
    for name, base in (("this", "alone"), ("this", "another")):
        pairs = zip(found[base], found[name], strict=True)
        more = [100 * (b - a) / (TRAINING + a) for a, b in pairs]
        said(f"trials of {TRAINING:g} s slowed by, {name} to {base}, %", more)
    print(f"  readers that met an error: {len(dead)}; WAL {wal:.1f} MiB")


def written_in(store: Store, keys: Iterator[tuple[str, int]]) -> float:
    """Return the mean seconds of a checkpoint and a result, with a pause between."""
    found = []
    for _ in range(TIMES):
        key, seed = next(keys)
        new = trial(key, seed, 100)
        time.sleep(0.05)
        started = time.perf_counter()
        store.checkpoint(Checkpoint(key, 9, "9-a.safetensors", "d" * 64, new.records))
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


def said(what: str, values: Sequence[float]) -> None:
    """Print a figure: its median, the smallest, the largest, and how often it was measured."""
    middle, low, high = statistics.median(values), min(values), max(values)
    print(f"  {what}: {middle:.3f} [{low:.3f}, {high:.3f}], n = {len(values)}", flush=True)


if __name__ == "__main__":
    main()
