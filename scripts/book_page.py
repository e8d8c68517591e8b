"""Hold the book's engine against torch and against the book's own loops, and write docs/book.md.

`HIKAKU_DATA=… python scripts/book_page.py` trains the 32 networks of the gallery's batch-norm-scale
twice, by the NumPy library and by the plain engine in float64, and compares all their curves; then
it times the library's parts beside loops in the manner of the book, in turn in one process.
"""

from __future__ import annotations

import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

import hikaku
from hikaku.record import Results
from hikaku.reference import inits, losses, network
from hikaku.reference.optimizers import SGD
from hikaku.reference.patches import im2col
from hikaku.reference.train import Trainer
from hikaku.study.decode import load
from hikaku.study.gallery import resolve

Array = NDArray[np.float64]

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs" / "book.md"
STUDY = "batch-norm-scale"
ROUNDS = 15
SIZES = (784, 100, 100, 100, 100, 100, 10)

HEAD = """\
# The book's engine beside torch

`HIKAKU_DATA=… make book` writes this page.

`hikaku run STUDY --engine book` computes trials by [hikaku's NumPy library](learn/course/README.md)
in float64: forward and backward pass, loss, penalty and optimizer. First weights, batches, noise,
the rates of the schedule and the rule that stops are those of every engine.
"""


@dataclass(frozen=True)
class Gap:
    """How far the curves of two engines lie apart at most, over all arms and evaluations."""

    figure: str
    largest: float
    median: float


def curves(results: Results, metric: str) -> dict[str, Array]:
    """Return the curve of every arm on its training data."""
    return {
        arm: np.array([
            record.value
            for record in measured.records
            if (record.reading, record.split, record.metric) == ("curve", "train", metric)
        ])
        for (arm, _), measured in results.trials.items()
    }  # fmt: skip


def gaps(seeds: int) -> tuple[int, int, list[Gap]]:
    """Return how many networks and evaluations were compared, and how they differ."""
    with tempfile.TemporaryDirectory(prefix="hikaku-book-") as folder:
        path = resolve(STUDY)
        there = load(path, ("recipe.precision=fp64",), seeds)
        here = load(path, (), seeds)
        book = hikaku.run(here, store=f"{folder}/book.db", engine="book").results
        torch = hikaku.run(there, store=f"{folder}/torch.db", engine="plain").results
    found = []
    for metric in ("accuracy", "loss"):
        ours, theirs = curves(book, metric), curves(torch, metric)
        apart = [
            float(np.nanmax(np.abs(ours[arm] - wanted) / np.maximum(1.0, np.abs(wanted))))
            for arm, wanted in theirs.items()
        ]
        found.append(Gap(metric, max(apart), statistics.median(apart)))
    return len(ours), len(next(iter(ours.values()))), found


@dataclass(frozen=True)
class Race:
    """How long a part of the library takes beside a loop in the manner of the book, in ms."""

    what: str
    ours: list[float]
    theirs: list[float]

    @property
    def row(self) -> str:
        """Return it as a row of a table: medians, with the smallest and the largest."""
        ratios = [b / a for a, b in zip(self.ours, self.theirs, strict=True)]
        cells = (_spread(ratios, ""), _spread(self.ours, " ms"), _spread(self.theirs, " ms"))
        return f"| {self.what} | {' | '.join(cells)} | {len(ratios)} |\n"


def race(what: str, ours: Callable[[], object], theirs: Callable[[], object]) -> Race:
    """Time both in turn, after a first round that does not count."""
    found: dict[bool, list[float]] = {True: [], False: []}
    for _ in range(ROUNDS + 1):
        for is_ours, work in ((True, ours), (False, theirs)):
            started = time.perf_counter()
            work()
            found[is_ours].append(1e3 * (time.perf_counter() - started))
    return Race(what, found[True][1:], found[False][1:])


def races() -> list[Race]:
    """Return every race, on one thread."""
    sys.path.append(str(ROOT / "benchmarks" / "rivals"))
    from s1_numpy import Network  # type: ignore[import-not-found]  # found by the line above

    draws = np.random.default_rng(0)
    x, labels = draws.random((1000, 784)), draws.integers(0, 10, 1000)
    images = draws.normal(size=(100, 30, 12, 12))

    def trained(batch_norm: bool) -> Callable[[], object]:
        def init(shape: tuple[int, ...]) -> Array:
            return inits.normal(shape, draws, 0.1)

        net = network.multi_layer(SIZES, init, batch_norm=batch_norm)
        trainer = Trainer(net, SGD(0.01), x, losses.one_hot(labels, 10))
        return lambda: [trainer.step(np.arange(at, at + 100)) for at in range(0, 1000, 100)]

    def rival(batch_norm: bool) -> Callable[[], object]:
        net = Network(0.1, batch_norm)

        def work() -> None:
            for at in range(0, 1000, 100):
                net.learn(x[at : at + 100], labels[at : at + 100], 0.01)

        return work

    with threadpool_limits(1, "blas"):
        return [
            race("10 updates of 784-[100]×5-10", trained(False), rival(False)),
            race("the same with batch norm", trained(True), rival(True)),
            race(
                "`im2col`, 100 × 30 × 12 × 12, 3 × 3, pad 1",
                lambda: im2col(images, 3, 3, 1, 1),
                lambda: looped(images, 3, 3, 1, 1),
            ),
            race(
                "`im2col`, 100 × 30 × 12 × 12, 5 × 5",
                lambda: im2col(images, 5, 5),
                lambda: looped(images, 5, 5, 1, 0),
            ),
        ]


def looped(x: Array, height: int, width: int, stride: int, pad: int) -> Array:
    """Return the matrix of patches, filled by a loop over the places of the filter."""
    n, c, h, w = x.shape
    rows = (h + 2 * pad - height) // stride + 1
    columns = (w + 2 * pad - width) // stride + 1
    padded = np.pad(x, [(0, 0), (0, 0), (pad, pad), (pad, pad)])
    six = np.zeros((n, c, height, width, rows, columns))
    for top in range(height):
        for left in range(width):
            down, right = top + stride * rows, left + stride * columns
            six[:, :, top, left] = padded[:, :, top:down:stride, left:right:stride]
    return six.transpose(0, 4, 5, 1, 2, 3).reshape(n * rows * columns, -1)


def page(arms: int, looks: int, found: list[Gap], times: list[Race]) -> str:
    """Return the text of the page."""
    rows = "".join(f"| {gap.figure} | {gap.largest:.1e} | {gap.median:.1e} |\n" for gap in found)
    table = "".join(one.row for one in times)
    return (
        f"{HEAD}\n## The same curves\n\nThe {arms} networks of `{STUDY}`, seed 0, each read after "
        f"{looks} of its 191 updates: by how much the book's engine differs from the plain torch "
        "engine, both in float64 (of numbers larger than 1, by which share).\n\n"
        f"| figure | largest | median of the networks |\n|---|---|---|\n{rows}\n"
        "## As fast as the loops\n\nThe library beside the same work in the manner of the book, in "
        "turn in one process, on one thread. A ratio above 1 says that the library is faster; "
        "within some hundredths of 1 neither is.\n\n"
        f"| work | ratio | the library | the loops | n |\n|---|---|---|---|---|\n{table}"
    )


def _spread(values: list[float], unit: str) -> str:
    middle = statistics.median(values)
    return f"{middle:.3g}{unit} ({min(values):.3g} to {max(values):.3g})"


if __name__ == "__main__":
    times = races()
    arms, looks, found = gaps(seeds=1)
    PAGE.write_text(page(arms, looks, found, times), encoding="utf-8")
    print(PAGE.read_text("utf-8"))
