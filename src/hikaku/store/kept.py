"""The files beside the database: of each trial, a folder of weights named after its key.

While a trial is trained, its folder is another one, and holds the states too from which it can go
on: files named after their step.

Nothing here reads weights: what stands in the head of a file is text.
"""

from __future__ import annotations

import errno
import json
import shutil
import struct
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hikaku.durable import PART
from hikaku.errors import StoreError
from hikaku.study.keep import ENDING, MARK, STATE
from hikaku.words import message

TRIES = 5
"""How often a folder is deleted into which somebody writes."""

LARGEST_HEAD = 8 * 2**20
"""Bytes. The format allows a hundred million; ours take some thousand."""


@dataclass(frozen=True)
class Kept:
    """The folder of the store's files; it need not be there."""

    folder: Path

    def files(self, key: str) -> dict[str, Path]:
        """Return the files of weights of a trial by name, in the order of their names."""
        place = self._place(key)
        found = [] if place.is_symlink() else sorted(place.glob(f"*{ENDING}"))
        return {path.name: path for path in found}

    def part(self, key: str) -> Path:
        """Return the folder of a trial for as long as it is trained; it need not be there."""
        return self._place(key).with_name(key + PART)

    def trials(self) -> Iterator[str]:
        """Yield the key of every trial that has a folder."""
        if self.folder.is_dir():
            yield from (path.name for path in self.folder.iterdir() if path.suffix != PART)

    def remove(self, keys: Iterable[str]) -> None:
        """Delete all files of these trials."""
        for key in keys:
            place = self._place(key)
            if place.is_symlink():
                place.unlink()
            elif place.is_dir():
                shutil.rmtree(place)

    def drop(self, key: str, names: Collection[str]) -> None:
        """Delete these files of a trial, and its folder where nothing else is in it."""
        place, own = self._place(key), {own_name(name) for name in names}
        if place.is_symlink() or not place.is_dir():
            return
        if {path.name for path in place.iterdir()} <= own:
            # Under this name the next run sweeps what one leaves that is killed right here.
            self.drop_part(key)
            place.rename(self.part(key))
            self.drop_part(key)
        else:
            for name in own:
                (place / name).unlink(missing_ok=True)

    def drop_part(self, key: str) -> None:
        """Delete what a trial needed that has ended."""
        _removed(self.part(key))

    def sweep(self, wanted: Mapping[str, Collection[str]]) -> None:
        """Delete what trials left that were killed. Only who holds the store's lock may do that.

        `wanted` names by trial the states from which it can go on. Of a trial that has any, the
        weights that it has written stay too; of another, nothing.
        """
        for path in self.folder.glob(f"*{PART}"):
            names = wanted.get(path.name.removesuffix(PART), ())
            if path.is_symlink() or not path.is_dir():
                path.unlink()
            elif not names:
                _removed(path)
            else:
                _tidy(path, names)

    def _place(self, key: str) -> Path:
        return self.folder / own_name(key)


def own_name(name: str) -> str:
    """Return a name that the database gives, if it leads to nothing but one of a folder's own.

    The store may be somebody else's, and its rows hold what they like. Raises StoreError.
    """
    if name in ("", PART, ".", "..") or Path(name).name != name or "\0" in name:
        raise StoreError.of(message("the store names {name}, none of its own files", name=name))
    return name


def _removed(folder: Path) -> None:
    """Delete a folder in which somebody may be at work: a worker that is done with it, or dies.

    A worker outlives a killed supervisor by a moment and may write one more file meanwhile. What
    is still there after some tries, the next run sweeps.
    """
    for _ in range(TRIES):
        try:
            shutil.rmtree(folder)
        except FileNotFoundError:
            if not folder.is_dir():
                return
        except OSError as error:
            if error.errno != errno.ENOTEMPTY:
                raise
        else:
            return


def _tidy(folder: Path, wanted: Collection[str]) -> None:
    for path in folder.glob("*"):
        is_old_state = bool(STATE.fullmatch(path.name)) and path.name not in wanted
        if is_old_state or path.suffix == PART:
            # A worker that dies may have given it its name, or have removed it, at this moment.
            path.unlink(missing_ok=True)


def head(path: Path) -> dict[str, Any]:
    """Return what was written into a file beside its weights; {} where it is no file of ours."""
    try:
        with path.open("rb") as file:
            (length,) = struct.unpack("<Q", file.read(8))
            text = file.read(min(length, LARGEST_HEAD))
        found = json.loads(json.loads(text)["__metadata__"][MARK])
    except (OSError, ValueError, KeyError, TypeError, RecursionError, struct.error):
        return {}
    return found if isinstance(found, dict) else {}
