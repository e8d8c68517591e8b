"""A dashboard beside a run: a process of its own, which ends when the run does, however that ends.

Whatever becomes of it, the run does not notice.
"""

from __future__ import annotations

import select
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from hikaku.cli.speak import echo
from hikaku.words import message

PATIENCE_SECONDS = 15.0


@contextmanager
def dashboard(store: str, *, wanted: bool) -> Iterator[None]:
    """Have a dashboard of the store while something else goes on, where it is wanted.

    Its link is printed on standard error before anything else is.
    """
    if not wanted:
        yield
        return
    command = [sys.executable, "-m", "hikaku", "serve", "--store", store, "--until-eof"]
    # Its end of the pipe closes with this process: then it ends, too.
    child = subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, start_new_session=True
    )
    assert child.stdout and child.stdin
    try:
        ready, _, _ = select.select([child.stdout], [], [], PATIENCE_SECONDS)
        link = child.stdout.readline().decode(errors="replace").strip() if ready else ""
        echo(link or message("the dashboard did not start; the run goes on without it"), err=True)
        yield
    finally:
        child.stdin.close()
        child.stdout.close()
        try:
            child.wait(PATIENCE_SECONDS)
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()
