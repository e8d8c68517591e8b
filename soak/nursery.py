"""What every shared fork server loads first.

It outlives a supervisor that dies while it asks, which in earnest is the end of both, for each
supervisor has a server of its own. And it does not call `write`, so that the writes which strace
counts are those of workers.
"""

from __future__ import annotations

import errno
import os
import sys
from multiprocessing import forkserver, reduction
from types import TracebackType
from typing import Any

_receive: Any = reduction.recvfds


def _received(*arguments: Any) -> Any:
    try:
        return _receive(*arguments)
    except EOFError:
        # To the server this is somebody who did not come, and it waits for the next.
        raise OSError(errno.ECONNABORTED, "the supervisor is gone") from None


def _written(fd: int, n: int) -> None:
    os.writev(fd, [forkserver.SIGNED_STRUCT.pack(n)])


def _said(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    # The end of what a worker was to be told: its supervisor was killed in the middle of it.
    if not issubclass(kind, EOFError):
        sys.__excepthook__(kind, error, trace)


sys.excepthook = _said
reduction.recvfds = _received  # type: ignore[assignment]
forkserver.write_signed = _written
