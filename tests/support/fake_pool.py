"""Workers that do what a test says, and the jobs and results that go to and fro."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

from tiny import job

from hikaku.execution.job import AnyJob, Job
from hikaku.execution.orders import Event, Order, Result, Task
from hikaku.record import Measured, Outcome

Behaviour = Callable[[Sequence[str]], Sequence[Event]]
"""What a worker tells of a task of these keys, to its end."""


class FakeHand:
    """A worker that does what a test says."""

    def __init__(self) -> None:
        self.task: Order | None = None
        self.parked = False

    def park(self) -> None:
        self.parked = True

    def give(self, task: Order) -> None:
        assert self.task is None
        self.task = task


class FakePool:
    """Hands that tell all of a task at once."""

    def __init__(self, behaves: Behaviour, hands: int = 1) -> None:
        self.all = [FakeHand() for _ in range(hands)]
        self.behaves = behaves
        self.given: list[tuple[str, ...]] = []

    def grow(self, count: int) -> None: ...

    def close(self) -> None: ...

    def free(self) -> list[FakeHand]:
        return [hand for hand in self.all if hand.task is None]

    def events(self, timeout: float) -> Iterator[tuple[FakeHand, Event]]:
        for hand in self.all:
            if isinstance(hand.task, Task):
                keys = tuple(one.key for one in hand.task.jobs)
                self.given.append(keys)
                hand.task = None
                for event in self.behaves(keys):
                    yield hand, event


def result(key: str) -> Result:
    outcome = Outcome(
        key=key,
        status="done",
        step=1,
        epoch=1,
        steps_per_epoch=1,
        parameters=1,
        arithmetic="",
        environment="",
    )
    return Result(Measured(outcome))


def jobs_of(keys: str) -> list[Job]:
    one = job()
    return [replace(one, key=key) for key in keys]


def handing(*stacks: Sequence[AnyJob]) -> Callable[[], Sequence[AnyJob]]:
    waiting = iter(stacks)
    return lambda: next(waiting, ())
