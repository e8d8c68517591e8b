"""Reads a folder of images: one folder per class, or `train` and `test` folders of such folders.

The images of a class may lie in further folders inside its own. Links are followed inside the
folder of data; those that lead back to where they came from, or out of it, are refused: who sends
a folder decides what lies in it, and not which other files of this machine are read.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from hikaku.data.labels import labels_of
from hikaku.data.readers.contents import gather, listed, shown, unreadable
from hikaku.data.readers.pixels import SUFFIXES, Picture, stack
from hikaku.data.task import Kind, Progress, Task
from hikaku.errors import Fault
from hikaku.study.own_data import Images
from hikaku.words import Message, message

TRAIN, VALIDATION, TEST = ("train",), ("validation", "val", "valid"), ("test",)
DEEPEST = 32
"""Folders inside one another."""
LITTER = frozenset({"thumbs.db", "desktop.ini"})
"""What a desktop leaves in folders, beside names that begin with a dot."""


@dataclass
class Found:
    """What a walk through the folder `root` found: per image its file, its class and its set."""

    root: Path
    files: list[Path] = field(default_factory=list)
    labels: list[str] = field(default_factory=list)
    sets: list[int] = field(default_factory=list)
    strays: list[Path] = field(default_factory=list)
    seen: set[Path] = field(default_factory=set)
    faults: list[Fault] = field(default_factory=list)


def read(path: Path, kind: Kind, asked: Images, progress: Progress | None = None) -> Task:
    """Return the images, uint8 (n, h, w) grey or (n, 3, h, w), in the order of their names.

    The classes are the folders' names. Raises DataError with every class without an image and
    every file that cannot be read.
    """
    where = f"{shown(path)}:"
    found = _walked(path)
    gather(found.faults)
    labels = labels_of(np.array(found.labels, dtype=str), kind, where, asked.classes or None)
    pictures = [Picture(shown(file), file) for file in found.files]
    stacked = stack(pictures, asked.size, asked.channels, where, progress)
    return Task(
        name=path.stem,
        inputs=stacked.images,
        targets=labels.targets,
        kind=kind,
        classes=labels.classes,
        official_validation=found.sets.count(1),
        official_test=found.sets.count(2),
        scale=255.0,
        standardize=asked.standardize,
        notes=(*labels.notes, *_stray_note(path, found.strays), *stacked.notes),
    )


def files(path: Path) -> list[Path]:
    """Return the images that `read` reads, in its order."""
    return _walked(path).files


def _walked(path: Path) -> Found:
    found = Found(path.resolve())
    for number, top in enumerate(_sets(path, found)):
        if top is None:
            continue
        classes = [entry for entry in _inside(top, found) if _is_folder(entry, found, top)]
        if not classes:
            found.faults.append(_no_classes(top))
        for folder in classes:
            before = len(found.files)
            found.seen = set()
            _gather_class(folder, (top.resolve(),), found)
            label = folder.name
            found.labels += [label] * (len(found.files) - before)
            found.sets += [number] * (len(found.files) - before)
            if len(found.files) == before:
                found.faults.append(_no_image(folder))
            if shown(label) != label:
                what = message("the name of this class is no text in UTF-8")
                found.faults.append(Fault(what, f"{shown(folder)}:", mend=message("rename it")))
    return found


def _sets(path: Path, found: Found) -> tuple[Path | None, Path | None, Path | None]:
    """Return the folders of the given sets; where none are given, the folder itself, alone."""
    names = {entry.name.lower(): entry for entry in _inside(path, found) if entry.is_dir()}
    train, validation, test = (
        next((names[name] for name in known if name in names), None)
        for known in (TRAIN, VALIDATION, TEST)
    )
    if train is None or not (validation or test):
        return path, None, None
    found.strays += [entry for entry in names.values() if entry not in (train, validation, test)]
    return train, validation, test


def _gather_class(folder: Path, above: tuple[Path, ...], found: Found) -> None:
    """Take in the images of a folder and of those inside it."""
    real = folder.resolve()
    if real in above:
        what = message("a link that leads back to a folder above it")
        found.faults.append(Fault(what, f"{shown(folder)}:", mend=message("remove the link")))
        return
    if real in found.seen:  # by links, a few folders can lie inside one another a million times
        what = message("a link to a folder that is read already")
        found.faults.append(Fault(what, f"{shown(folder)}:", mend=message("remove the link")))
        return
    found.seen.add(real)
    if len(above) > DEEPEST:
        what = message("folders inside folders without end")
        mend = message("lay the images of a class into its own folder")
        found.faults.append(Fault(what, f"{shown(folder)}:", mend=mend))
        return
    for entry in _inside(folder, found):
        if entry.is_dir():
            _gather_class(entry, (*above, real), found)
        elif entry.suffix.lower() in SUFFIXES:
            found.files.append(entry)
        else:
            found.strays.append(entry)


def _inside(folder: Path, found: Found) -> list[Path]:
    """Return what lies in a folder, by name, without hidden files and a desktop's litter."""
    try:
        entries = sorted(folder.iterdir())
    except OSError as error:
        found.faults += unreadable(folder, error).faults
        return []
    seen = [entry for entry in entries if entry.name[0] != "." and entry.name.lower() not in LITTER]
    return [entry for entry in seen if not (entry.is_symlink() and _leads_out(entry, found))]


def _leads_out(link: Path, found: Found) -> bool:
    try:
        if link.resolve().is_relative_to(found.root):
            return False
        what = message("a link that leads out of the folder of data")
    except (OSError, RuntimeError):  # RuntimeError: links in a circle
        what = message("a link that leads nowhere")
    mend = message("put the file itself there: cp -rL copies a folder with what its links lead to")
    found.faults.append(Fault(what, f"{shown(link)}:", mend=mend))
    return True


def _is_folder(entry: Path, found: Found, top: Path) -> bool:
    if entry.is_dir():
        return True
    found.strays.append(entry)
    return False


def _stray_note(path: Path, strays: list[Path]) -> Iterator[Message]:
    if strays:
        yield message(
            "{count:,} files or folders were passed over, which are no images of a class: {names}",
            count=len(strays),
            names=listed([shown(stray.relative_to(path)) for stray in strays], 3),
        )


def _no_classes(top: Path) -> Fault:
    return Fault(
        message("there is no folder of a class"),
        f"{shown(top)}:",
        mend=message("put the images into one folder per class, named after it"),
    )


def _no_image(folder: Path) -> Fault:
    return Fault(
        message("there is no image of this class"),
        f"{shown(folder)}:",
        message("images end in {suffixes}", suffixes=", ".join(sorted(SUFFIXES))),
        message("put some there, or remove the folder"),
    )
