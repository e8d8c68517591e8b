"""`forget` and `prune`: what is thrown out of the store, and how much it was."""

from __future__ import annotations

from pathlib import Path

from hikaku.errors import StudyError
from hikaku.store.store import Store
from hikaku.store.writer import Removed
from hikaku.study.decode import load
from hikaku.study.syntax import is_file
from hikaku.words import Message, message


def forget(study: str, store: str) -> Message:
    """Delete a study and the trials that no other study has planned; return what went.

    `study` is a name in the store, whose studies go in every folder, or else the file of one
    study. Raises StudyError where the store holds no such study; a store is never made.
    """
    with Store.reading(store) as kept:
        known = [(row.name, row.folder) for row in kept.studies()]
    names = sorted({name for name, _ in known})
    name, folder = (study, None) if study in names else _of_file(study)
    if name not in names or (folder is not None and (name, folder) not in known):
        raise StudyError.of(
            message("the store has no study {name!r}", name=study),
            mend=message("its studies are: {names}", names=", ".join(names)) if names else None,
        )
    with Store.writing(store, wait=False) as kept:
        removed = kept.forget(name, folder)
    said = message(
        "{study} is forgotten: {trials} trials and {records} records deleted",
        study=name,
        trials=removed.trials,
        records=removed.records,
    )
    return _with_files(said, removed)


def prune(store: str) -> Message:
    """Delete the trials that no study uses any more; return what went. A store is never made."""
    with Store.reading(store) as kept:
        empty = not kept.size().counts.trials
    removed = Removed(0, 0)
    if not empty:
        with Store.writing(store, wait=False) as kept:
            removed = kept.prune()
    said = message(
        "{trials} trials and {records} records deleted that no study uses",
        trials=removed.trials,
        records=removed.records,
    )
    return _with_files(said, removed)


def _with_files(said: Message, removed: Removed) -> Message:
    if not removed.files:
        return said
    return message("{said}, and {files} files of weights", said=said, files=removed.files)


def _of_file(study: str) -> tuple[str, str | None]:
    if not is_file(Path(study)):
        return study, None
    asked = load(study)
    return asked.name, str(Path(asked.folder).resolve())
