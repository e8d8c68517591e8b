"""What a worker is asked to do, and what it tells: the values that go through its pipe."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import ClassVar, Protocol

from hikaku.errors import DataError, EnvironmentFault, HikakuError, StudyError
from hikaku.execution.job import AnyJob, Job
from hikaku.record import Measured
from hikaku.study.recipe import Use
from hikaku.study.study import Equal


@dataclass(frozen=True)
class Task:
    """What a worker is asked: to train the jobs as one stack, or only to try that it could (`dry`).

    Several are such as the planner puts together.
    """

    jobs: tuple[AnyJob, ...]
    dry: bool = False

    @property
    def job(self) -> AnyJob:
        """The first of them."""
        return self.jobs[0]


@dataclass(frozen=True)
class Load:
    """A worker is asked to run the user's function `file.py:name` and to keep what it returns."""

    blame: ClassVar[type[HikakuError]] = DataError
    use: Use
    folder: str

    def __str__(self) -> str:
        """Return what is being run."""
        return f"data: {self.use.name}"


@dataclass(frozen=True)
class Find:
    """A worker is asked which device of this kind ("cuda", "mps") there is; it answers its name."""

    blame: ClassVar[type[HikakuError]] = EnvironmentFault
    device: str

    def __str__(self) -> str:
        """Return what is being looked for."""
        return f"device: {self.device}"


@dataclass(frozen=True)
class Gauge:
    """A worker is asked what one update of a job costs, in "flops" or "seconds": a number."""

    blame: ClassVar[type[HikakuError]] = StudyError
    job: Job
    what: Equal

    def __str__(self) -> str:
        """Return what is being measured."""
        return f"equal: {self.what} of an update"


@dataclass(frozen=True)
class Survey:
    """A worker is asked what kind of an arm a job's is: a `training.survey.Survey`, as JSON."""

    blame: ClassVar[type[HikakuError]] = StudyError
    job: Job

    def __str__(self) -> str:
        """Return what is being looked at."""
        return f"plan: {self.job.work.model.name}"


@dataclass(frozen=True)
class Peak:
    """A worker is asked how many operations a second it makes where nothing holds it up."""

    blame: ClassVar[type[HikakuError]] = EnvironmentFault

    def __str__(self) -> str:
        """Return what is being measured."""
        return "peak: products of large matrices"


Question = Load | Find | Gauge | Survey | Peak
Order = Task | Question


@dataclass(frozen=True)
class Ready:
    """A worker has started."""


@dataclass(frozen=True)
class Progress:
    """A trial has come this far."""

    key: str
    step: int
    steps: int


@dataclass(frozen=True)
class Result:
    """A trial of a task has ended; others may go on."""

    measured: Measured


@dataclass(frozen=True)
class Finished:
    """A task is done, or another order: then `answer` is what was asked for, as text."""

    answer: str = ""


@dataclass(frozen=True)
class Refused:
    """A task failed with an error that hikaku can explain."""

    error: HikakuError


@dataclass(frozen=True)
class Raised:
    """A task failed with an exception; `text` is its traceback, `summary` its last line."""

    summary: str
    text: str


@dataclass(frozen=True)
class Lost:
    """The worker itself died; `code` is its exit code, negative for a signal."""

    code: int


Event = Ready | Progress | Result | Finished | Refused | Raised | Lost


class Hand(Protocol):
    """Whoever does one task at a time: a worker process, or this one."""

    task: Order | None

    def give(self, task: Order) -> None:
        """Take a task; it must have none."""
        ...


class Pool(Protocol):
    """Hands that work at once; each is free again when it has told how its task ended."""

    @property
    def all(self) -> Sequence[Hand]:
        """Every hand."""
        ...

    def grow(self, count: int) -> None:
        """Have `count` hands, where that is possible."""
        ...

    def free(self) -> Sequence[Hand]:
        """Return those that have no task."""
        ...

    def events(self, timeout: float) -> Iterator[tuple[Hand, Event]]:
        """Yield what was told, waiting for it at most so many seconds."""
        ...

    def close(self) -> None:
        """End every hand."""
        ...
