"""Whether a trial goes on: found from what its training tells.

A thread beside the training would go on telling that all is well. A process that is silent and
computes may be reading a large test set, and has longer than one that waits. Only time that the
supervisor has itself looked on counts: after a suspended night, a stopped terminal or a jump of
the clock, nobody is late.
"""

from __future__ import annotations

import signal
from collections import deque
from dataclasses import dataclass
from statistics import median

from hikaku.execution.orders import Beat, Event
from hikaku.execution.process import DUMP

STRIDE = 5.0
"""Seconds: between two looks no more has passed. Who looks later has been held up too."""

DUMP_SECONDS = 2.0
"""So long a process may take to print where it stands before it is ended. Workers do not heed
SIGTERM, which the system sends to all at once when a run is to end; and who hangs saves nothing.
"""

GAPS = 101
"""The newest intervals between two updates told of; their median is the trial's own pace."""


@dataclass(frozen=True)
class Patience:
    """How long a trial may be silent, in seconds.

    `seconds`, or `times` the usual time between two updates where that is longer; until the first
    is told of, `start`: data are read and a model is built. All that is `busy` times as long for a
    process that computes.
    """

    seconds: float = 300.0
    times: float = 20.0
    start: float = 3600.0
    busy: float = 12.0


class Watchdog:
    """Says when a trial hangs, and with which signal to end its process."""

    def __init__(self, patience: Patience) -> None:
        self.patience = patience
        self.silence = 0.0
        self._late = 0.0
        self._gaps: deque[float] = deque(maxlen=GAPS)
        self._has_begun = False
        self._sent = 0

    @property
    def limit(self) -> float:
        """Seconds for which it may be silent now."""
        if not self._has_begun:
            return self.patience.start
        pace = median(self._gaps) if self._gaps else 0.0
        return max(self.patience.seconds, self.patience.times * pace)

    @property
    def is_late(self) -> bool:
        """Whether it has been found to hang."""
        return self._sent > 0

    def heard(self, event: Event) -> None:
        """Note that its training has told something."""
        if isinstance(event, Beat):
            if self._has_begun:
                self._gaps.append(self.silence)
            self._has_begun = True
        self.silence, self._late, self._sent = 0.0, 0.0, 0

    def look(self, passed: float, *, computes: bool) -> signal.Signals | None:
        """Return the signal that is due after `passed` more seconds, each once; mostly none.

        First the one that has a process say where it stands, then SIGKILL.
        """
        passed = min(passed, STRIDE)
        self.silence += passed
        self._late += passed / (self.patience.busy if computes and not self._sent else 1.0)
        waits = (0.0, DUMP_SECONDS)
        if self._sent < len(waits) and self._late >= self.limit + waits[self._sent]:
            self._sent += 1
            return (DUMP, signal.SIGKILL)[self._sent - 1]
        return None
