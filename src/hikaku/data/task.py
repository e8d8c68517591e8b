"""`Task`: what is learnt from, as arrays; made by the readers, divided by `split`."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

Kind = Literal["classification", "regression"]
Inputs = NDArray[np.uint8] | NDArray[np.float32]
Targets = NDArray[np.int64] | NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class Task:
    """Samples and their targets, in the order of the source's files.

    `inputs` is (n, height, width), (n, channels, height, width) or (n, features), uint8 or
    float32, and may be memory-mapped; `targets` is (n,): int64 class numbers, or float32 values
    where `kind` is "regression" and `classes` is empty. The last `official_test` samples are the
    official test set (0: there is none). `scale` is the raw value that the model sees as 1.
    `fingerprint` is 32 hexadecimal digits over all of this but the name.
    """

    name: str
    inputs: Inputs
    targets: Targets
    kind: Kind
    classes: tuple[str, ...]
    official_test: int
    scale: float
    fingerprint: str

    @property
    def shape(self) -> tuple[int, ...]:
        """The shape of one model input: (channels, height, width) or (features,)."""
        one = self.inputs.shape[1:]
        return (1, *one) if len(one) == 2 else one

    def scaled(self, raw: Inputs) -> NDArray[np.float32]:
        """Return rows of `inputs` as the model sees them: float32, (n, *shape), contiguous."""
        x = np.divide(raw, np.float32(self.scale), dtype=np.float32)
        return np.ascontiguousarray(x.reshape(len(raw), *self.shape))


def fingerprint(task: Task) -> str:
    """Return the fingerprint of a task's contents; equal contents from other files share it."""
    meaning = (task.kind, task.classes, task.official_test, task.scale)
    sha = hashlib.sha256(repr(meaning).encode())
    for array in (task.inputs, task.targets):
        sha.update(repr((array.dtype.str, array.shape)).encode())
        sha.update(np.ascontiguousarray(array).data)
    return sha.hexdigest()[:32]
