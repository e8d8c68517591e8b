"""`forget` and `prune`: what is thrown out of the store, and how much it was."""

from __future__ import annotations

from hikaku.store.store import Store
from hikaku.words import Message, message


def forget(study: str, store: str) -> Message:
    """Delete a study and the trials that no other study has planned; return what went."""
    with Store.writing(store, wait=False) as kept:
        removed = kept.forget(study)
    return message(
        "{study} is forgotten: {trials} trials and {records} records deleted",
        study=study,
        trials=removed.trials,
        records=removed.records,
    )


def prune(store: str) -> Message:
    """Delete the trials that are in no study's current plan; return what went."""
    with Store.writing(store, wait=False) as kept:
        removed = kept.prune()
    return message(
        "{trials} trials and {records} records deleted that no study uses",
        trials=removed.trials,
        records=removed.records,
    )
