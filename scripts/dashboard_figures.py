"""Measure the dashboard: `python scripts/dashboard_figures.py [--trials N] [--rounds N] [--write]`.

With 10,000 trials and 1,000,000 records it says how long pages take, first and again, and how large
they are. Then a study trains while a browser's line of events is open: what share of a core the
dashboard takes of it. `--write` keeps the figures in docs/dashboard.json.
"""

from __future__ import annotations

import argparse
import http.client
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

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
        line = self.line(path)
        found = line.getresponse().read()
        return time.perf_counter() - began, found

    def line(self, path: str) -> http.client.HTTPConnection:
        """Ask for a path, and leave the line open."""
        line = http.client.HTTPConnection(self.host, timeout=300)
        line.request("GET", path, headers={"Cookie": self.cookie})
        return line

    @property
    def processor(self) -> float:
        """Return the processor's seconds that it has taken until now."""
        words = Path(f"/proc/{self.process.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(words[11]) + int(words[12])) / TICK


@contextmanager
def guest(store: Path) -> Iterator[Guest]:
    """Start a dashboard, come in, and end it."""
    command = [sys.executable, "-m", "hikaku", "serve", "--no-browser", "--store", str(store)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        link = process.stdout.readline().split()[-1]
        host, _, path = link.removeprefix("http://").partition("/")
        line = http.client.HTTPConnection(host, timeout=60)
        line.request("GET", f"/{path}")
        cookie = str(line.getresponse().getheader("set-cookie")).partition(";")[0]
        yield Guest(process, host, cookie)
    finally:
        process.terminate()
        process.wait()


def pages(store: Path, rounds: int) -> Iterator[Figure]:
    """Yield how long pages take: the first ones of a fresh dashboard, and those after them."""
    first: dict[str, list[float]] = {"list": [], "study": [], "whole": []}
    again: list[float] = []
    largest = 0
    for _ in range(rounds):
        with guest(store) as one:
            first["list"].append(one.ask("/")[0])
            began = time.perf_counter()
            seconds, text = one.ask("/study/1")
            first["study"].append(seconds)
            while b'class="mean variant' not in text:
                time.sleep(0.05)
                _, text = one.ask("/study/1")
            first["whole"].append(time.perf_counter() - began)
            for path in ("/study/1?metric=loss", "/study/1?metric=accuracy", "/", "/compare?s=1"):
                seconds, text = one.ask(path)
                again.append(seconds)
                largest = max(largest, len(text))
    yield of("the list of studies, first", "s", first["list"])
    yield of("a study, first answer", "s", first["study"])
    yield of("a study, with its verdicts and curves", "s", first["whole"])
    yield of("pages after that", "s", again)
    yield of("the largest page", "KiB", [largest / 1024])


def watched(folder: Path, rounds: int) -> Iterator[Figure]:
    """Yield what share of a core is taken from a study that trains while somebody looks on."""
    shares = []
    (folder / "watched.toml").write_text(WATCHED)
    for n in range(rounds):
        store = folder / f"watched-{n}.db"
        with guest(store) as one:
            words = ["run", str(folder / "watched.toml"), "--store", str(store), "--quiet"]
            run = subprocess.Popen(
                [sys.executable, "-m", "hikaku", *words], stdout=subprocess.DEVNULL
            )
            while not store.exists():
                time.sleep(0.2)
            lines = [one.line("/events/"), one.line("/events/study/1")]
            before, began = one.processor, time.perf_counter()
            run.wait()
            shares.append(100 * (one.processor - before) / (time.perf_counter() - began))
            for line in lines:
                line.close()
    yield of("share of a core taken while a study trains and two pages are open", "%", shares)


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
