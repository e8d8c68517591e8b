"""Where memory gives out the stack is halved, never the batch, and every trial still ends."""

from collections.abc import Iterator, Sequence

import pytest
import torch
from stacks import start

from hikaku.execution.lifted import Lifted
from hikaku.execution.memory_fit import fitted, is_out_of_memory
from hikaku.execution.widths import lanes_that_fit, padded
from hikaku.training.loop import train
from hikaku.training.stack import Start, Trained

GIB = 2**30


class Device:
    """Trains stacks of up to `room` trials; a larger one runs out of memory after some updates."""

    def __init__(self, room: int, error: type[BaseException] = torch.OutOfMemoryError) -> None:
        self.room, self.error = room, error
        self.tried: list[int] = []
        self.widths: list[int | None] = []
        self.batches: set[int] = set()

    def train(self, starts: Sequence[Start], width: int | None) -> Iterator[tuple[int, Trained]]:
        self.tried.append(len(starts))
        self.widths.append(width)
        self.batches |= {start.recipe.batch_size for start in starts}
        stack = Lifted(starts, width)
        for lane, trained in train(stack, starts, lambda lane, seen: None, 9):
            if len(starts) > self.room:
                raise self.error("CUDA out of memory. Tried to allocate 2.00 GiB")
            yield lane, trained


@pytest.mark.parametrize("error", [torch.OutOfMemoryError, RuntimeError, MemoryError])
def test_a_stack_that_does_not_fit_is_halved_until_it_does(error: type[BaseException]) -> None:
    starts = [start(seed) for seed in range(5)]
    device = Device(2, error)
    found = dict(fitted(device.train, starts))
    alone = dict(fitted(Device(5).train, starts))
    assert device.tried == [5, 3, 2, 1, 2]
    assert device.batches == {8}
    assert sorted(found) == [0, 1, 2, 3, 4]
    assert all(found[number].records == alone[number].records for number in found)


def test_a_fixed_width_is_halved_with_the_stack_and_told_to_who_trains() -> None:
    device = Device(2)
    found = dict(fitted(device.train, [start(seed) for seed in range(5)], width=8))
    assert sorted(found) == [0, 1, 2, 3, 4]
    assert device.tried == [5, 3, 2, 1, 2]
    assert device.widths == [8, 4, 2, 2, 4]


@pytest.mark.fault("C4")
def test_a_trial_that_does_not_fit_alone_is_an_error() -> None:
    with pytest.raises(torch.OutOfMemoryError):
        list(fitted(Device(0).train, [start(0), start(1)]))


def test_any_other_error_is_passed_on_at_once() -> None:
    def broken(starts: Sequence[Start], width: int | None) -> Iterator[tuple[int, Trained]]:
        raise RuntimeError("shapes do not fit")
        yield

    with pytest.raises(RuntimeError, match="shapes"):
        list(fitted(broken, [start(0), start(1)]))


def test_trials_that_have_ended_are_not_trained_again() -> None:
    seen: list[int] = []

    def late(starts: Sequence[Start], width: int | None) -> Iterator[tuple[int, Trained]]:
        seen.append(len(starts))
        for lane, trained in Device(9).train(starts, width):
            if len(starts) == 4 and lane == 2:
                raise torch.OutOfMemoryError("out of memory")
            yield lane, trained

    found = [number for number, _ in fitted(late, [start(seed) for seed in range(4)])]
    assert found == [0, 1, 2, 3]
    assert seen == [4, 1, 1]


def test_what_an_allocator_says_is_told_from_other_errors() -> None:
    assert is_out_of_memory(RuntimeError("DefaultCPUAllocator: can't allocate memory: 12 bytes"))
    assert not is_out_of_memory(RuntimeError("mat1 and mat2 shapes cannot be multiplied"))
    assert not is_out_of_memory(ValueError("out of memory"))


def test_widths_are_few_and_wide_enough() -> None:
    widths = [padded(lanes) for lanes in range(1, 40)]
    assert all(width >= lanes for lanes, width in enumerate(widths, start=1))
    assert sorted(set(widths)) == [2, 4, 8, 16, 24, 32, 40]


def test_the_lanes_that_fit_are_a_width_and_grow_with_memory() -> None:
    found = [lanes_that_fit(120_000, 2_000_000, memory * GIB // 8) for memory in range(1, 200)]
    assert found == sorted(found)
    assert all(lanes == 1 or padded(lanes) == lanes for lanes in found)
    assert lanes_that_fit(10**9, 10**9, GIB) == 1
    assert 4 * 10 * 120_000 * found[-1] < 25 * GIB
