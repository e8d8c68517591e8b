"""`Purse`: what is left of a study's budget, over all its runs."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field

from hikaku.run.sizes import minutes_text
from hikaku.store.store import Store
from hikaku.study.budget import is_spent, left_of
from hikaku.study.study import Budget, Study
from hikaku.words import Message, message


@dataclass
class Purse:
    """What a study may still cost: nothing more begins when it is empty, and what runs ends.

    Minutes are those of a run from its first trial to its last, whatever number of workers it
    has; trials are those that were trained, not those that were there already.
    """

    study: Study
    kept: Store
    clock: Callable[[], float] = time.monotonic
    _since: float | None = None
    _seconds: float = field(init=False)
    _trials: int = field(init=False)

    def __post_init__(self) -> None:
        """Look up what earlier runs have cost."""
        bill = self.kept.bill(self.study)
        self._seconds, self._trials = bill.seconds, bill.trials

    def is_empty(self) -> bool:
        """Return whether no further trial may begin."""
        return is_spent(self.left, 0.0, 0)

    @property
    def left(self) -> Budget:
        """What may still begin."""
        running = self.clock() - self._since if self._since is not None else 0.0
        return left_of(self.study.budget, self._seconds + running, self._trials)

    def begin(self) -> None:
        """Hear that a trial begins."""
        if self._since is None:
            self._since = self.clock()
        self._trials += 1

    def ended(self, trials: int = 1) -> None:
        """Hear that trials have ended; what they cost is written down at once."""
        now = self.clock()
        spent = now - (self._since if self._since is not None else now)
        self._since = now
        self._seconds += spent
        self.kept.charge(self.study, spent, trials)

    def close(self) -> None:
        """Write down the time since the last end: what was cut off has cost it too."""
        if self._since is not None:
            self.ended(0)
            self._since = None

    @property
    def sentence(self) -> Message:
        """Say what is spent."""
        budget = self.study.budget
        if budget.trials is not None and self._trials >= budget.trials:
            return message(
                "the budget is spent: {trials} of {most} trials",
                trials=self._trials,
                most=budget.trials,
            )
        return message(
            "the budget is spent: {minutes} of {most} minutes",
            minutes=minutes_text(self._seconds / 60),
            most=f"{budget.minutes:g}",
        )
