"""Reads the binary version of CIFAR-10 and CIFAR-100: one folder of `.bin` files.

A record is one label byte (CIFAR-100: a coarse and a fine one), then 3,072 bytes: red, green,
blue, each 32 rows of 32. Source: A. Krizhevsky, Learning Multiple Layers of Features from Tiny
Images, 2009, and the page of the data sets.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from hikaku.data.labels import labels_of
from hikaku.data.readers.contents import content, shown, stamp
from hikaku.data.task import Kind, Task
from hikaku.errors import DataError, Fault
from hikaku.study.own_data import CifarBinary
from hikaku.words import message

PIXELS = 3 * 32 * 32
NAMES = ["airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck"]


@dataclass(frozen=True)
class Layout:
    """One of the two sets: its files, its label bytes (the last one counts), its classes."""

    train: str
    test: str
    labels: int
    classes: int
    names: str


CIFAR_10 = Layout("data_batch_*.bin", "test_batch.bin", 1, 10, "batches.meta.txt")
CIFAR_100 = Layout("train.bin", "test.bin", 2, 100, "fine_label_names.txt")


def read(path: Path, kind: Kind, asked: CifarBinary) -> Task:
    """Return the images, uint8 (n, 3, 32, 32), and their labels, of CIFAR-100 the fine ones.

    The test file, where there is one, is the official test set. The classes are called as the
    file of names beside them says, else as published (CIFAR-10) or by their numbers. Raises
    DataError where a file is no whole number of records, or a label is out of range.
    """
    layout = _layout(path)
    train, test = _files(path, layout)
    parts = [_records(file, layout) for file in (*train, *test)]
    raw = np.concatenate([labels for _, labels in parts])
    labels = labels_of(raw, kind, f"{shown(path)}:", asked.classes or _names(path, layout))
    return Task(
        name=path.stem,
        inputs=np.concatenate([images for images, _ in parts]),
        targets=labels.targets,
        kind=kind,
        classes=labels.classes,
        official_test=sum(len(labels) for _, labels in parts[len(train) :]),
        scale=255.0,
        standardize=asked.standardize,
        notes=labels.notes,
    )


def files(path: Path) -> list[Path]:
    """Return the files that `read` reads, in its order."""
    layout = _layout(path)
    names = [path / layout.names] if (path / layout.names).exists() else []
    train, test = _files(path, layout)
    return [*train, *test, *names]


def _layout(path: Path) -> Layout:
    found = [layout for layout in (CIFAR_10, CIFAR_100) if any(_files(path, layout))]
    if len(found) == 1 and _files(path, found[0])[0]:
        return found[0]
    raise DataError.of(
        message("files of CIFAR-10 and of CIFAR-100 lie in one folder")
        if len(found) > 1
        else message("there is a test file and none to train on"),
        where=f"{shown(path)}:",
        mend=message(
            "one folder holds data_batch_*.bin and test_batch.bin, or train.bin and test.bin"
        ),
    )


def _files(path: Path, layout: Layout) -> tuple[list[Path], list[Path]]:
    return sorted(path.glob(layout.train)), sorted(path.glob(layout.test))


def _records(path: Path, layout: Layout) -> tuple[NDArray[np.uint8], NDArray[np.int64]]:
    """Return the images and labels of one file."""
    length, where = layout.labels + PIXELS, f"{shown(path)}:"
    size = stamp(path)[1]
    if not size or size % length:
        raise DataError.of(
            message(
                "expected a multiple of {length:,} bytes, found {size:,}", length=length, size=size
            ),
            where=where,
            mend=message("fetch the file again"),
        )
    records = np.frombuffer(content(path), np.uint8).reshape(-1, length)
    labels = records[:, layout.labels - 1].astype(np.int64)
    bad = np.flatnonzero(labels >= layout.classes)
    if len(bad):
        what = message(
            "record {row:,}: label {label}, allowed are 0 to {most}",
            row=int(bad[0]),
            label=int(labels[bad[0]]),
            most=layout.classes - 1,
        )
        raise DataError(Fault(what, where, mend=message("fetch the file again")))
    return records[:, layout.labels :].reshape(-1, 3, 32, 32), labels


def _names(path: Path, layout: Layout) -> list[str]:
    written = path / layout.names
    if written.exists():
        names = content(written).decode("utf-8", "replace").split()
        if len(names) == layout.classes:
            return names
    return NAMES if layout is CIFAR_10 else [str(number) for number in range(layout.classes)]
