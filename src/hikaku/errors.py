"""What can go wrong, as one tree; each branch knows the exit code of the command it ends.

    HikakuError ................ 1   a bug of ours
    ├── StudyError ............. 2   the study, or how a command was called; nothing was trained
    ├── DataError .............. 3   a data file or data set
    ├── StoreError ............. 4   the store
    │   └── StoreBusy .......... 4   another run is writing to it
    ├── EnvironmentFault ....... 6   something on this machine is missing
    │   └── DeviceFault ........ 6   a device stopped computing
    └── Paused ................. 75  stopped before the plan was finished; the same command goes on

(5, "some trials failed", 130 and 143, "stopped by a signal", are ends of a run and not errors.)

An error carries all its faults at once, each in four parts: what, where, why, and how to mend it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Self

from hikaku.words import Message, message, say


@dataclass(frozen=True)
class Fault:
    """One thing that is wrong: what it is, where it stands, why it is wrong, how to mend it."""

    what: Message
    where: str = ""
    why: Message | None = None
    mend: Message | None = None

    def text(self, language: str = "en") -> str:
        """Return the fault as up to four lines."""
        lines = [f"{self.where} {say(self.what, language)}".strip()]
        if self.why:
            lines.append("  " + say(message("why: {why}", why=self.why), language))
        if self.mend:
            lines.append("  " + say(message("mend: {mend}", mend=self.mend), language))
        return "\n".join(lines)


class HikakuError(Exception):
    """Anything that hikaku can say about what went wrong; `faults` holds all of it."""

    exit_code = 1

    def __init__(self, *faults: Fault) -> None:
        self.faults = faults
        super().__init__(self.text())

    @classmethod
    def of(
        cls,
        what: Message,
        *,
        where: str = "",
        why: Message | None = None,
        mend: Message | None = None,
    ) -> Self:
        """Return the error with this one fault."""
        return cls(Fault(what, where, why, mend))

    @classmethod
    def gather(cls, faults: Iterable[Fault]) -> None:
        """Raise the error with all these faults, where there is at least one."""
        found = tuple(faults)
        if found:
            raise cls(*found)

    def text(self, language: str = "en") -> str:
        """Return every fault, one below the other."""
        return "\n".join(fault.text(language) for fault in self.faults)

    def __reduce__(self) -> tuple[type[HikakuError], tuple[Fault, ...]]:
        """Travel between processes by the faults, not by their text."""
        return type(self), self.faults


class StudyError(HikakuError):
    """The study, or the way a command was called, is wrong; nothing was trained."""

    exit_code = 2


class DataError(HikakuError):
    """A data file or data set cannot be used."""

    exit_code = 3


class StoreError(HikakuError):
    """The store cannot be read or written."""

    exit_code = 4


class StoreBusy(StoreError):
    """Another run is writing to the store."""


class EnvironmentFault(HikakuError):
    """Something on this machine, a package or a device, is missing."""

    exit_code = 6


class DeviceFault(EnvironmentFault):
    """A device stopped computing; the work itself may be right, and is tried once more."""


class Paused(HikakuError):
    """The run stopped before its plan was finished; the same command goes on."""

    exit_code = 75
