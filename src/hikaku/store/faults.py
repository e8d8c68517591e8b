"""What a database or file system says, in our words: every error of theirs becomes one of ours."""

from __future__ import annotations

import errno
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from hikaku.errors import HikakuError, Paused, StoreBusy, StoreError
from hikaku.store.address import Address, hidden
from hikaku.words import message

ROOM_MIB = 64
"""The records and sheets of a whole run's trials in flight take less than this."""
NONSENSE = (TypeError, ValueError, LookupError, AttributeError, ArithmeticError)
READ_ONLY = (errno.EROFS, errno.EACCES, errno.EPERM)


class Damaged(Exception):
    """The database is sound, but what it holds is nothing that was ever written."""


@contextmanager
def readable() -> Iterator[None]:
    """Raise Damaged where what was read makes no sense, for a decorated function that reads.

    SQLite gives back whatever type stands in a row, and a flipped bit changes that too.
    """
    try:
        yield
    except NONSENSE as error:
        raise Damaged(f"{type(error).__name__}: {error}") from error


@contextmanager
def translated(address: Address) -> Iterator[None]:
    """Raise what goes wrong inside as an error of ours that names the store.

    Paused where the disk is full, StoreBusy where another program holds the database, else
    StoreError.
    """
    try:
        yield
    except HikakuError as error:
        # A fault that does not say where it stands stands in this store.
        at = (replace(f, where=f.where or f"{address}:") for f in error.faults)
        raise type(error)(*at) from error.__cause__
    except (SQLAlchemyError, sqlite3.Error, OSError, Damaged) as error:
        raise _translation(error, address) from error


def _translation(error: Exception, address: Address) -> HikakuError:
    cause = error.orig if isinstance(error, DBAPIError) and error.orig else error
    said, number = str(cause), getattr(cause, "errno", None)
    where, why = f"{address}:", message("{reason}", reason=hidden(said))
    if number == errno.ENOSPC or "disk is full" in said:
        return _full(address)
    if number in READ_ONLY or "readonly" in said:
        return StoreError.of(
            message("the store cannot be written"), where=where, why=why,
            mend=message("allow writing there, or name another file with --store"),
        )  # fmt: skip
    if "locked" in said or "busy" in said:
        return StoreBusy.of(
            message("another program is writing to the store's database"), where=where, why=why,
            mend=message("close it and try again"),
        )  # fmt: skip
    if isinstance(cause, Damaged) or "malformed" in said or "not a database" in said:
        return StoreError.of(
            message("not a store, or a damaged one"), where=where, why=why,
            mend=message("put a sound copy there, or move the file away; nothing was changed"),
        )  # fmt: skip
    return StoreError.of(
        message("the store cannot be used"), where=where, why=why,
        mend=message("see to the file and its folder, or name another file with --store"),
    )  # fmt: skip


def _full(address: Address) -> HikakuError:
    folder = next(path for path in address.database.parents if path.exists())
    return Paused.of(
        message("the disk is full"),
        where=f"{address}:",
        why=message("{free} MiB are free", free=shutil.disk_usage(folder).free // 2**20),
        mend=message(
            "make {need} MiB of room; finished trials are kept, and the same command goes on",
            need=ROOM_MIB,
        ),
    )
