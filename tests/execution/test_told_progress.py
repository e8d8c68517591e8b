"""What a trial tells of how far it has come."""

from __future__ import annotations

from threading import Event

from tiny import job

from hikaku.execution.orders import Progress, Word
from hikaku.execution.together import run_together


def test_each_trial_tells_how_many_updates_its_own_epochs_have() -> None:
    found: set[tuple[str, int, int]] = set()

    def tell(word: Word) -> None:
        if isinstance(word, Progress):
            found.add((word.key, word.per_epoch, word.steps))

    for key, batch_size in (("few", 20), ("many", 8)):
        run_together([job(key=key, batch_size=batch_size, epochs=1)], tell, Event())
    assert found == {("few", 2, 2), ("many", 5, 5)}
