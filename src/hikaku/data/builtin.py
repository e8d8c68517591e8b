"""The named data sets: where each comes from, under which licence, and how its files are read.

The entries are literals, so that the catalogue can list them without running this file.
"""

from __future__ import annotations

import shutil
import tarfile
import tempfile
import zlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path, PurePosixPath

import numpy as np

from hikaku.data.readers.contents import CHUNK, bomb, stamp, unpacked_at_most, unreadable
from hikaku.data.readers.idx import read_pair
from hikaku.data.task import Array, Kind, Progress, Targets, Task
from hikaku.errors import DataError
from hikaku.study.nearest import suggest
from hikaku.study.own_data import CifarBinary
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
    no files. `also` names folders under `HIKAKU_DATA` that hold the set in other files. `read` is
    given the files' paths in the order of `files`. `classes` is 0 for regression; `official_test`
    says whether there is such a set; `scale` is as in `Task`.
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
    also: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def task(self, files: tuple[Path, ...], progress: Progress | None = None) -> Task:
        """Return the data set that these files hold; `progress` hears of samples decoded."""
        if progress:
            progress(self.name, 0, 0)
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


def read_cifar10(files: tuple[Path, ...]) -> Samples:
    """Return CIFAR-10: (60000, 3, 32, 32) uint8 and labels; the last 10,000 are the test set.

    From the archive of its binary version, or from a training and a test file in Parquet. Raises
    DataError where a file is damaged or has another number or size of images.
    """
    # Only who asks for photographs waits for the libraries that decode them.
    from hikaku.data.readers import cifar_binary, parquet_images

    if files[0].suffix == ".parquet":
        task = parquet_images.read_files(files[0], files[1])
    else:
        with unpacked(files[0]) as folder:
            task = cifar_binary.read(folder, "classification", CifarBinary())
    inputs = task.inputs
    assert not isinstance(inputs, Mapping)
    if inputs.shape != (60_000, 3, 32, 32) or task.official_test != 10_000:
        raise DataError.of(
            message(
                "expected 50,000 + 10,000 images of 3 × 32 × 32, found {shape}", shape=inputs.shape
            ),
            where=f"{files[0]}:",
            mend=message("put the original files of CIFAR-10 there"),
        )
    return Samples(inputs, task.targets, task.official_test, task.classes)


@contextmanager
def unpacked(archive: Path) -> Iterator[Path]:
    """Copy the records and texts of a tar archive out of it for a while; yield their folder.

    Its names of folders, its links and its rights are not taken over. Raises DataError where the
    archive is damaged, or holds more than it may.
    """
    left = unpacked_at_most(stamp(archive)[1])
    with tempfile.TemporaryDirectory(prefix="hikaku-") as folder:
        try:
            with tarfile.open(archive) as tar:
                for member in tar:
                    name = PurePosixPath(member.name).name
                    if not member.isfile() or not name.endswith((".bin", ".txt")):
                        continue
                    left -= member.size
                    stream = tar.extractfile(member)
                    if left < 0 or stream is None:
                        raise bomb(archive, stamp(archive)[1])
                    with stream, (Path(folder) / name).open("wb") as copy:
                        shutil.copyfileobj(stream, copy)
                while tar.fileobj and tar.fileobj.read(CHUNK):
                    pass  # the checksum is compared at the end
        except OSError as error:
            raise unreadable(archive, error) from error
        except (tarfile.TarError, EOFError, zlib.error) as error:
            raise DataError.of(
                message("this is no whole tar archive: {error}", error=error),
                where=f"{archive}:",
                mend=message("fetch the file again"),
            ) from error
        try:
            yield Path(folder)
        except DataError as error:  # by then the folder has gone; the archive is what is wrong
            raise DataError(
                *(replace(f, where=f.where.replace(folder, str(archive))) for f in error.faults)
            ) from error


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

CIFAR10 = Builtin(
    name="cifar10",
    summary="50,000 + 10,000 colour photographs, 32 × 32, of ten classes, A. Krizhevsky, 2009",
    source="https://www.cs.toronto.edu/~kriz/",
    licence="none stated; published for research",
    kind="classification",
    classes=10,
    official_test=True,
    scale=255.0,
    files={"cifar-10-binary.tar.gz": "md5:c32a1d4ab5d03f1284b67883e8d87530"},
    also={"cifar10-jpeg": ("train.parquet", "test.parquet")},
    read=read_cifar10,
)

BUILTINS = {entry.name: entry for entry in (DIGITS, MNIST, CIFAR10)}


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
