"""A dashboard beside a run: a process of its own, which ends when the run does, however that ends.

Whatever becomes of it, the run does not notice.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from threading import Event, Thread
from typing import IO

from hikaku.cli.speak import echo
from hikaku.words import message

START_SECONDS = 3.0
"""So long its first link is waited for; a later one is printed while the run goes on."""
END_SECONDS = 1.0


@contextmanager
def dashboard(store: str, *, wanted: bool) -> Iterator[None]:
    """Have a dashboard of the store while something else goes on, where it is wanted.

    Its links are printed on standard error as they come, the first before anything else is.
    """
    if not wanted:
        yield
        return
    command = [sys.executable, "-m", "hikaku", "serve", "--store", store, "--until-eof"]
    try:
        # Its end of the pipe closes with this process: then it ends, too.
        child = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, start_new_session=True
        )
    except OSError:
        echo(NOT_STARTED, err=True)
        yield
        return
    assert child.stdout and child.stdin
    has_spoken = Event()
    passing = Thread(target=_pass_on, args=(child.stdout, has_spoken), daemon=True)
    passing.start()
    has_spoken.wait(START_SECONDS)
    try:
        yield
    finally:
        _end(child)
        passing.join(END_SECONDS)


NOT_STARTED = message("the dashboard did not start; the run goes on without it")


def _pass_on(said: IO[bytes], has_spoken: Event) -> None:
    """Print what the dashboard says until it ends."""
    # Where nobody listens to this process any more, the dashboard is not to wait for that.
    with said, suppress(OSError, ValueError):
        for line in said:
            echo(line.decode(errors="replace").strip(), err=True)
            has_spoken.set()
        if not has_spoken.is_set():
            echo(NOT_STARTED, err=True)
    has_spoken.set()


def _end(child: subprocess.Popen[bytes]) -> None:
    """End it by the end of its input, and where it does not hear that, by force."""
    assert child.stdin
    with suppress(OSError):
        child.stdin.close()
    try:
        child.wait(END_SECONDS)
    except subprocess.TimeoutExpired:
        child.kill()
        child.wait()
