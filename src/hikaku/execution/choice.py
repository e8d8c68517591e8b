"""Which arithmetic a study is computed by."""

from __future__ import annotations

from contextlib import closing

from hikaku.execution.arithmetic import Arithmetic
from hikaku.execution.orders import Find
from hikaku.execution.workers import Workers, answered


def choose(device: str) -> Arithmetic:
    """Return the arithmetic of a study that asks for this device, "auto" or a kind.

    "auto" is the processor, on every machine: many small trainings side by side are what a study
    is made of, and a rule that looked at what is plugged in would give one study other numbers on
    another day. Raises `EnvironmentFault` where the device is not there.
    """
    if device in ("auto", "cpu"):
        return Arithmetic()
    with closing(Workers(1)) as pool:
        return Arithmetic(device=answered(pool, Find(device)))
