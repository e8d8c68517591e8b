"""`studies` and `store size`: what the store holds."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

from hikaku.read.namesakes import told_apart
from hikaku.store.store import Store
from hikaku.words import Message, message


def study_list(store: str) -> list[dict[str, Any]]:
    """Return every study in the store as a plain row, the latest run first."""
    with Store.reading(store) as kept:
        return [asdict(row) for row in kept.studies()]


def study_lines(store: str) -> list[tuple[str, str, str]]:
    """Return what every study is called, how many trials it has, and its question."""
    with Store.reading(store) as kept:
        rows, home = kept.studies(), kept.address.database.parent
    names = told_apart([(row.name, row.folder) for row in rows], home)
    return [(name, str(row.trials), row.question) for name, row in zip(names, rows, strict=True)]


def store_size(store: str) -> Iterator[Message]:
    """Yield how much room the store takes, and what is in it."""
    with Store.reading(store) as kept:
        size = kept.size()
    yield message("{mib} MiB in {place}", mib=f"{size.bytes / 2**20:.1f}", place=kept.address)
    counts = size.counts
    yield message(
        "{studies} studies, {trials} trials, {records} records, {sheets} sheets",
        studies=counts.studies,
        trials=counts.trials,
        records=counts.records,
        sheets=counts.sheets,
    )
    if size.files:
        yield message(
            "{files} files of weights, {mib} MiB of it",
            files=size.files,
            mib=f"{size.file_bytes / 2**20:.1f}",
        )
