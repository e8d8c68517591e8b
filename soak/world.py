"""The studies that are killed: real studies in a folder of their own, with real stores."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from hikaku.durable import PART
from hikaku.run.identify import Identified, identify
from hikaku.study.decode import from_mapping
from hikaku.study.study import Engine, Study


@dataclass(frozen=True)
class World:
    """A study, where its store lies, and the keys of all its trials.

    Where its trials are `known` already, runs do not look for its data again.
    """

    folder: Path
    study: Study
    keys: frozenset[str]
    engine: Engine = "plain"
    known: Identified | None = None
    weights: int = 0
    """So many files of weights stay, at least."""

    @property
    def store(self) -> Path:
        """The database."""
        return self.folder / "store.db"

    @property
    def files(self) -> Path:
        """The folder of its files."""
        return self.folder / "store.files"

    def is_written_by(self, pid: int) -> bool:
        """Return whether this process has the database open for writing."""
        with suppress(OSError):
            for handle in Path(f"/proc/{pid}/fd").iterdir():
                if handle.readlink() == self.store:
                    flags = Path(f"/proc/{pid}/fdinfo/{handle.name}").read_text().split()[3]
                    if int(flags, 8) & os.O_ACCMODE:
                        return True
        return False

    def state(self, key: str, file: str) -> Path:
        """Return a file of the state of a trial that has not ended."""
        return self.files / f"{key}{PART}" / file

    def remove(self) -> None:
        """Delete all of it."""
        shutil.rmtree(self.folder)


def stub_world(seeds: int, number: int) -> World:
    """Return a new study of three arms over so many seeds; other numbers are other trials."""
    study = _study(range(number * 100, number * 100 + seeds), epochs=2)
    known = identify(study)
    return World(Path(study.folder), study, frozenset(known.trials), "plain", known)


def real_world(engine: Engine, keys: Iterable[str] = (), looked: Path | None = None) -> World:
    """Return a new study of three arms over six seeds, whose trials have these keys.

    Its store begins as a copy of one in which its arms have been looked at, where that is given.
    """
    study = _study(range(6), epochs=8)
    world = World(Path(study.folder), study, frozenset(keys), engine, weights=len(study.arms))
    if looked:
        shutil.copy(looked, world.store)
    return world


def _study(seeds: range, epochs: int) -> Study:
    return from_mapping(
        {
            "format": 1,
            "question": "Is anything lost?",
            "metric": "accuracy",
            "worth": 0.01,
            "seeds": list(seeds),
            "model": "mlp",
            "data": {"use": "digits", "train": 100, "validation": 50},
            "recipe": {"epochs": epochs, "optimizer": {"use": "adam", "lr": 0.01}},
            "variant": [
                {"name": f"rate-{rate}", "optimizer": {"use": "adam", "lr": rate}}
                for rate in (0.02, 0.03)
            ],
        },
        name="soak",
        folder=Path(tempfile.mkdtemp(prefix="soak-")),
    )
