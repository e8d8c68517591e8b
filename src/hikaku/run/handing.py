"""Which of the trials that are wanted go out together, where they are wanted one by one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property

from hikaku.execution.plan import Batch, Plan


@dataclass
class AsWanted:
    """Hands out trials of a plan in the order in which `begin` names them, until it names none.

    Those that can share a stack go together as long as they come one after the other.
    """

    plan: Plan
    begin: Callable[[], str | None]
    held: list[str] = field(default_factory=list)
    count: int = 0
    """Trials that went out."""

    @cached_property
    def batches(self) -> dict[str, Batch]:
        """The batch of each trial."""
        return self.plan.of

    def next(self, most: int) -> list[str]:
        """Return the trials that go out next, at most so many; none where none is wanted."""
        first = self.held.pop() if self.held else self.begin()
        if first is None:
            return []
        batch, keys = self.batches[first], [first]
        while len(keys) < min(batch.width, most):
            key = self.begin()
            if key is None:
                break
            if self.batches[key] is not batch:
                self.held.append(key)
                break
            keys.append(key)
        self.count += len(keys)
        return keys
