"""How the files of each named data set become arrays: one function a set, named in `builtin`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hikaku.data.readers.archive import unpacked
from hikaku.data.readers.idx import read_pair
from hikaku.data.task import Array, Column, Targets
from hikaku.errors import DataError
from hikaku.study.own_data import CifarBinary
from hikaku.words import message

Images = tuple[NDArray[np.uint8], NDArray[np.int64]]
ORIGINAL = message("put the original files there")


@dataclass(frozen=True, eq=False)
class Samples:
    """What a reader reads, as in `Task`; `names` are the classes', where the files hold them."""

    inputs: Array
    targets: Targets
    official_test: int = 0
    names: tuple[str, ...] = ()
    columns: tuple[Column, ...] = ()


def read_digits(files: tuple[Path, ...]) -> Samples:
    """Return the 1,797 digits inside scikit-learn: (1797, 8, 8) uint8, 0 to 16, and labels."""
    from sklearn.datasets import load_digits

    found = load_digits()
    return Samples(found.images.astype(np.uint8), found.target.astype(np.int64))


def read_mnist(files: tuple[Path, ...]) -> Samples:
    """Return MNIST or one of its kind: (70000, 28, 28) uint8 and labels; the last 10,000 are test.

    Raises DataError where a file is damaged or has another number or size of images.
    """
    train, test = read_pair(files[0], files[1], 10), read_pair(files[2], files[3], 10)
    _expect(train[0], 60_000, (28, 28), files[0])
    _expect(test[0], 10_000, (28, 28), files[2])
    return _joined(train, test)


def read_svhn(files: tuple[Path, ...]) -> Samples:
    """Return SVHN's cropped digits: (99289, 3, 32, 32) uint8 and labels; the last 26,032 are test.

    Raises DataError where a file is damaged or has another number of images.
    """
    from hikaku.data.readers import mat_digits

    train, test = mat_digits.read(files[0]), mat_digits.read(files[1])
    _expect(train[0], 73_257, (3, 32, 32), files[0])
    _expect(test[0], 26_032, (3, 32, 32), files[1])
    return _joined(train, test)


def read_cifar10(files: tuple[Path, ...]) -> Samples:
    """Return CIFAR-10: (60000, 3, 32, 32) uint8 and labels; the last 10,000 are the test set.

    From the archive of its binary version, or from a training and a test file in Parquet. Raises
    DataError where a file is damaged or has another number or size of images, or of classes.
    """
    return _read_cifar(files, 10)


def read_cifar100(files: tuple[Path, ...]) -> Samples:
    """Return CIFAR-100, its fine labels; shapes, files and errors are as for CIFAR-10."""
    return _read_cifar(files, 100)


def read_breast_cancer(files: tuple[Path, ...]) -> Samples:
    """Return the tumours inside scikit-learn: (569, 30) float32; 0 malignant, 1 benign."""
    from sklearn.datasets import load_breast_cancer

    return _table(load_breast_cancer())


def read_wine(files: tuple[Path, ...]) -> Samples:
    """Return the wines inside scikit-learn: (178, 13) float32, and their cultivars."""
    from sklearn.datasets import load_wine

    return _table(load_wine())


def read_diabetes(files: tuple[Path, ...]) -> Samples:
    """Return the patients inside scikit-learn: (442, 10) float32 in their own units, and values."""
    from sklearn.datasets import load_diabetes

    # Scaled, as they are by default, they would carry statistics of the test samples.
    return _table(load_diabetes(scaled=False))


HOUSING = ("MedInc", "HouseAge", "AveRooms", "AveBedrms", "Population", "AveOccup")
"""The columns in front of latitude and longitude, as scikit-learn calls them."""


def read_california_housing(files: tuple[Path, ...]) -> Samples:
    """Return the blocks of houses: (20640, 8) float32, and values in 100,000 dollars.

    Rooms, bedrooms and people are means per household, as scikit-learn has them. Raises DataError
    where the archive is damaged or holds another table.
    """
    with unpacked(files[0]) as folder:
        rows = _numbers(folder / "cal_housing.data", (20_640, 9))
    longitude, latitude, age, rooms, bedrooms, people, households, income, value = rows.T
    means = (rooms / households, bedrooms / households)
    columns = (income, age, *means, people, people / households, latitude, longitude)
    return Samples(
        np.stack(columns, axis=1).astype(np.float32),
        (value / 100_000).astype(np.float32),
        columns=tuple(map(Column, (*HOUSING, "Latitude", "Longitude"))),
    )


def _read_cifar(files: tuple[Path, ...], classes: int) -> Samples:
    # Only who asks for photographs waits for the libraries that decode them.
    from hikaku.data.readers import cifar_binary, parquet_images

    if files[0].suffix == ".parquet":
        task = parquet_images.read_files(files[0], files[1])
    else:
        with unpacked(files[0]) as folder:
            task = cifar_binary.read(folder, "classification", CifarBinary())
    if len(task.classes) != classes:
        raise DataError.of(
            message("expected {n:,} classes, found {found:,}", n=classes, found=len(task.classes)),
            where=f"{files[0]}:",
            mend=ORIGINAL,
        )
    inputs = task.inputs
    assert not isinstance(inputs, Mapping)
    if inputs.shape != (60_000, 3, 32, 32) or task.official_test != 10_000:
        raise DataError.of(
            message(
                "expected 50,000 + 10,000 images of 3 × 32 × 32, found {shape}", shape=inputs.shape
            ),
            where=f"{files[0]}:",
            mend=ORIGINAL,
        )
    return Samples(inputs, task.targets, task.official_test, task.classes)


def _joined(train: Images, test: Images) -> Samples:
    return Samples(
        inputs=np.concatenate([train[0], test[0]]),
        targets=np.concatenate([train[1], test[1]]),
        official_test=len(test[1]),
    )


def _expect(images: NDArray[np.uint8], n: int, size: tuple[int, ...], path: Path) -> None:
    if images.shape != (n, *size):
        what = message(
            "expected {n:,} images of {size}, found {shape}",
            n=n,
            size=" × ".join(map(str, size)),
            shape=images.shape,
        )
        raise DataError.of(what, where=f"{path}:", mend=ORIGINAL)


def _table(found: Any) -> Samples:
    """Return a table of numbers as scikit-learn's loaders give it; no names: values to predict."""
    names = tuple(map(str, found.get("target_names", ())))
    return Samples(
        found.data.astype(np.float32),
        found.target.astype(np.int64 if names else np.float32),
        names=names,
        columns=tuple(Column(str(name)) for name in found.feature_names),
    )


def _numbers(path: Path, shape: tuple[int, int]) -> NDArray[np.float64]:
    """Return the numbers of a file without a header, separated by commas."""
    try:
        found = np.loadtxt(path, delimiter=",", ndmin=2)
    except (OSError, ValueError) as error:
        raise DataError.of(
            message("this is no table of numbers: {error}", error=error),
            where=f"{path}:",
            mend=ORIGINAL,
        ) from error
    if found.shape != shape:
        raise DataError.of(
            message(
                "expected a table of {expected}, found {shape}", expected=shape, shape=found.shape
            ),
            where=f"{path}:",
            mend=ORIGINAL,
        )
    return found
