"""Whether a folder is a place for a store that is written to: on a disk of this machine."""

from __future__ import annotations

import re
from pathlib import Path

from hikaku.errors import StoreError
from hikaku.store.address import Address
from hikaku.words import message

MOUNTS = Path("/proc/self/mountinfo")
"""Linux lists there what is mounted where; elsewhere nothing is known, and nothing refused."""
NETWORK = frozenset({
    "nfs", "nfs4", "cifs", "smb3", "smbfs", "lustre", "ceph", "afs", "gpfs", "beegfs", "glusterfs",
    "orangefs", "panfs", "coda", "davfs", "fuse.sshfs", "fuse.glusterfs", "fuse.ceph", "fuse.s3fs",
    "fuse.rclone", "fuse.gcsfuse", "fuse.davfs2", "fuse.juicefs", "fuse.goofys", "fuse.curlftpfs",
    "fuse.smbnetfs", "fuse.beegfs", "fuse.mount-s3",
})  # fmt: skip
"""File systems of other machines, by the names that the kernel has for them."""


def check_local(address: Address) -> None:
    """Raise StoreError where the store lies on a network file system.

    There a lock may be no lock, a flush no flush, and the memory that SQLite's connections share
    is not shared: two machines would damage the database (sqlite.org/howtocorrupt.html, 2.1).
    """
    kind = file_system(address.database.parent)
    if kind in NETWORK:
        raise StoreError.of(
            message("the store lies on a network file system ({kind})", kind=kind),
            where=f"{address}:",
            why=message("locks and flushes cannot be relied on there; it can be read"),
            mend=message("name a file on a disk of this machine with --store"),
        )


def file_system(folder: Path) -> str:
    """Return the type of the file system that a folder lies on, "" where nobody says.

    The folder is absolute, without links; it need not be there.
    """
    try:
        lines = MOUNTS.read_text(encoding="utf-8", errors="surrogateescape").splitlines()
    except OSError:
        return ""
    kinds: dict[Path, str] = {}
    for line in lines:
        mount, _, source = line.partition(" - ")
        # What is mounted later over the same place hides what was there.
        kinds[Path(_plain(mount.split(" ")[4]))] = source.split(" ")[0]
    return next((kinds[place] for place in (folder, *folder.parents) if place in kinds), "")


def _plain(text: str) -> str:
    """Return a path in which the kernel has written spaces and the like as octal numbers."""
    return re.sub(r"\\([0-7]{3})", lambda found: chr(int(found[1], 8)), text)
