"""Data sets, decoded once: memory-mapped arrays in the user's cache folder.

A folder there is named after the data set and a digest of where it came from (paths, sizes and
times of change of the source files, or the version of the package), or, where data came as
arrays, of what is in it. It appears whole, by one rename, or not at all.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import tempfile
from collections.abc import Callable
from dataclasses import replace
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hikaku import durable
from hikaku.data.builtin import Builtin, find
from hikaku.data.fetch import cache_folder, locate, unwritable
from hikaku.data.odd import odd
from hikaku.data.task import Column, Progress, Task, fingerprint
from hikaku.words import as_plain, from_plain

DECODING = 2
"""Raised whenever a reader gives other arrays for the same files."""
CARD, TARGETS, GROUPS = "task.json", "targets.npy", "groups.npy"
PLAIN = ("name", "kind", "classes", "official_test", "official_validation", "scale", "standardize")
"""The fields of a task that stand in its card as they are."""


def load(name: str) -> Task:
    """Return the named data set, its arrays memory-mapped; see `prepare` for the errors."""
    return open_task(prepare(find(name)))


def prepare(
    entry: Builtin, fetching: Progress | None = None, reading: Progress | None = None
) -> Path:
    """Return the folder of the decoded data set; decode it (and fetch it) where it is not there.

    `fetching` hears of bytes that arrive, `reading` of samples that are decoded. A folder whose
    files are missing, cut short or changed since they were written is made again.
    Raises DataError where the source cannot be had or read, or the cache cannot be written.
    """
    files = locate(entry, fetching)
    return once(entry.name, _origin(entry, files), lambda: entry.task(files, reading))


def once(name: str, origin: object, decode: Callable[[], Task]) -> Path:
    """Return the folder of what `decode` gives, decoded once per `origin`.

    `origin` is everything that the result depends on, as a literal.
    """
    mark = hashlib.sha256(repr((DECODING, origin)).encode()).hexdigest()[:16]
    folder = cache_folder() / "decoded" / f"{_plain_name(name)}-{mark}"
    return folder if _is_whole(folder) else _kept(_fingerprinted(decode()), folder)


def keep(task: Task) -> Path:
    """Return the folder of a task that came as arrays; equal contents share one folder."""
    task = _fingerprinted(task)
    folder = arrays_folder(task.fingerprint)
    return folder if _is_whole(folder) else _kept(task, folder)


def arrays_folder(fingerprint: str) -> Path:
    """Return where `keep` puts the task with this fingerprint."""
    return cache_folder() / "decoded" / f"arrays-{DECODING}-{fingerprint}"


def is_kept(folder: Path) -> bool:
    """Return whether a decoded task lies in `folder`, whole."""
    return _is_whole(folder)


def open_task(folder: Path) -> Task:
    """Return the task decoded in `folder`, at once: nothing is read but a card and the headers.

    For worker processes, to which `prepare`'s path is sent: the arrays are then shared memory.
    """
    card = json.loads((folder / CARD).read_text(encoding="utf-8"))

    def array(file: str) -> Any:
        return np.load(folder / file, mmap_mode="r", allow_pickle=False)

    named = {name: array(file) for name, file in card["inputs"]}
    return Task(
        **{name: card[name] for name in PLAIN if name != "classes"},
        classes=tuple(card["classes"]),
        targets=array(TARGETS),
        groups=array(GROUPS) if card["grouped"] else None,
        inputs=named[""] if list(named) == [""] else named,
        columns=tuple(Column(name, tuple(kinds), gaps) for name, kinds, gaps in card["columns"]),
        notes=tuple(from_plain(note) for note in card["notes"]),
        fingerprint=card["fingerprint"],
    )


def _fingerprinted(task: Task) -> Task:
    return replace(task, fingerprint=fingerprint(task), notes=(*task.notes, *odd(task)))


def _origin(entry: Builtin, files: tuple[Path, ...]) -> object:
    """Return what changes whenever the source may have changed."""
    stamps = [(str(path), path.stat().st_size, path.stat().st_mtime_ns) for path in files]
    package = (entry.package, version(entry.package)) if entry.package else ()
    known = (entry.kind, entry.classes, entry.scale, entry.standardize, entry.names)
    return (known if entry.is_original(files) else (*known, "other pixels"), package, stamps)


def _plain_name(name: str) -> str:
    """Return a name that any file system takes."""
    return re.sub(r"[^0-9A-Za-z]+", "-", name)[:40].strip("-") or "data"


def _kept(task: Task, folder: Path) -> Path:
    try:
        _write(task, folder)
    except OSError as error:
        raise unwritable(folder.parent, error) from error
    return folder


def _write(task: Task, folder: Path) -> None:
    folder.parent.mkdir(parents=True, exist_ok=True)
    temporary = Path(tempfile.mkdtemp(prefix=".making-", dir=folder.parent))
    new, old = temporary / "new", temporary / "old"
    arrays = list(enumerate(task.arrays))
    try:
        new.mkdir()
        inputs = [(name, f"inputs{f'-{n}' * bool(name)}.npy") for n, (name, _) in arrays]
        _save(new / TARGETS, task.targets)
        if task.groups is not None:
            _save(new / GROUPS, task.groups)
        for (_, file), (_, (_, array)) in zip(inputs, arrays, strict=True):
            _save(new / file, array)
        card = {name: getattr(task, name) for name in PLAIN} | {
            "inputs": inputs,
            "grouped": task.groups is not None,
            "columns": [(column.name, column.categories, column.gaps) for column in task.columns],
            "notes": [as_plain(note) for note in task.notes],
            "fingerprint": task.fingerprint,
            "stamps": {path.name: _stamp(path) for path in sorted(new.glob("*.npy"))},
        }
        durable.write(new / CARD, json.dumps(card, default=str).encode())
        _install(new, folder, old)
        durable.flush(folder.parent)
    finally:
        shutil.rmtree(temporary, ignore_errors=True)


def _save(path: Path, array: NDArray[Any]) -> None:
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
            _stamp(folder / name) == stamp for name, stamp in card["stamps"].items()
        )
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return False


def _stamp(path: Path) -> list[int]:
    status = path.stat()
    return [status.st_size, status.st_mtime_ns]
