"""`Job`: one trial to train, as it travels to a worker; `OutsideJob`: one that others train."""

from __future__ import annotations

from dataclasses import dataclass, field

from hikaku.execution.arithmetic import Arithmetic, OutsideArithmetic
from hikaku.record import Checkpoint
from hikaku.study.study import Keep, Metric, Outside, Training

NOTHING = Keep(weights="none")


@dataclass(frozen=True)
class Job:
    """One trial to train, complete: a worker needs nothing else.

    `task` is the folder of the decoded data set (`data.cache.prepare`). `extra` are metrics beyond
    the standing ones that are read at every evaluation; one of the user's own is `file.py:name`,
    found from `folder`; `LAST_BATCH` among them asks for that reading. `files` are the user's files
    that the trial reaches, from `folder`, each with the SHA-256 under which its key was made. What
    `keep` asks for of the weights is written into a folder of the trial's own under `keep_in`. Jobs
    of equal `kind`, where it is known, differ in seed, first weights and mere numbers alone. A
    trial that was interrupted has `saved`, the states from which it can go on, the newest first.
    """

    key: str
    work: Training
    seed: int
    task: str
    folder: str = "."
    extra: tuple[str, ...] = ()
    files: tuple[tuple[str, str], ...] = ()
    arithmetic: Arithmetic = field(default_factory=Arithmetic)
    keep: Keep = NOTHING
    keep_in: str = ""
    kind: str = ""
    saved: tuple[Checkpoint, ...] = ()

    @property
    def update(self) -> int:
        """How many updates are behind it."""
        return self.saved[0].step if self.saved else 0


@dataclass(frozen=True)
class OutsideJob:
    """One trial that a function or command of the user's trains, complete.

    What it reports must hold the `judged` figure. `files` are as in `Job`.
    """

    key: str
    work: Outside
    seed: int
    judged: Metric
    folder: str = "."
    files: tuple[tuple[str, str], ...] = ()

    @property
    def arithmetic(self) -> OutsideArithmetic:
        """What is known of how it is computed."""
        return OutsideArithmetic(self.work.resources.cpus, self.work.resources.gpus)


AnyJob = Job | OutsideJob
