"""What to do where a stack does not fit into a device's memory: halve it, never the batch."""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterator, Sequence

import torch

from hikaku.execution.widths import padded
from hikaku.training.stack import Start, Trained


def is_out_of_memory(error: BaseException) -> bool:
    """Return whether an error says that memory did not suffice, on a device or a processor."""
    if isinstance(error, (torch.OutOfMemoryError, MemoryError)):
        return True
    text = str(error)
    said = ("out of memory", "can't allocate memory", "CUBLAS_STATUS_ALLOC_FAILED")
    return isinstance(error, RuntimeError) and any(words in text for words in said)


Train = Callable[[Sequence[Start], int | None], Iterator[tuple[int, Trained]]]
"""Trains a stack of these trials, of this width where it is fixed."""


def fitted(
    train: Train, starts: Sequence[Start], width: int | None = None
) -> Iterator[tuple[int, Trained]]:
    """Yield each trial by its number in `starts`, of stacks as large as memory suffices for.

    Where memory gives out, the trials that have not ended are trained anew in halves, and a fixed
    width is halved as well; the batch stays as it is. An evaluation may so be heard of twice. A
    fixed width is part of the arithmetic: what `train` is told is what the trial was computed
    with. Raises what a stack of one raises.
    """
    waiting = [(tuple(range(len(starts))), width)]
    while waiting:
        numbers, wide = waiting.pop(0)
        ended: set[int] = set()
        try:
            for lane, trained in train([starts[number] for number in numbers], wide):
                ended.add(numbers[lane])
                yield numbers[lane], trained
            continue
        except (RuntimeError, MemoryError) as error:
            left = tuple(number for number in numbers if number not in ended)
            if not is_out_of_memory(error) or len(left) < 2:
                raise
        # Outside of the handler: the error holds the frames, and they hold the stack's memory.
        _release()
        half = -(-len(left) // 2)
        narrower = padded(half) if wide else None
        waiting[:0] = [(left[:half], narrower), (left[half:], narrower)]


def _release() -> None:
    gc.collect()
    if torch.cuda.is_available():
        torch.cuda.empty_cache()
