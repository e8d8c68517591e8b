"""Finds a data set's files: under `HIKAKU_DATA`, among those fetched before, or at its address."""

from __future__ import annotations

import os
from pathlib import Path

from hikaku.data.builtin import Builtin
from hikaku.data.task import Progress
from hikaku.errors import DataError, HikakuError
from hikaku.words import Message, message


def cache_folder() -> Path:
    """Return where fetched and decoded data are kept: `HIKAKU_CACHE`, else the user's cache."""
    named = os.environ.get("HIKAKU_CACHE")
    if named:
        return Path(named).expanduser().resolve()
    from platformdirs import user_cache_dir

    return Path(user_cache_dir("hikaku"))


def locate(entry: Builtin, progress: Progress | None = None) -> tuple[Path, ...]:
    """Return the paths of the data set's files, in its order, fetching those that are missing.

    Files under `HIKAKU_DATA`/name, gzipped or not, are taken as they are: the reader checks what
    is in them. Fetched files have passed their checksum, and stand under their name only then.
    Raises DataError where files are missing, cannot be fetched, or fail their checksum.
    """
    named = os.environ.get("HIKAKU_DATA")
    for folder, names in {entry.name: tuple(entry.files), **entry.also}.items():
        own = Path(named).expanduser().resolve() / folder if named else None
        if own and names and own.is_dir():
            return _own(names, own)
    return tuple(_fetched(entry, name, progress) for name in entry.files)


def _own(names: tuple[str, ...], folder: Path) -> tuple[Path, ...]:
    found: list[Path] = []
    missing: list[str] = []
    for name in names:
        either = [folder / name, folder / name.removesuffix(".gz")]
        here = [path for path in either if path.exists()]
        found += here[:1]
        missing += [] if here else [name]
    if missing:
        raise DataError.of(
            message("missing: {files}", files=", ".join(missing)),
            where=f"{folder}:",
            mend=message("put them there, gzipped or not, or remove the folder to fetch them"),
        )
    return tuple(found)


def _fetched(entry: Builtin, name: str, progress: Progress | None) -> Path:
    folder = cache_folder() / "fetched" / entry.name
    path = folder / name
    if path.is_file():
        return path
    import pooch
    from requests.exceptions import RequestException

    # Its lines on standard error would break the progress that the caller shows.
    pooch.get_logger().setLevel("WARNING")
    bar = _Bar(name, progress) if progress else False
    try:
        pooch.retrieve(
            url=entry.source + name,
            known_hash=entry.files[name],
            fname=name,
            path=folder,
            downloader=pooch.HTTPDownloader(progressbar=bar, chunk_size=2**16),
        )
    except RequestException as error:
        raise _unreachable(entry, name, error) from error
    except ValueError as error:
        raise DataError.of(
            message("the file that came has another checksum than the published one"),
            where=f"{entry.source}{name}:",
            why=message("{reason}", reason=str(error)),
            mend=_by_hand(entry),
        ) from error
    except OSError as error:
        raise unwritable(folder, error) from error
    return path


def unwritable(folder: Path, error: OSError) -> HikakuError:
    """Return the error that says the cache cannot be written."""
    return DataError.of(
        message("the cache of data sets cannot be written"),
        where=f"{folder}:",
        why=message("{reason}", reason=error.strerror or str(error)),
        mend=message("set HIKAKU_CACHE to a folder with room that can be written"),
    )


def _unreachable(entry: Builtin, name: str, error: Exception) -> HikakuError:
    return DataError.of(
        message("cannot reach {url}", url=entry.source + name),
        why=message("{reason}", reason=str(error)),
        mend=_by_hand(entry),
    )


def _by_hand(entry: Builtin) -> Message:
    return message(
        "try again, or set HIKAKU_DATA to a folder and put the files under HIKAKU_DATA/{name}: "
        "{files}",
        name=entry.name,
        files=", ".join(entry.files),
    )


class _Bar:
    """What pooch takes for a progress bar: it sets `total`, then calls these three."""

    def __init__(self, name: str, progress: Progress) -> None:
        self.name, self.progress = name, progress
        self.total, self.received = 0, 0

    def update(self, count: int) -> None:
        self.received += count
        # Pooch counts whole chunks, also for the last one.
        received = min(self.received, self.total) if self.total else self.received
        self.progress(self.name, received, self.total)

    def reset(self) -> None:
        self.received = 0

    def close(self) -> None:
        """Nothing is held open."""
