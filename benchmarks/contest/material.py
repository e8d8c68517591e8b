"""What all contestants are given: the same arrays, real where `HIKAKU_DATA` is set."""

from __future__ import annotations

import gzip
import io
import os
import struct
import sys
import tarfile
from pathlib import Path

import numpy as np

from hikaku.data import cache
from hikaku.data.split import split
from hikaku.execution.loading import decoded
from hikaku.study.decode import load
from hikaku.study.gallery import resolve
from hikaku.study.study import trained


def given(folder: Path) -> str:
    """Set `HIKAKU_DATA` for all contestants; return "real" or "synthetic"."""
    if os.environ.get("HIKAKU_DATA"):
        return "real"
    print("HIKAKU_DATA is not set: synthetic data of the same shape", file=sys.stderr)
    write_synthetic(folder)
    os.environ["HIKAKU_DATA"] = str(folder)
    return "synthetic"


def arrays(study: str, folder: Path) -> Path:
    """Write the samples of a ready-made study's first seed as `.npz`; return the file.

    `x` and `y` are to train on, `held_out_x` and `held_out_y` the validation split.
    """
    asked = load(resolve(study))
    data = trained(asked.base).data
    task = cache.open_task(decoded(data.use, asked.folder))
    parts = split(task, data, 0)
    path = folder / f"{study}.npz"
    np.savez(
        path,
        x=task.inputs[parts.train],
        y=task.targets[parts.train],
        held_out_x=task.inputs[parts.validation],
        held_out_y=task.targets[parts.validation],
    )
    return path


def all_arrays(study: str, folder: Path) -> Path:
    """Write all samples of a ready-made study's data as `.npz`, `x` and `y`; return the file."""
    asked = load(resolve(study))
    task = cache.open_task(decoded(trained(asked.base).data.use, asked.folder))
    path = folder / f"{study}.npz"
    np.savez(path, x=task.inputs, y=task.targets)
    return path


def write_synthetic(folder: Path) -> None:
    """Write noise, each class brighter in places of its own, in the files of MNIST and CIFAR-10."""
    draws = np.random.default_rng(0)
    mnist, cifar = folder / "mnist", folder / "cifar10"
    mnist.mkdir(parents=True)
    cifar.mkdir()
    for name, count in (("train", 60_000), ("t10k", 10_000)):
        x, y = _drawn(draws, count, 28 * 28)
        _write_idx(mnist / f"{name}-images-idx3-ubyte.gz", (count, 28, 28), x)
        _write_idx(mnist / f"{name}-labels-idx1-ubyte.gz", (count,), y)
    with tarfile.open(cifar / "cifar-10-binary.tar.gz", "w:gz", compresslevel=1) as tar:
        names = "airplane automobile bird cat deer dog frog horse ship truck"
        _add(tar, "batches.meta.txt", names.replace(" ", "\n").encode())
        for name in (*(f"data_batch_{n}.bin" for n in range(1, 6)), "test_batch.bin"):
            x, y = _drawn(draws, 10_000, 3 * 32 * 32)
            _add(tar, name, np.hstack([y[:, None], x]).tobytes())


def _drawn(draws: np.random.Generator, count: int, size: int) -> tuple[np.ndarray, np.ndarray]:
    means = np.random.default_rng(1).integers(0, 128, (10, size), dtype=np.uint8)
    y = np.arange(count, dtype=np.uint8) % 10
    return draws.integers(0, 128, (count, size), dtype=np.uint8) + means[y], y


def _write_idx(path: Path, shape: tuple[int, ...], values: np.ndarray) -> None:
    head = struct.pack(f">I{len(shape)}I", 0x0800 + len(shape), *shape)
    path.write_bytes(gzip.compress(head + values.tobytes(), compresslevel=1))


def _add(tar: tarfile.TarFile, name: str, content: bytes) -> None:
    entry = tarfile.TarInfo(f"cifar-10-batches-bin/{name}")
    entry.size = len(content)
    tar.addfile(entry, io.BytesIO(content))
