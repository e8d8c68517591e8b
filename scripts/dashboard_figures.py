"""Measure the dashboard: `python scripts/dashboard_figures.py [--trials N] [--rounds N] [--write]`.

A study trains with and without two pages of it open: what share of a core the dashboard takes, and
how much longer the training is. Then, with 10,000 trials and 1,000,000 records, it says how long
pages take, first, while the study is read, and again, and how large they are.
`--write` keeps the figures in docs/dashboard.json.
"""

from __future__ import annotations

import argparse
import http.client
import json
import os
import resource
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager, nullcontext, suppress
from dataclasses import asdict, dataclass
from pathlib import Path

from hikaku.store.store import Store
from load_store import Load, make
from store_figures import Figure, machine, of

PAGE = Path(__file__).parents[1] / "docs" / "dashboard.json"
TICK = os.sysconf("SC_CLK_TCK")
WATCHED = """format = 1
question = "Is it slowed?"
metric = "accuracy"
worth = 0.01
model = "small-cnn"
seeds = 3
[data]
use = "digits"
[recipe]
optimizer = "adam"
epochs = 60
[[variant]]
name = "dropout"
layers = [{ use = "dropout", p = 0.5 }]
"""


@dataclass
class Guest:
    """A dashboard that runs, and whoever has come in."""

    process: subprocess.Popen[str]
    host: str
    cookie: str

    def ask(self, path: str) -> tuple[float, bytes]:
        """Return how many seconds an answer took, and the answer."""
        began = time.perf_counter()
        with closing(self.line(path)) as line:
            found = line.getresponse().read()
        return time.perf_counter() - began, found

    def line(self, path: str) -> http.client.HTTPConnection:
        """Ask for a path, and leave the line open."""
        line = http.client.HTTPConnection(self.host, timeout=300)
        line.request("GET", path, headers={"Cookie": self.cookie})
        return line

    def watch(self, path: str) -> threading.Thread:
        """Open a page's line of events as soon as there is one, and hear what it says."""
        answer = self.line(path).getresponse()
        while answer.status != 200:
            time.sleep(0.2)
            answer = self.line(path).getresponse()

        def heard() -> None:
            # The guest is ended in the middle of what it says.
            with suppress(http.client.HTTPException, OSError):
                answer.read()

        hearing = threading.Thread(target=heard, daemon=True)
        hearing.start()
        return hearing

    @property
    def processor(self) -> float:
        """Return the processor's seconds that it has taken until now."""
        words = Path(f"/proc/{self.process.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(words[11]) + int(words[12])) / TICK


@contextmanager
def serving(store: Path) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """Start a dashboard, yield it and the link that lets one in, and end it."""
    command = [sys.executable, "-m", "hikaku", "serve", "--no-browser", "--store", str(store)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            yield process, process.stdout.readline().split()[-1]
        finally:
            process.terminate()


@contextmanager
def guest(store: Path) -> Iterator[Guest]:
    """Start a dashboard, come in, and end it."""
    with serving(store) as (process, link):
        host, _, path = link.removeprefix("http://").partition("/")
        with closing(http.client.HTTPConnection(host, timeout=60)) as line:
            line.request("GET", f"/{path}")
            cookie = str(line.getresponse().getheader("set-cookie")).partition(";")[0]
        yield Guest(process, host, cookie)


def pages(store: Path, rounds: int) -> Iterator[Figure]:
    """Yield how long pages take: the first ones of a fresh dashboard, and those after them."""
    first: dict[str, list[float]] = {"list": [], "study": [], "whole": []}
    meanwhile: list[float] = []
    again: list[float] = []
    largest = 0
    for _ in range(rounds):
        with guest(store) as one:
            first["list"].append(one.ask("/")[0])
            began = time.perf_counter()
            seconds, text = one.ask("/study/1")
            first["study"].append(seconds)
            while b'class="mean variant' not in text:
                for path in ("/", "/compare?s=1", "/study/1"):
                    seconds, text = one.ask(path)
                    meanwhile.append(seconds)
                    time.sleep(0.05)
            first["whole"].append(time.perf_counter() - began)
            for path in ("/study/1?metric=loss", "/study/1?metric=accuracy", "/", "/compare?s=1"):
                seconds, text = one.ask(path)
                again.append(seconds)
                largest = max(largest, len(text))
    yield of("the list of studies, first", "s", first["list"])
    yield of("a study, first answer", "s", first["study"])
    yield of("a study, with its verdicts and curves", "s", first["whole"])
    if meanwhile:
        yield of("pages while it is read", "s", meanwhile)
    yield of("pages after that", "s", again)
    yield of("the largest page", "KiB", [largest / 1024])


@dataclass(frozen=True)
class Took:
    """What a run took: its trials' seconds, the processor's, and a guest's share of a core."""

    training: float
    processor: float
    share: float


def watched(folder: Path, rounds: int) -> Iterator[Figure]:
    """Yield what is taken from a study that trains while somebody looks on two pages of it.

    In each round it is trained with and without, and every other round the other way round.
    """
    (folder / "watched.toml").write_text(WATCHED)
    pairs = []
    for n in range(rounds):
        took = {}
        for is_watched in (n % 2 == 0, n % 2 == 1):
            store = folder / f"{'watched' if is_watched else 'alone'}-{n}.db"
            with guest(store) if is_watched else nullcontext() as one:
                took[is_watched] = trained(folder, store, one)
        pairs.append((took[True], took[False]))
    yield of(
        "share of a core taken while a study trains and two pages are open",
        "%",
        [100 * with_it.share for with_it, _ in pairs],
    )
    yield of(
        "its trials' seconds, beside those without a page",
        "×",
        [with_it.training / without.training for with_it, without in pairs],
    )
    yield of(
        "the processor's seconds of its run, beside those without a page",
        "×",
        [with_it.processor / without.processor for with_it, without in pairs],
    )


def trained(folder: Path, store: Path, looking: Guest | None) -> Took:
    """Train the study, while a guest's two pages are open where there is one."""
    words = ["run", str(folder / "watched.toml"), "--store", str(store), "--quiet"]
    before = of_children()
    run = subprocess.Popen([sys.executable, "-m", "hikaku", *words], stdout=subprocess.DEVNULL)
    share = 0.0
    if looking:
        pages = [looking.watch(path) for path in ("/events/", "/events/study/1")]
        spent, began = looking.processor, time.perf_counter()
        run.wait()
        share = (looking.processor - spent) / (time.perf_counter() - began)
        assert all(page.is_alive() for page in pages), "a page was dropped"
    assert run.wait() == 0
    with Store.reading(store) as kept:
        found = kept.remembered(1, ())
    assert found
    seconds = sum(one.outcome.cost["seconds"] for one in found[1].trials.values())
    return Took(seconds, of_children() - before, share)


def of_children() -> float:
    """Return the processor's seconds of every process that was begun here and has ended."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def main() -> None:
    """Measure, print a line a figure, and keep them where that is asked."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--trials", type=int, default=10_000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--write", action="store_true")
    given = parser.parse_args()
    found: list[Figure] = []
    with tempfile.TemporaryDirectory(prefix="hikaku-dashboard-") as folder:
        for figure in watched(Path(folder), given.rounds):
            found.append(told(figure))
        size = Load(trials=given.trials, studies=1)
        make(Path(folder), size)
        for figure in pages(Path(folder) / "store.db", given.rounds):
            found.append(told(figure))
    if given.write:
        kept = {"machine": machine(), "trials": size.trials, "records": size.trials * size.records}
        rows = [asdict(one) for one in found]
        PAGE.write_text(json.dumps({**kept, "figures": rows}, indent=1) + "\n", encoding="utf-8")


def told(figure: Figure) -> Figure:
    """Print a figure, and hand it on."""
    print(f"{figure.figure}: {figure.median:g} [{figure.smallest:g}, {figure.largest:g}] "
          f"{figure.unit}, n = {figure.n}", flush=True)  # fmt: skip
    return figure


if __name__ == "__main__":
    main()
