"""Whether a user's files are still those that a trial's key was made from."""

from __future__ import annotations

from hashlib import sha256
from pathlib import Path

from hikaku.errors import Paused
from hikaku.execution.job import AnyJob
from hikaku.words import message


def check_files(job: AnyJob) -> None:
    """Raise `Paused` where a file of the user's has changed since the job's key was made."""
    for file, digest in job.files:
        path = Path(job.folder) / file
        if not path.is_file() or sha256(path.read_bytes()).hexdigest() != digest:
            raise Paused.of(
                message("{file} changed while the run went on", file=file),
                where=f"{path}:",
                why=message("its results would be kept under the key of what it was before"),
                mend=message("run again: trials of the new file get a key of their own"),
            )
