"""`Address`: where a store lies, and the lock and the folder that are named after it."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from itertools import count
from pathlib import Path

from sqlalchemy.engine import make_url
from sqlalchemy.exc import SQLAlchemyError

from hikaku.errors import StoreError
from hikaku.study.places import DEFAULT_STORE
from hikaku.words import message

OWN_FOLDER, OWN_FILE = 0o700, 0o600
"""Who may enter and read what a store makes: its owner, until they let others."""


@dataclass(frozen=True)
class Address:
    """A database file by its absolute path, links resolved, so that one store has one lock."""

    database: Path

    def __str__(self) -> str:
        """Return the path of the database."""
        return str(self.database)

    @property
    def lock(self) -> Path:
        """The lock file beside the database: `store.lock` for `store.db`."""
        return self._beside(".lock")

    @property
    def files(self) -> Path:
        """The folder beside the database for what is too large for it: `store.files`."""
        return self._beside(".files")

    @property
    def logs(self) -> Path:
        """The folder beside the database for what trials print: `store.logs`."""
        return self._beside(".logs")

    @property
    def live(self) -> Path:
        """The file beside the database that says how far a run is: `store.live`."""
        return self._beside(".live")

    def backup(self, version: int) -> Path:
        """Return where to keep the store as it is with tables of this version: nothing lies there.

        It is `store.db.v1-backup`, or `store.db.v1-backup-2` and so on.
        """
        return _free(self.database.with_name(f"{self.database.name}.v{version}-backup"))

    def rescued(self) -> Path:
        """Return where to write a store whose place another file has taken: nothing lies there."""
        return _free(self._beside(".rescued.db"))

    def _beside(self, ending: str) -> Path:
        # Only `.db` is dropped, or `a.db` and `a.sqlite` would share one lock.
        return self.database.with_name(self.database.name.removesuffix(".db") + ending)


def _free(first: Path) -> Path:
    names = (first if n == 1 else first.with_name(f"{first.name}-{n}") for n in count(1))
    return next(path for path in names if not os.path.lexists(path))


def locate(text: str | Path = DEFAULT_STORE) -> Address:
    """Return the address that `--store` names: a path, or a URL such as `sqlite:///my.db`.

    Raises StoreError for a URL of another kind; it is not repeated, for it may hold a password.
    """
    if "://" not in str(text):
        return Address(Path(text).expanduser().resolve())
    try:
        url = make_url(str(text))
    except (SQLAlchemyError, ValueError):
        raise StoreError.of(
            message("--store: not the URL of a database"),
            mend=message('write a path, or "sqlite:///" and a path'),
        ) from None
    if url.get_backend_name() != "sqlite" or url.database in (None, "", ":memory:"):
        raise StoreError.of(
            message("--store: not yet a store in {kind}", kind=url.drivername),
            why=message("only a SQLite file can be a store until now"),
            mend=message('write a path, or "sqlite:///" and a path'),
        )
    return Address(Path(str(url.database)).expanduser().resolve())


def own(file: Path) -> None:
    """Make the file where there is none, for its owner alone; SQLite gives its own the same."""
    if not file.exists():
        file.touch(OWN_FILE)


def hidden(text: str) -> str:
    """Return the text with the passwords of all URLs in it hidden."""
    text = re.sub(r"(://[^/\s:@]*):\S*@", r"\1:***@", text)
    return re.sub(r"(passw(?:or)?d=)[^&\s]+", r"\1***", text)
