"""What a worker is asked to do, and what it tells: the values that go through its pipe."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import ClassVar, Protocol

from hikaku.errors import DataError, EnvironmentFault, HikakuError, StudyError
from hikaku.execution.job import AnyJob, Job
from hikaku.record import Checkpoint, Measured
from hikaku.study.recipe import Use
from hikaku.study.study import Equal
from hikaku.words import Message

UNKNOWN = 255
"""The exit code of a worker whose fork server has died: nobody knows how the worker ended."""


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
    """A worker is asked what kind of an arm a job's is: a `training.survey.Survey`, as JSON.

    `lifts`: a stack of it is tried too, which takes longer.
    """

    blame: ClassVar[type[HikakuError]] = StudyError
    job: Job
    lifts: bool = True

    def __str__(self) -> str:
        """Return what is being looked at."""
        return f"plan: {self.job.work.model.name}"


@dataclass(frozen=True)
class Verify:
    """A worker is asked what a few updates of a job leave, from halfway on: see `verify`."""

    blame: ClassVar[type[HikakuError]] = StudyError
    job: Job

    def __str__(self) -> str:
        """Return what is being tried."""
        return "verify-resume"


@dataclass(frozen=True)
class Peak:
    """A worker is asked how many operations a second it makes where nothing holds it up."""

    blame: ClassVar[type[HikakuError]] = EnvironmentFault

    def __str__(self) -> str:
        """Return what is being measured."""
        return "peak: products of large matrices"


@dataclass(frozen=True)
class Park:
    """A worker is asked to save what it trains, and to end its task."""


Question = Load | Find | Gauge | Survey | Verify | Peak
Order = Task | Question


@dataclass(frozen=True)
class Ready:
    """A worker has started."""


@dataclass(frozen=True)
class Progress:
    """A trial has come this far; `scores` is what was read there, by split and metric.

    Of its `steps`, an epoch has `per_epoch`.
    """

    key: str
    step: int
    steps: int
    scores: Mapping[str, float] = field(default_factory=dict)
    per_epoch: int = 1


@dataclass(frozen=True)
class Beat:
    """A trial goes on: it has just made this update. Told at most once a second."""

    key: str
    step: int


@dataclass(frozen=True)
class Saved:
    """The state of a trial has reached the disk."""

    checkpoint: Checkpoint


@dataclass(frozen=True)
class Unsaved:
    """A trial goes on, and cannot be saved on its way; `why` says what stands against it."""

    key: str
    why: str


@dataclass(frozen=True)
class Result:
    """A trial of a task has ended; others may go on."""

    measured: Measured


@dataclass(frozen=True)
class Finished:
    """A task is done, or another order: then `answer` is what was asked for, as text."""

    answer: str = ""


@dataclass(frozen=True)
class Parked:
    """A task has ended because it was asked to; its trials are saved, if they had begun."""


@dataclass(frozen=True)
class Doubted:
    """A task has ended before it began: from these states, (state, why), no trial can go on."""

    states: tuple[tuple[Checkpoint, str], ...]


@dataclass(frozen=True)
class Refused:
    """A task failed with an error that hikaku can explain."""

    error: HikakuError


@dataclass(frozen=True)
class Raised:
    """A task failed with an exception; `text` is its traceback, `summary` its last line.

    `log` is the path of what was printed meanwhile, "" where it is not kept.
    """

    summary: str
    text: str
    log: str = ""


@dataclass(frozen=True)
class Lost:
    """The worker itself died; `code` is its exit code, negative for a signal.

    `why` is what is known of it beside that; `log` is as in `Raised`.
    """

    code: int
    why: Message | None = None
    log: str = ""

    @property
    def is_forced(self) -> bool:
        """Whether it was ended from outside, as far as anybody knows."""
        return self.code < 0 or self.code == UNKNOWN


Word = Progress | Beat | Saved | Unsaved | Result
"""What is told while a task goes on."""
Event = Ready | Word | Finished | Parked | Doubted | Refused | Raised | Lost


class Hand(Protocol):
    """Whoever does one task at a time: a worker process, or this one."""

    task: Order | None

    def give(self, task: Order) -> None:
        """Take a task; it must have none."""
        ...

    def park(self) -> None:
        """Have the task saved and ended: it is told as `Parked`, or as what it comes to."""
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
