"""From whatever holds samples to the arrays of a `Task`: bytes, float32, or whole numbers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hikaku.data.task import Array
from hikaku.errors import DataError
from hikaku.words import Message, message

CHANNELS = (1, 3)
"""So many values in the last dimension are the channels of an image."""


def array_of(value: Any, where: str) -> NDArray[Any]:
    """Return samples as one array; a list of arrays must be of one shape."""
    found = plain(value)
    if isinstance(found, np.ndarray) and found.dtype != object:
        return found
    if not hasattr(found, "__len__") or isinstance(found, (str, bytes)):
        raise DataError.of(
            message("neither an array nor a list: {type}", type=type(found).__name__),
            where=where,
            mend=message("hand over NumPy arrays, tensors or lists of numbers"),
        )
    return stacked([plain(item) for item in found], where)


def stacked(samples: Sequence[Any], where: str) -> NDArray[Any]:
    """Return these samples as one array; raise DataError where they are not of one shape."""
    arrays = [np.asarray(sample) for sample in samples]
    shapes = {array.shape: number for number, array in reversed(list(enumerate(arrays)))}
    if len(shapes) > 1:
        (one, first), (other, second), *_ = sorted(shapes.items(), key=lambda found: found[1])
        raise DataError.of(
            message("the samples are not of one shape"),
            where=where,
            why=message(
                "sample {first} is {one}, sample {second} is {other}",
                first=first,
                one=one,
                second=second,
                other=other,
            ),
            mend=message("resize, cut or pad them to one shape"),
        )
    return np.stack(arrays)


def plain(value: Any) -> Any:
    """Return an array of whatever NumPy can make one of: a tensor, an image, a column."""
    if hasattr(value, "detach"):  # a tensor that carries a gradient, or lies on another device
        value = value.detach().cpu()
    if hasattr(value, "__array__") or hasattr(value, "__array_interface__"):
        return np.asarray(value)
    return value


def typed(array: NDArray[Any], key: str, where: str, notes: list[Message]) -> Array:
    """Return the array as bytes, float32 or whole numbers; refuse text, gaps and infinities."""
    what = f"x[{key!r}]" if key else "x"
    if array.ndim < 2:
        if array.dtype.kind not in "biuf":
            raise _unlearnable(array, what, where)
        array = array[:, None]
    array = _channels_first(array, what, notes)
    if array.dtype == np.uint8:
        notes.append(message("{what}: bytes are divided by 255", what=what))
        return array
    if array.dtype.kind == "b":
        return array.astype(np.float32)
    if array.dtype.kind in "iu":
        notes.append(
            message(
                "{what}: whole numbers reach the model as they are, as an embedding wants them",
                what=what,
            )
        )
        return array.astype(np.int64)
    if array.dtype.kind != "f":
        raise _unlearnable(array, what, where)
    with np.errstate(over="ignore"):  # what is too large becomes infinite, and is refused below
        found = array.astype(np.float32)
    bad = np.flatnonzero(~np.isfinite(found.reshape(len(found), -1)).all(1))
    if len(bad):
        raise DataError.of(
            message("{what} is not finite in {count:,} samples", what=what, count=len(bad)),
            where=where,
            why=message(
                "the first one is sample {row:,}, counted from 0 (NaN, infinite, or too large "
                "for 32 bits)",
                row=int(bad[0]),
            ),
            mend=message("fill or leave out these samples"),
        )
    return found


def _channels_first(array: NDArray[Any], what: str, notes: list[Message]) -> NDArray[Any]:
    """Return images (n, height, width, channels) as PyTorch wants them; others as they are."""
    if array.ndim != 4 or array.shape[3] not in CHANNELS or array.shape[1] in CHANNELS:
        return array
    notes.append(
        message("{what}: images with their channels last get them first, for PyTorch", what=what)
    )
    return np.ascontiguousarray(np.moveaxis(array, 3, 1))


def _unlearnable(array: NDArray[Any], what: str, where: str) -> DataError:
    return DataError.of(
        message("{what} of type {dtype} cannot be learnt from", what=what, dtype=array.dtype),
        where=where,
        mend=message("turn it into numbers"),
    )
