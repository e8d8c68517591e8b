"""Tar archives of data: their files are copied out for as long as another reader needs them."""

from __future__ import annotations

import shutil
import tarfile
import tempfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path, PurePosixPath

from hikaku.data.readers.contents import CHUNK, bomb, stamp, unpacked_at_most, unreadable
from hikaku.errors import DataError
from hikaku.words import message

KEPT = (".bin", ".txt", ".data")
"""How the names of members end that are copied; nothing else in an archive is looked at."""


@contextmanager
def unpacked(archive: Path) -> Iterator[Path]:
    """Copy the data and texts of a tar archive out of it for a while; yield their folder.

    Its names of folders, its links and its rights are not taken over. Raises DataError where the
    archive is damaged, or holds more than it may.
    """
    left = unpacked_at_most(stamp(archive)[1])
    with tempfile.TemporaryDirectory(prefix="hikaku-") as folder:
        try:
            with tarfile.open(archive) as tar:
                for member in tar:
                    name = PurePosixPath(member.name).name
                    if not member.isfile() or not name.endswith(KEPT):
                        continue
                    left -= member.size
                    stream = tar.extractfile(member)
                    if left < 0 or stream is None:
                        raise bomb(archive, stamp(archive)[1])
                    with stream, (Path(folder) / name).open("wb") as copy:
                        shutil.copyfileobj(stream, copy)
                while tar.fileobj and tar.fileobj.read(CHUNK):
                    pass  # the checksum is compared at the end
        except OSError as error:
            raise unreadable(archive, error) from error
        except (tarfile.TarError, EOFError, zlib.error) as error:
            raise DataError.of(
                message("this is no whole tar archive: {error}", error=error),
                where=f"{archive}:",
                mend=message("fetch the file again"),
            ) from error
        try:
            yield Path(folder)
        except DataError as error:  # by then the folder has gone; the archive is what is wrong
            raise DataError(
                *(replace(f, where=f.where.replace(folder, str(archive))) for f in error.faults)
            ) from error
