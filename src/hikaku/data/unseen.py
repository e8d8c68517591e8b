"""Samples that no study has seen: files to predict on, prepared as the training samples were.

The data set that a model was trained on is not needed here, only what its inputs looked like.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hikaku.data.prepare import Preparation, Prepared
from hikaku.data.readers import npz
from hikaku.data.readers.contents import collected, gather, listed, shown, stamp, unreadable
from hikaku.data.readers.pixels import SUFFIXES, Picture, stack
from hikaku.data.task import Array, Inputs
from hikaku.data.unseen_rows import rows_of
from hikaku.errors import DataError, Fault, HikakuError
from hikaku.words import Message, message

TABLES = (".csv", ".tsv", ".csv.gz", ".tsv.gz")
WHITE = 255.0
"""The largest value of a pixel in an image file."""


@dataclass(frozen=True)
class Form:
    """One input as data hold it: the shape of one sample, and the type of its numbers."""

    shape: tuple[int, ...]
    dtype: str


@dataclass(frozen=True)
class Wanted:
    """What a model takes: its inputs by name (a single one is ""), and how they are prepared.

    Image files are resized to `size` × `size` pixels, unless it is 0.
    """

    forms: Mapping[str, Form]
    preparation: Preparation
    size: int = 0

    @property
    def pixels(self) -> tuple[int, ...] | None:
        """The shape of one image of bytes, None where the model takes none."""
        form = self.forms.get("")
        is_image = form and form.dtype == "uint8" and form.shape[:-2] in ((), (1,), (3,))
        return form.shape if form and is_image and len(form.shape) > 1 else None


@dataclass(frozen=True)
class Place:
    """Where a sample stands: in this file, on this row of it, None where the file is one sample.

    Rows of a table are told by their line, samples of an array are counted from 0.
    """

    file: str
    row: int | None = None


@dataclass(frozen=True, eq=False)
class Unseen:
    """Prepared samples, the place of each, and what is worth knowing about them."""

    inputs: Prepared
    places: tuple[Place, ...]
    notes: tuple[Message, ...] = ()


def read(paths: Sequence[Path], wanted: Wanted) -> Unseen:
    """Return the samples in these files, in order: images, tables, .npy and .npz arrays.

    A folder stands for the images that lie in it, by name. Raises DataError with everything
    that is wrong with any of them.
    """
    faults: list[Fault] = []
    parts: list[Unseen] = []
    files: list[Path] = []
    for path in paths:
        with collected(faults):
            files += _images_in(path) if path.is_dir() else [path]
    for path in files:
        with collected(faults):
            parts.append(_read(path, wanted))
    gather(faults)
    return Unseen(
        _joined([part.inputs for part in parts]),
        tuple(place for part in parts for place in part.places),
        _merged([note for part in parts for note in part.notes], sum(map(is_image, files))),
    )


def _images_in(folder: Path) -> list[Path]:
    try:
        names = sorted(path for path in folder.iterdir() if not path.name.startswith("."))
    except OSError as error:
        raise unreadable(folder, error) from error
    found = [path for path in names if is_image(path) and path.is_file()]
    if not found:
        raise DataError.of(
            message("there is no image in this folder"),
            where=f"{shown(folder)}:",
            mend=message("name the files themselves"),
        )
    return found


def is_image(path: Path) -> bool:
    """Return whether a file is named as images are."""
    return path.suffix.lower() in SUFFIXES


def _merged(notes: Sequence[Message], images: int) -> tuple[Message, ...]:
    """Return the notes; of those that say one thing of one image each, one says it of them all."""
    merged: dict[tuple[str, object], dict[str, Any]] = {}
    for note in notes:
        values: dict[str, Any] = dict(note.values)
        same = merged.setdefault((note.id, values.get("what", note.values)), values)
        if "total" in values:
            same["total"] = images
            same["count"] += values["count"] if same is not values else 0
    return tuple(Message(id, tuple(values.items())) for (id, _), values in merged.items())


def _read(path: Path, wanted: Wanted) -> Unseen:
    stamp(path)
    name = path.name.lower()
    if is_image(path):
        return _image(path, wanted)
    if name.endswith(TABLES):
        return _table(path, wanted)
    if name.endswith((".npy", ".npz")):
        return _arrays(path, wanted)
    raise DataError.of(
        message("no format that can be predicted on"),
        where=f"{shown(path)}:",
        mend=message("give images, a .csv, or arrays as .npy or .npz"),
    )


def _image(path: Path, wanted: Wanted) -> Unseen:
    where, shape = f"{shown(path)}:", wanted.pixels
    if shape is None:
        raise _other_kind(where, wanted)
    channels = "rgb" if shape[:-2] == (3,) else "grey"
    found = stack([Picture(shown(path), path)], wanted.size, channels, where)
    if found.images.shape[-2:] != shape[-2:]:
        height, width = found.images.shape[-2:]
        raise DataError.of(
            message("it is {width} × {height} pixels", width=width, height=height),
            where=where,
            why=message(
                "the model was trained on {width} × {height}", width=shape[-1], height=shape[-2]
            ),
            mend=message("resize it"),
        )
    # White is white, whatever number stood for it in the data that the model was trained on.
    prepare = replace(wanted.preparation, scale=WHITE)
    return Unseen(prepare(found.images.reshape(1, *shape)), (Place(shown(path)),), found.notes)


def _table(path: Path, wanted: Wanted) -> Unseen:
    columns = wanted.preparation.columns
    if not columns:
        raise _other_kind(f"{shown(path)}:", wanted)
    found = rows_of(path, columns)
    places = tuple(Place(shown(path), line) for line in found.lines)
    return Unseen(wanted.preparation(found.values), places, found.notes)


def _arrays(path: Path, wanted: Wanted) -> Unseen:
    where = f"{shown(path)}:"
    if wanted.preparation.columns:
        raise _other_kind(where, wanted)
    given = _loaded(path, wanted, where)
    faults: list[Fault] = []
    inputs: dict[str, Array] = {}
    for name, form in wanted.forms.items():
        with collected(faults):
            inputs[name] = _fitted(given[name], form, f"{where} {name}:" if name else where)
    DataError.gather(faults)
    counts = {len(array) for array in inputs.values()}
    if len(counts) > 1:
        raise DataError.of(
            message("the arrays hold {counts} samples", counts=listed(sorted(counts))),
            where=where,
            mend=message("give all inputs of each sample"),
        )
    raw: Inputs = inputs[""] if list(inputs) == [""] else inputs
    places = tuple(Place(shown(path), row) for row in range(counts.pop()))
    return Unseen(wanted.preparation(raw), places)


def _loaded(path: Path, wanted: Wanted, where: str) -> Mapping[str, NDArray[Any]]:
    """Return the arrays of a file by the names of the inputs; a single one is taken as it is."""
    try:
        arrays = npz.arrays(path, where)
    except HikakuError:
        raise
    except Exception as error:  # a damaged file makes the libraries raise almost anything
        raise DataError.of(
            message("cannot be read as arrays"),
            where=where,
            why=message("{reason}", reason=str(error).splitlines()[0] if str(error) else "-"),
            mend=message("save numbers with numpy.save or numpy.savez"),
        ) from error
    if list(wanted.forms) == [""]:
        usual = [name for name in ("", "x", "inputs", "X", "data") if name in arrays]
        name = usual[0] if usual else next(iter(arrays), None)
        if name is not None and (usual or len(arrays) == 1):
            return {"": arrays[name]}
    elif wanted.forms.keys() <= arrays.keys():
        return arrays
    raise DataError.of(
        message("the inputs are not found in it"),
        where=where,
        why=message("its arrays are: {names}", names=listed(list(arrays)) or "-"),
        mend=message("name them: {names}", names=listed([n or "x" for n in wanted.forms])),
    )


def _fitted(array: NDArray[Any], form: Form, where: str) -> Array:
    """Return samples (n, …) of this form; one sample alone is a batch of one."""
    if array.shape == form.shape:
        array = array[None]
    if array.ndim == 4 and array.shape[1:] == (*form.shape[1:], *form.shape[:1]):
        array = np.moveaxis(array, 3, 1)
    if array.shape[1:] != form.shape:
        raise DataError.of(
            message("samples of the shape {found}", found=array.shape[1:]),
            where=where,
            why=message("the model was trained on {wanted}", wanted=form.shape),
            mend=message("bring each sample to that shape"),
        )
    if not len(array):
        raise DataError.of(
            message("there is no sample"), where=where, mend=message("give one or more")
        )
    allowed = "biuf" if form.dtype == "float32" else "iu"
    if array.dtype.kind not in allowed:
        raise DataError.of(
            message("numbers of type {dtype}", dtype=array.dtype),
            where=where,
            why=message("the model was trained on {wanted}", wanted=form.dtype),
            mend=message("save them as {wanted}", wanted=form.dtype),
        )
    with np.errstate(over="ignore"):  # what is too large becomes infinite, and is refused below
        found: Array = array.astype(form.dtype)
    if not np.array_equal(found, array) and form.dtype != "float32":
        mend = message("save them as {wanted}", wanted=form.dtype)
        raise DataError.of(
            message("numbers beyond {dtype}", dtype=form.dtype), where=where, mend=mend
        )
    if not np.isfinite(found).all():
        mend = message("fill or leave out these samples")
        raise DataError.of(message("it holds values that are not finite"), where=where, mend=mend)
    return found


def _other_kind(where: str, wanted: Wanted) -> DataError:
    columns = [column.name for column in wanted.preparation.columns]
    if columns:
        mend = message("give a .csv with the columns: {names}", names=listed(columns))
    elif wanted.pixels:
        mend = message("give images, or arrays as .npy or .npz")
    else:
        mend = message("give arrays as .npy or .npz")
    return DataError.of(message("the model takes data of another kind"), where=where, mend=mend)


def _joined(parts: Sequence[Prepared]) -> Prepared:
    first = parts[0]
    if isinstance(first, dict):
        named = [part for part in parts if isinstance(part, dict)]
        return {name: np.concatenate([part[name] for part in named]) for name in first}
    return np.concatenate([part for part in parts if not isinstance(part, dict)])
