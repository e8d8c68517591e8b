import ast
import os
import tarfile
from dataclasses import fields
from pathlib import Path

import numpy as np
import pytest

from hikaku.data import builtin
from hikaku.data.builtin import BUILTINS, Builtin, find
from hikaku.data.cache import load
from hikaku.data.named import read_cifar10, read_mnist
from hikaku.errors import DataError

needs_cifar = pytest.mark.skipif(
    not os.environ.get("HIKAKU_DATA")
    or not (Path(os.environ["HIKAKU_DATA"]) / "cifar10-jpeg").is_dir(),
    reason="HIKAKU_DATA does not name a folder with cifar10-jpeg in it",
)
needs_mnist = pytest.mark.skipif(
    not (Path(os.environ.get("HIKAKU_DATA", "")) / "mnist").is_dir()
    or not os.environ.get("HIKAKU_DATA"),
    reason="HIKAKU_DATA does not name a folder with mnist in it",
)


def literal_entries() -> dict[str, dict[str, object]]:
    """Return each entry as the catalogue sees it: by its text, nothing being run."""
    found = {}
    for node in ast.parse(Path(builtin.__file__).read_text(encoding="utf-8")).body:
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Call):
            values: dict[str, object] = {}
            for keyword in node.value.keywords:
                assert keyword.arg is not None
                is_name = isinstance(keyword.value, ast.Name)
                values[keyword.arg] = "" if is_name else ast.literal_eval(keyword.value)
            found[str(values["name"])] = values
    return found


def test_every_entry_reads_from_the_text_as_it_is_when_imported() -> None:
    assert literal_entries().keys() == BUILTINS.keys()
    for name, values in literal_entries().items():
        for field in fields(Builtin):
            if field.name in values and field.name != "read":
                assert getattr(BUILTINS[name], field.name) == values[field.name]


def test_every_entry_tells_its_source_licence_and_checksums() -> None:
    for entry in BUILTINS.values():
        assert entry.summary
        assert entry.source
        assert entry.licence
        assert bool(entry.files) != bool(entry.package)
        for checksum in entry.files.values():
            kind, _, digits = checksum.partition(":")
            assert len(bytes.fromhex(digits)) == {"md5": 16, "sha256": 32}[kind]


def test_an_unknown_name_is_refused_with_the_nearest_or_all() -> None:
    with pytest.raises(DataError, match="Did you mean 'mnist'"):
        find("minst")
    with pytest.raises(DataError, match=r"one of: digits, mnist, .*cifar10") as caught:
        find("qqqq")
    assert "Did you mean" not in str(caught.value)


def idx(shape: tuple[int, ...]) -> bytes:
    head = bytes((0, 0, 8, len(shape))) + b"".join(n.to_bytes(4, "big") for n in shape)
    return head + bytes(int(np.prod(shape)))


def test_mnist_of_another_size_is_refused(tmp_path: Path) -> None:
    for name, shape in (("x", (6, 28, 28)), ("y", (6,))):
        (tmp_path / name).write_bytes(idx(shape))
    files = (tmp_path / "x", tmp_path / "y") * 2
    with pytest.raises(DataError, match="expected 60,000 images"):
        read_mnist(files)


@needs_mnist
def test_the_real_mnist_has_its_published_contents(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HIKAKU_CACHE", str(tmp_path))
    task = load("mnist")
    assert task.inputs.shape == (70_000, 28, 28)
    assert task.shape == (1, 28, 28)
    assert task.targets[:8].tolist() == [5, 0, 4, 1, 9, 2, 1, 3]
    train = np.bincount(task.targets[:60_000]).tolist()
    assert train == [5923, 6742, 5958, 6131, 5842, 5421, 5918, 6265, 5851, 5949]
    assert round(float(task.inputs[:60_000].mean()) / 255, 4) == 0.1307
    assert task.official_test == 10_000


def archive(folder: Path, records: int) -> Path:
    """Write a small archive laid out like CIFAR-10's binary version."""
    inside = folder / "cifar-10-batches-bin"
    inside.mkdir()
    for name in ("data_batch_1.bin", "test_batch.bin"):
        one = bytes(range(10)) * records
        pixels = np.zeros((len(one), 3072), np.uint8)
        rows = np.concatenate([np.frombuffer(one, np.uint8)[:, None], pixels], axis=1)
        (inside / name).write_bytes(rows.tobytes())
    path = folder / "cifar-10-binary.tar.gz"
    with tarfile.open(path, "w:gz") as tar:
        tar.add(inside, inside.name)
    return path


def test_the_archive_of_cifar10_is_read_and_one_of_another_size_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"expected 50,000 \+ 10,000 images.*\(40, 3, 32, 32\)"):
        read_cifar10((archive(tmp_path, 2),))


def test_a_cut_archive_is_refused_by_its_name(tmp_path: Path) -> None:
    path = archive(tmp_path, 2)
    path.write_bytes(path.read_bytes()[:100])
    with pytest.raises(DataError, match=r"cifar-10-binary\.tar\.gz: this is no whole tar archive"):
        read_cifar10((path,))


@needs_cifar
def test_cifar10_has_its_published_counts() -> None:
    task = load("cifar10")
    assert task.shape == (3, 32, 32)
    assert task.classes[:3] == ("airplane", "automobile", "bird")
    assert np.bincount(task.targets[-10_000:]).tolist() == [1000] * 10
    assert np.bincount(task.targets[:-10_000]).tolist() == [5000] * 10
