"""Named data sets, decoded once: memory-mapped arrays in the user's cache folder.

A folder there is named after the data set and a digest of where it came from (paths, sizes and
times of change of the source files, or the version of the package). It appears whole, by one
rename, or not at all.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import tempfile
from dataclasses import replace
from importlib.metadata import version
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from hikaku.data.builtin import Builtin, find
from hikaku.data.fetch import Progress, cache_folder, locate, unwritable
from hikaku.data.task import Inputs, Targets, Task, fingerprint

DECODING = 1
"""Raised whenever a reader gives other arrays for the same files."""
ARRAYS = ("inputs", "targets")
CARD = "task.json"


def load(name: str) -> Task:
    """Return the named data set, its arrays memory-mapped; see `prepare` for the errors."""
    return open_task(prepare(find(name)))


def prepare(entry: Builtin, progress: Progress | None = None) -> Path:
    """Return the folder of the decoded data set; decode it (and fetch it) where it is not there.

    A folder whose files are missing, cut short or changed since they were written is made again.
    Raises DataError where the source cannot be had or read, or the cache cannot be written.
    """
    files = locate(entry, progress)
    folder = cache_folder() / "decoded" / f"{entry.name}-{_origin(entry, files)}"
    if _is_whole(folder):
        return folder
    task = _decoded(entry, files)
    try:
        _write(task, folder)
    except OSError as error:
        raise unwritable(folder.parent, error) from error
    return folder


def open_task(folder: Path) -> Task:
    """Return the task decoded in `folder`, at once: nothing is read but a card and two headers.

    For worker processes, to which `prepare`'s path is sent: the arrays are then shared memory.
    """
    card = json.loads((folder / CARD).read_text(encoding="utf-8"))
    inputs, targets = (
        np.load(folder / f"{name}.npy", mmap_mode="r", allow_pickle=False) for name in ARRAYS
    )
    return Task(
        name=card["name"],
        inputs=inputs,
        targets=targets,
        kind=card["kind"],
        classes=tuple(card["classes"]),
        official_test=card["official_test"],
        scale=card["scale"],
        fingerprint=card["fingerprint"],
    )


def _origin(entry: Builtin, files: tuple[Path, ...]) -> str:
    """Return a digest that changes whenever the source may have changed, 16 digits."""
    stamps = [(str(path), path.stat().st_size, path.stat().st_mtime_ns) for path in files]
    package = (entry.package, version(entry.package)) if entry.package else ()
    meaning = (DECODING, entry.kind, entry.classes, entry.scale)
    return hashlib.sha256(repr((meaning, package, stamps)).encode()).hexdigest()[:16]


def _decoded(entry: Builtin, files: tuple[Path, ...]) -> Task:
    read = entry.read(files)
    task = Task(
        name=entry.name,
        inputs=read.inputs,
        targets=read.targets,
        kind=entry.kind,
        classes=tuple(str(number) for number in range(entry.classes)),
        official_test=read.official_test,
        scale=entry.scale,
        fingerprint="",
    )
    return replace(task, fingerprint=fingerprint(task))


def _write(task: Task, folder: Path) -> None:
    folder.parent.mkdir(parents=True, exist_ok=True)
    temporary = Path(tempfile.mkdtemp(prefix=".making-", dir=folder.parent))
    new, old = temporary / "new", temporary / "old"
    try:
        new.mkdir()
        _save(new / "inputs.npy", task.inputs)
        _save(new / "targets.npy", task.targets)
        card = {
            "name": task.name,
            "kind": task.kind,
            "classes": task.classes,
            "official_test": task.official_test,
            "scale": task.scale,
            "fingerprint": task.fingerprint,
            "stamps": {name: _stamp(new / f"{name}.npy") for name in ARRAYS},
        }
        (new / CARD).write_text(json.dumps(card), encoding="utf-8")
        _install(new, folder, old)
    finally:
        shutil.rmtree(temporary, ignore_errors=True)


def _save(path: Path, array: Inputs | Targets) -> None:
    values: NDArray[np.generic] = np.ascontiguousarray(array)
    with path.open("wb") as file:
        np.save(file, values, allow_pickle=False)
        file.flush()
        # After a power cut, a file may have its full size and nothing in it.
        os.fsync(file.fileno())


def _install(new: Path, folder: Path, old: Path) -> None:
    """Rename `new` to `folder`; where another process was faster, keep what that one made."""
    if folder.exists() and not _is_whole(folder):
        # Whoever still reads the damaged files keeps them: memory maps outlive the names.
        folder.rename(old)
    try:
        new.rename(folder)
    except OSError:
        if not _is_whole(folder):
            raise


def _is_whole(folder: Path) -> bool:
    """Return whether the folder's files are those that were written, by size and time."""
    try:
        card = json.loads((folder / CARD).read_text(encoding="utf-8"))
        return bool(card["stamps"]) and all(
            _stamp(folder / f"{name}.npy") == stamp for name, stamp in card["stamps"].items()
        )
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return False


def _stamp(path: Path) -> list[int]:
    status = path.stat()
    return [status.st_size, status.st_mtime_ns]
