"""A simulated device: records every operation of a program by address, and replays it on the CPU.

As on a real one, Python numbers are those of the recording, tensors are places in memory, and
what asks the host for a number cannot be recorded.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import Tensor
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves

ASKS = ("_local_scalar_dense", "is_nonzero", "nonzero", "equal", "item")


class Recorder(TorchDispatchMode):
    def __init__(self) -> None:
        super().__init__()
        self.calls: list[tuple[Any, tuple[Any, ...], dict[str, Any], Any]] = []
        self.made: set[int] = set()
        self.before: dict[int, tuple[Tensor, Tensor]] = {}

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        if func.overloadpacket.__name__ in ASKS:
            raise RuntimeError(f"operation not permitted when stream is capturing: {func}")
        given = [value for value in tree_leaves((args, kwargs)) if tensor(value)]
        if func._schema.is_mutable:
            self._keep(given)
        result = func(*args, **(kwargs or {}))
        known = {place(value) for value in given}
        self.made |= {place(v) for v in tree_leaves(result) if tensor(v) and place(v) not in known}
        self.calls.append((func, args, kwargs or {}, result))
        return result

    def _keep(self, given: list[Tensor]) -> None:
        for value in given:
            if place(value) not in self.made | self.before.keys():
                whole = torch.empty(0, dtype=value.dtype).set_(value.untyped_storage())
                self.before[place(value)] = whole, whole.clone()

    def undo(self) -> None:
        """What is recorded is not run: put back what it has written to."""
        for whole, kept in self.before.values():
            whole.copy_(kept)

    def replay(self) -> None:
        for func, args, kwargs, result in self.calls:
            given = {place(value) for value in tree_leaves((args, kwargs)) if tensor(value)}
            again = func(*args, **kwargs)
            for old, new in zip(tree_leaves(result), tree_leaves(again), strict=True):
                if tensor(old) and place(old) not in given:
                    old.copy_(new)


def tensor(value: object) -> bool:
    return isinstance(value, Tensor)


def place(value: Tensor) -> int:
    return value.untyped_storage().data_ptr()


@dataclass
class Simulated:
    """A `Capture` on the CPU; `recordings` and `replays` count what was asked of it."""

    recordings: int = 0
    replays: int = 0
    operations: list[str] = field(default_factory=list)

    def __call__(
        self, rehearsal: Callable[[], object], program: Callable[[], list[Tensor]]
    ) -> tuple[Callable[[], None], list[Tensor]]:
        rehearsal()
        recorder = Recorder()
        with recorder:
            results = program()
        recorder.undo()
        self.recordings += 1
        self.operations = [str(func) for func, *_ in recorder.calls]

        def replay() -> None:
            self.replays += 1
            with torch.no_grad():
                recorder.replay()

        return replay, results
