"""The named data sets: where each comes from, under which licence, and how its files are read.

The entries are literals, so that the catalogue can list them without running this file.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from hikaku.data.readers.idx import read_pair
from hikaku.data.task import Array, Kind, Targets, Task
from hikaku.errors import DataError
from hikaku.study.nearest import suggest
from hikaku.words import message


@dataclass(frozen=True, eq=False)
class Samples:
    """What a reader reads, as in `Task`; `names` are the classes', where they are no numbers."""

    inputs: Array
    targets: Targets
    official_test: int = 0
    names: tuple[str, ...] = ()


@dataclass(frozen=True)
class Builtin:
    """One named data set.

    `source` is the address under which each of `files` (name to checksum, "md5:…" or "sha256:…")
    is found; a set that comes inside an installed distribution names that as `package` and has
    no files. `read` is given the files' paths in the order of `files`. `classes` is 0 for
    regression; `official_test` says whether there is such a set; `scale` is as in `Task`.
    """

    name: str
    summary: str
    source: str
    licence: str
    kind: Kind
    classes: int
    official_test: bool
    scale: float
    read: Callable[[tuple[Path, ...]], Samples]
    files: Mapping[str, str] = field(default_factory=dict)
    package: str = ""

    def task(self, files: tuple[Path, ...]) -> Task:
        """Return the data set that these files hold."""
        found = self.read(files)
        return Task(
            name=self.name,
            inputs=found.inputs,
            targets=found.targets,
            kind=self.kind,
            classes=found.names or tuple(map(str, range(self.classes))),
            official_test=found.official_test,
            scale=self.scale,
        )


def read_digits(files: tuple[Path, ...]) -> Samples:
    """Return the 1,797 digits inside scikit-learn: (1797, 8, 8) uint8, 0 to 16, and labels."""
    from sklearn.datasets import load_digits

    found = load_digits()
    return Samples(found.images.astype(np.uint8), found.target.astype(np.int64))


def read_mnist(files: tuple[Path, ...]) -> Samples:
    """Return MNIST: (70000, 28, 28) uint8 and labels; the last 10,000 are the official test set.

    Raises DataError where a file is damaged or has another number or size of images.
    """
    parts = []
    for images, labels, n in ((files[0], files[1], 60_000), (files[2], files[3], 10_000)):
        x, y = read_pair(images, labels, 10)
        if x.shape != (n, 28, 28):
            raise DataError.of(
                message("expected {n:,} images of 28 × 28, found {shape}", n=n, shape=x.shape),
                where=f"{images}:",
                mend=message("put the original MNIST files there"),
            )
        parts.append((x, y))
    (train, train_labels), (test, test_labels) = parts
    return Samples(
        inputs=np.concatenate([train, test]),
        targets=np.concatenate([train_labels, test_labels]),
        official_test=len(test),
    )


DIGITS = Builtin(
    name="digits",
    summary="1,797 handwritten digits, 8 × 8 grey, that come inside scikit-learn",
    source="E. Alpaydin and C. Kaynak, Optical Recognition of Handwritten Digits, UCI, 1998",
    licence="CC BY 4.0",
    kind="classification",
    classes=10,
    official_test=False,
    scale=16.0,
    package="scikit-learn",
    read=read_digits,
)

MNIST = Builtin(
    name="mnist",
    summary="60,000 + 10,000 handwritten digits, 28 × 28 grey, LeCun, Cortes and Burges, 1998",
    source="https://ossci-datasets.s3.amazonaws.com/mnist/",
    licence="CC BY-SA 3.0",
    kind="classification",
    classes=10,
    official_test=True,
    scale=255.0,
    files={
        "train-images-idx3-ubyte.gz": "md5:f68b3c2dcbeaaa9fbdd348bbdeb94873",
        "train-labels-idx1-ubyte.gz": "md5:d53e105ee54ea40749a09fcbcd1e9432",
        "t10k-images-idx3-ubyte.gz": "md5:9fb629c4189551a2d022fa330f9573f3",
        "t10k-labels-idx1-ubyte.gz": "md5:ec29112dd5afa0611ce80d1b7f02629c",
    },
    read=read_mnist,
)

BUILTINS = {entry.name: entry for entry in (DIGITS, MNIST)}


def kind(written: object) -> Kind:
    """Return a kind of targets that a study holds as plain text."""
    return "regression" if written == "regression" else "classification"


def find(name: str) -> Builtin:
    """Return the data set of this name; DataError, with the nearest name, where there is none."""
    if name in BUILTINS:
        return BUILTINS[name]
    raise DataError.of(
        suggest(message("there is no data set '{name}'.", name=name[:60]), name, BUILTINS),
        mend=message("one of: {names}", names=", ".join(BUILTINS)),
    )
