"""`Job`: one trial to train, as it travels to a worker."""

from __future__ import annotations

from dataclasses import dataclass, field

from hikaku.execution.arithmetic import Arithmetic
from hikaku.study.study import Keep, Training

NOTHING = Keep(weights="none")


@dataclass(frozen=True)
class Job:
    """One trial to train, complete: a worker needs nothing else.

    `task` is the folder of the decoded data set (`data.cache.prepare`). `extra` are metrics beyond
    the standing ones that are read at every evaluation; one of the user's own is `file.py:name`,
    found from `folder`. `files` are the user's files that the trial reaches, from `folder`, each
    with the SHA-256 under which its key was made. What `keep` asks for of the weights is written
    into a folder of the trial's own under `keep_in`.
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
