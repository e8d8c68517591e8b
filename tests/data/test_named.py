"""The named sets: the bundled ones have their published contents, the others their true format."""

from __future__ import annotations

import tarfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from scipy.io import savemat
from sklearn import datasets

from hikaku.data import named
from hikaku.data.builtin import BUILTINS, Builtin
from hikaku.data.cache import load
from hikaku.data.named import read_california_housing, read_cifar10, read_cifar100, read_svhn
from hikaku.data.readers import mat_digits
from hikaku.errors import DataError


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HIKAKU_CACHE", str(tmp_path / "cache"))
    monkeypatch.delenv("HIKAKU_DATA", raising=False)


@pytest.mark.usefixtures("cache")
@pytest.mark.parametrize(
    ("name", "shape", "counts"),
    [
        ("digits", (1797, 8, 8), [178, 182, 177, 183, 181, 182, 181, 179, 174, 180]),
        ("breast-cancer", (569, 30), [212, 357]),
        ("wine", (178, 13), [59, 71, 48]),
    ],
)
def test_a_bundled_set_has_its_published_size_and_counts(
    name: str, shape: tuple[int, ...], counts: list[int]
) -> None:
    task = load(name)
    assert task.inputs.shape == shape
    assert np.bincount(task.targets).tolist() == counts
    assert len(task.classes) == len(counts) == BUILTINS[name].classes
    assert len(task.columns) == (0 if name == "digits" else shape[1])


@pytest.mark.usefixtures("cache")
def test_the_classes_of_the_tumours_are_in_the_published_order() -> None:
    assert load("breast-cancer").classes == ("malignant", "benign")


@pytest.mark.usefixtures("cache")
def test_diabetes_comes_in_its_own_units_and_not_scaled_by_all_its_samples() -> None:
    task = load("diabetes")
    assert (task.kind, task.classes, task.standardize) == ("regression", (), True)
    assert task.inputs.shape == (442, 10)
    assert task.inputs[0, :3].tolist() == pytest.approx([59, 2, 32.1])
    assert (task.targets.min(), task.targets.max()) == (25, 346)
    assert task.targets.mean() == pytest.approx(152.133, abs=1e-3)
    scaled = datasets.load_diabetes().data
    own = (task.inputs - task.inputs.mean(0)) / task.inputs.std(0) / np.sqrt(442)
    assert own == pytest.approx(scaled, abs=1e-6)


def house_numbers(path: Path, packed: bool = True, n: int = 12, **other: object) -> np.ndarray:
    """Write digits 1 to 10 as SVHN's files hold them; return the images as a network sees them."""
    images = np.random.default_rng(0).integers(0, 256, (n, 3, 32, 32), np.uint8)
    digits = (np.arange(n) % 10 + 1).astype(np.uint8)[:, None]
    savemat(path, {"X": images.transpose(2, 3, 1, 0), "y": digits} | other, do_compression=packed)
    return images


@pytest.mark.parametrize("packed", [True, False])
def test_the_digits_of_house_numbers_are_read_and_10_is_0(tmp_path: Path, packed: bool) -> None:
    images = house_numbers(tmp_path / "train_32x32.mat", packed)
    read, digits = mat_digits.read(tmp_path / "train_32x32.mat")
    assert np.array_equal(read, images)
    assert read.dtype == np.uint8
    assert digits.tolist() == [1, 2, 3, 4, 5, 6, 7, 8, 9, 0, 1, 2]


@pytest.mark.parametrize(
    "other",
    [
        {"y": np.zeros((12, 1), np.uint8)},
        {"y": np.ones((11, 1), np.uint8)},
        {"X": np.zeros((32, 32, 3, 12))},
        {"X": np.zeros((28, 28, 12), np.uint8)},
    ],
    ids=["digit 0", "a digit too few", "floats", "other images"],
)
def test_a_file_of_other_arrays_is_no_set_of_house_numbers(
    tmp_path: Path, other: dict[str, object]
) -> None:
    house_numbers(tmp_path / "x.mat", **other)
    with pytest.raises(DataError, match=r"x\.mat: no file of SVHN"):
        mat_digits.read(tmp_path / "x.mat")


@pytest.mark.parametrize("kept", [0, 60, 200, 5000])
def test_a_cut_file_of_house_numbers_is_refused_by_its_name(tmp_path: Path, kept: int) -> None:
    path = tmp_path / "x.mat"
    house_numbers(path)
    path.write_bytes(path.read_bytes()[:kept])
    with pytest.raises(DataError, match=r"x\.mat: no file of SVHN"):
        mat_digits.read(path)


@pytest.mark.parametrize("packed", [True, False])
def test_a_flipped_byte_gives_house_numbers_or_a_data_error(tmp_path: Path, packed: bool) -> None:
    path = tmp_path / "x.mat"
    images = house_numbers(path, packed)
    whole = path.read_bytes()
    refused = 0
    for at in (*range(256), *range(len(whole) - 100, len(whole))):
        path.write_bytes(whole[:at] + bytes((whole[at] ^ 0xFF,)) + whole[at + 1 :])
        try:
            read, digits = mat_digits.read(path)
        except DataError:
            refused += 1
        else:
            assert read.shape == images.shape
            assert set(digits) <= set(range(10))
    assert refused > 50


def test_house_numbers_of_another_count_are_refused(tmp_path: Path) -> None:
    house_numbers(tmp_path / "x.mat")
    with pytest.raises(DataError, match="expected 73,257 images of 3 × 32 × 32"):
        read_svhn((tmp_path / "x.mat",) * 2)


def blocks(folder: Path, rows: np.ndarray) -> Path:
    """Write an archive laid out like the one of California's houses."""
    inside = folder / "CaliforniaHousing"
    inside.mkdir()
    np.savetxt(inside / "cal_housing.data", rows, delimiter=",", fmt="%.6f")
    (inside / "cal_housing.domain").write_text("longitude: continuous.\n")
    with tarfile.open(folder / "cal_housing.tgz", "w:gz") as tar:
        tar.add(inside, inside.name)
    return folder / "cal_housing.tgz"


FIRST_BLOCK = (-122.23, 37.88, 41, 880, 129, 322, 126, 8.3252, 452_600)
"""The first line of the published table, and below what scikit-learn makes of it."""


def test_california_housing_is_what_scikit_learn_makes_of_the_same_file(
    tmp_path: Path,
) -> None:
    rows = np.tile(FIRST_BLOCK, (20_640, 1))
    samples = read_california_housing((blocks(tmp_path, rows),))
    assert samples.inputs.shape == (20_640, 8)
    expected = [8.3252, 41, 6.98412698, 1.02380952, 322, 2.55555556, 37.88, -122.23]
    assert samples.inputs[0].tolist() == pytest.approx(expected)
    assert samples.targets[0] == pytest.approx(4.526)
    assert [column.name for column in samples.columns][:2] == ["MedInc", "HouseAge"]


def test_another_table_of_houses_is_refused_by_the_archives_name(tmp_path: Path) -> None:
    path = blocks(tmp_path, np.ones((5, 9)))
    said = r"expected a table of \(20640, 9\), found \(5, 9\)"
    with pytest.raises(DataError, match=rf"cal_housing\.tgz/cal_housing\.data: {said}"):
        read_california_housing((path,))


def test_an_archive_without_the_table_of_houses_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"cal_housing\.data: this is no table of numbers"):
        read_california_housing((cifar100(tmp_path, 1, lambda n: bytes((5, n))),))


def cifar100(folder: Path, images: int, labels: Callable[[int], bytes]) -> Path:
    """Write a small archive laid out like CIFAR-100's binary version."""
    inside = folder / "cifar-100-binary"
    inside.mkdir()
    for name in ("train.bin", "test.bin"):
        (inside / name).write_bytes(b"".join(labels(n) + bytes(3072) for n in range(images)))
    with tarfile.open(folder / "cifar-100-binary.tar.gz", "w:gz") as tar:
        tar.add(inside, inside.name)
    return folder / "cifar-100-binary.tar.gz"


def test_an_archive_of_cifar100_is_unpacked_and_one_of_another_size_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"expected 50,000 .*found \(200, 3, 32, 32\)"):
        read_cifar100((cifar100(tmp_path, 100, lambda n: bytes((19, n))),))


def test_an_archive_of_cifar100_is_refused_as_cifar10(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="expected 10 classes, found 100"):
        read_cifar10((cifar100(tmp_path, 100, lambda n: bytes((19, n))),))


@pytest.mark.parametrize("entry", BUILTINS.values(), ids=BUILTINS)
def test_every_entry_is_of_one_piece(entry: Builtin) -> None:
    assert entry.read in vars(named).values()
    assert len(entry.names) in (0, entry.classes)
    assert bool(entry.classes) == (entry.kind == "classification")
    assert entry.scale > 1 or entry.standardize, "raw values of any size are hard to learn from"
