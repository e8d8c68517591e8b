"""What of happenings goes into the store: results, and the states from which trials can go on."""

from __future__ import annotations

from hikaku.execution.happenings import Ended, Happening, Retried
from hikaku.execution.orders import Doubted, Saved
from hikaku.record import Checkpoint
from hikaku.store.store import Store


def keep(kept: Store, happening: Happening) -> None:
    """Keep what has happened, as far as it is to outlive this process."""
    if isinstance(happening, Ended):
        kept.add(happening.measured)
        kept.kept.drop_part(happening.measured.outcome.key)
    elif isinstance(happening, Saved):
        save(kept, happening.checkpoint)
    elif isinstance(happening, Doubted):
        for state, why in happening.states:
            kept.distrust(state, why)
    elif isinstance(happening, Retried):
        kept.event(happening.key, "killed", happening.reason)


def save(kept: Store, state: Checkpoint) -> None:
    """Point to a new state of a trial; the files of those before the last two go."""
    part = kept.kept.part(state.key)
    for name in kept.checkpoint(state):
        (part / name).unlink(missing_ok=True)
