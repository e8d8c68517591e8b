"""The list of studies as pages show it: each entry of the store, and the run that is on its way."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime
from pathlib import Path

from hikaku.present.dashboard import Flight, Listed, Run
from hikaku.present.report import title
from hikaku.read.namesakes import told_apart
from hikaku.store.live import Live
from hikaku.store.remembered import Entry


def listing(entries: Sequence[Entry], live: Live | None, home: Path = Path()) -> tuple[Listed, ...]:
    """Return every study for the list; `home` is the store's folder."""
    names = told_apart([(entry.name, entry.folder) for entry in entries], home)
    return tuple(_one(entry, name, live) for entry, name in zip(entries, names, strict=True))


def _one(entry: Entry, name: str, live: Live | None) -> Listed:
    mine = live if live and (live.study, live.folder) == (entry.name, entry.folder) else None
    return Listed(
        entry.number, name, title(entry.question, ""), entry.arms, entry.trials, entry.done,
        _here(entry.last_run), _run(mine) if mine else None,
    )  # fmt: skip


def _here(written: str) -> str:
    """Return a time of the store's in this machine's zone, to the minute."""
    # A store may be anybody's: what is no time is shown as it is.
    with suppress(ValueError, OverflowError, OSError):
        return f"{datetime.fromisoformat(written).astimezone():%Y-%m-%d %H:%M}"
    return written


def _run(live: Live) -> Run:
    flights = tuple(
        Flight(
            one.arm, one.seed, min(1.0, max(0.0, one.step / one.steps)),
            {
                name.removeprefix("validation "): [
                    (step / one.per_epoch, value) for step, value in points
                ]
                for name, points in one.curves.items()
                if name.startswith("validation ")
            },
        )
        for one in live.running
    )  # fmt: skip
    return Run(live.total, live.at_most, live.ended, live.seconds, flights, live.left)
