"""From what a user's `load` returns, or hands over in Python, to a `Task`.

Taken as they are: NumPy arrays, torch tensors, lists, pandas columns, a `torch.utils.data`
Dataset, a pair `(x, y)` of these, or a dict of sets. Nothing here imports torch: a tensor is
whatever NumPy can make an array of, and a Dataset whatever has a length and items.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hikaku.data.arrays import array_of, plain, stacked, typed
from hikaku.data.labels import labels_of
from hikaku.data.task import Array, Inputs, Kind, Task
from hikaku.errors import DataError
from hikaku.words import Message, message

SETS = ("train", "validation", "test")
FACTS = ("groups", "classes")
READ_TWICE = 200
"""So many samples of a Dataset are read twice, to see whether they are the same each time."""

BYTES_SCALE = 255.0


@dataclass(frozen=True, eq=False)
class Pair:
    """Inputs and raw targets of one set."""

    inputs: Inputs
    targets: Any

    def __len__(self) -> int:
        """Return the number of samples."""
        return len(self.targets)


def task_of(
    loaded: Any, name: str, kind: Kind, where: str = "", *, standardize: bool = False
) -> Task:
    """Return the task in what was loaded; `where` names its source in errors.

    A dict holds `train` and, where the sets are given, `validation` and `test`, each a pair or a
    Dataset; `groups`, one label per training sample, whose equal ones stay in one part; and
    `classes`, the names of the classes in the order of their numbers. Inputs are one array, or
    a dict or a tuple of arrays where the model has several. Raises DataError with what is wrong.
    """
    where = where or f"{name}:"
    sets, groups, classes = _taken_apart(loaded, where)
    pairs = {key: _pair(value, f"{where} {key}:") for key, value in sets.items()}
    notes: list[Message] = []
    for key, pair in pairs.items():
        for part, array in _named(pair.inputs):
            _check_length(array, len(pair), part, where if len(pairs) == 1 else f"{where} {key}:")
    inputs = _joined([pair.inputs for pair in pairs.values()], where)
    raw = [pair.targets for pair in pairs.values()]
    labels = labels_of(raw[0] if len(raw) == 1 else _chained(raw, where), kind, where, classes)
    arrays = {key: typed(array, key, where, notes) for key, array in _named(inputs)}
    if standardize:
        _check_standardizable(arrays, where)
    count = {key: len(pairs[key]) if key in pairs else 0 for key in SETS}
    return Task(
        name=name,
        inputs=arrays[""] if list(arrays) == [""] else arrays,
        targets=labels.targets,
        kind=kind,
        classes=labels.classes,
        official_test=count["test"],
        official_validation=count["validation"],
        scale=BYTES_SCALE,
        groups=_grouped(groups, count["train"], len(labels.targets), where),
        standardize=standardize,
        notes=(*labels.notes, *notes),
    )


def _taken_apart(loaded: Any, where: str) -> tuple[dict[str, Any], Any, Sequence[str] | None]:
    """Return the sets by name, the groups, and the classes' names."""
    if not isinstance(loaded, Mapping):
        return {"train": loaded}, None, _class_names(loaded)
    strange = [str(key) for key in loaded if key not in (*SETS, *FACTS)]
    if strange or "train" not in loaded:
        raise DataError.of(
            message("a dict of data holds 'train', and no {strange}", strange=", ".join(strange))
            if strange
            else message("a dict of data holds 'train', and this one does not"),
            where=where,
            mend=message("its keys are: {keys}", keys=", ".join((*SETS, *FACTS))),
        )
    sets = {key: loaded[key] for key in SETS if loaded.get(key) is not None}
    classes = loaded.get("classes")
    return (
        sets,
        loaded.get("groups"),
        classes if classes is not None else _class_names(loaded["train"]),
    )


def _class_names(dataset: Any) -> Sequence[str] | None:
    """Return the classes that a Dataset names, as torchvision's do."""
    found = getattr(dataset, "classes", None)
    return found if _is_dataset(dataset) and isinstance(found, (list, tuple)) else None


def _is_dataset(value: Any) -> bool:
    """Return whether this is a Dataset: samples by number, and no array, list or tuple."""
    return (
        hasattr(value, "__getitem__")
        and hasattr(value, "__len__")
        and not isinstance(value, (tuple, list, Mapping, str, bytes))
        and not hasattr(value, "__array__")
    )


def _pair(value: Any, where: str) -> Pair:
    if _is_dataset(value):
        return _from_dataset(value, where)
    if hasattr(value, "__iter__") and not hasattr(value, "__len__"):
        raise DataError.of(
            message("data that can only be read once, in order, cannot be split"),
            where=where,
            mend=message("return arrays, or a Dataset with __len__ and __getitem__"),
        )
    if not isinstance(value, (tuple, list)) or len(value) != 2:
        raise DataError.of(
            message("neither (x, y) nor a Dataset: {type}", type=type(value).__name__),
            where=where,
            mend=message("return (x, y), a Dataset, or a dict with 'train'"),
        )
    x, y = value
    pair = Pair(_inputs(x, where), plain(y))
    if not len(pair):
        raise _no_sample(where)
    return pair


def _no_sample(where: str) -> DataError:
    mend = message("return at least one sample of each class")
    return DataError.of(message("there is no sample"), where=where, mend=mend)


def _from_dataset(dataset: Any, where: str) -> Pair:
    """Return every sample of a Dataset, read once; a few are read twice to see whether they stay.

    Random transforms inside would give validation other samples each time, and be drawn from
    generators that nobody controls.
    """
    n = len(dataset)
    if not n:
        raise _no_sample(where)
    items = [_item(dataset[number], where) for number in range(n)]
    for number in np.linspace(0, n - 1, min(n, READ_TWICE)).astype(int):
        again = _item(dataset[int(number)], where)
        if not _same(items[number], again):
            raise DataError.of(
                message("sample {number:,} differs when it is read twice", number=int(number)),
                where=where,
                why=message("the Dataset has random transforms inside"),
                mend=message("take them out; write them under recipe.augment instead"),
            )
    xs = [x for x, _ in items]
    return Pair(_collected(xs, where), [y for _, y in items])


def _item(sample: Any, where: str) -> tuple[Any, Any]:
    if isinstance(sample, (tuple, list)) and len(sample) >= 2:
        *inputs, target = sample
        x = plain(inputs[0]) if len(inputs) == 1 else {str(n): v for n, v in enumerate(inputs)}
        return x, _scalar(target)
    raise DataError.of(
        message("a sample of the Dataset is no pair (x, y) but {type}", type=type(sample).__name__),
        where=where,
        mend=message("return (x, y) from its __getitem__"),
    )


def _scalar(target: Any) -> Any:
    found = plain(target)
    return found.item() if isinstance(found, np.ndarray) and found.ndim == 0 else found


def _same(one: tuple[Any, Any], other: tuple[Any, Any]) -> bool:
    return all(
        np.array_equal(np.asarray(a), np.asarray(b), equal_nan=np.asarray(a).dtype.kind == "f")
        for a, b in zip(_leaves(one), _leaves(other), strict=True)
    )


def _leaves(value: Any) -> Iterator[Any]:
    if isinstance(value, Mapping):
        yield from (leaf for item in value.values() for leaf in _leaves(plain(item)))
    elif isinstance(value, tuple):
        yield from (leaf for item in value for leaf in _leaves(item))
    else:
        yield value


def _collected(samples: list[Any], where: str) -> Inputs:
    first = samples[0]
    if isinstance(first, Mapping):
        return {
            str(key): stacked([plain(sample[key]) for sample in samples], where) for key in first
        }
    return stacked(samples, where)


def _inputs(x: Any, where: str) -> Inputs:
    if isinstance(x, Mapping):
        return {str(key): array_of(value, where) for key, value in x.items()}
    if isinstance(x, tuple):
        return {str(number): array_of(value, where) for number, value in enumerate(x)}
    return array_of(x, where)


def _chained(raw: list[Any], where: str) -> Any:
    arrays = [np.asarray(values) for values in raw]
    kinds = {"text" if array.dtype.kind in "USO" else "numbers" for array in arrays}
    shapes = {array.shape[1:] for array in arrays}
    if len(kinds) > 1 or len(shapes) > 1:
        raise DataError.of(
            message("the targets of the given sets are not alike"),
            where=where,
            why=message("{shapes}", shapes=", ".join(f"{a.dtype} {a.shape}" for a in arrays)),
            mend=message("keep them of one type, and of one shape per sample"),
        )
    return np.concatenate(arrays)


def _named(inputs: Inputs) -> Iterator[tuple[str, NDArray[Any]]]:
    yield from inputs.items() if isinstance(inputs, Mapping) else [("", inputs)]


def _joined(parts: list[Inputs], where: str) -> Inputs:
    """Return the inputs of the sets one after the other."""
    if len(parts) == 1:
        return parts[0]
    named = [dict(_named(part)) for part in parts]
    for other in named[1:]:
        for key in named[0].keys() | other.keys():
            shapes = [_form(part[key]) if key in part else None for part in (named[0], other)]
            if shapes[0] != shapes[1]:
                raise DataError.of(
                    message("the samples of the given sets are not of one shape and kind"),
                    where=where,
                    why=message(
                        "one set has {one}, another {other}", one=shapes[0], other=shapes[1]
                    ),
                    mend=message("prepare all sets alike"),
                )
    joined: dict[str, Array] = {
        key: np.concatenate([part[key] for part in named]) for key in named[0]
    }
    return joined[""] if list(joined) == [""] else joined


def _check_length(array: NDArray[Any], wanted: int, key: str, where: str) -> None:
    if len(array) != wanted:
        raise DataError.of(
            message(
                "{what} holds {found:,} samples and y {wanted:,}",
                what=f"x[{key!r}]" if key else "x",
                found=len(array),
                wanted=wanted,
            ),
            where=where,
            mend=message("return one target per sample"),
        )


def _check_standardizable(arrays: Mapping[str, Array], where: str) -> None:
    """Raise DataError where standardizing would silently do nothing."""
    if len(arrays) == 1 and all(array.dtype != np.int64 for array in arrays.values()):
        return
    raise DataError.of(
        message("standardize: only one array of bytes or floats is standardized"),
        where=where,
        why=message(
            "there are: {inputs}",
            inputs=", ".join(f"{key or 'x'} ({array.dtype})" for key, array in arrays.items()),
        ),
        mend=message("turn whole numbers into floats; of several inputs, scale each by yourself"),
    )


def _form(array: NDArray[Any]) -> str:
    """Return the shape of one sample and the kind of its numbers, in words."""
    kind = {"b": "truth values", "f": "floats"}.get(array.dtype.kind, "whole numbers")
    return f"{array.shape[1:]} {'bytes' if array.dtype == np.uint8 else kind}"


def _grouped(groups: Any, train: int, n: int, where: str) -> NDArray[np.int64] | None:
    """Return a number per group for every sample; given sets are groups of their own."""
    if groups is None:
        return None
    labels = np.asarray(groups)
    if labels.ndim != 1 or len(labels) not in (train, n):
        raise DataError.of(
            message(
                "groups of shape {shape} for {train:,} training samples",
                shape=labels.shape,
                train=train,
            ),
            where=where,
            mend=message("give one label per training sample"),
        )
    found = np.full(n, -1, np.int64)
    found[: len(labels)] = np.unique(labels.astype(str), return_inverse=True)[1]
    return found
