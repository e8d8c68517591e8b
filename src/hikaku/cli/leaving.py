"""How a process of the command line ends: at once, and not by taking itself apart.

Eats an exit code. Python frees each of its million objects one by one at the end, which the system
does with all of them at once: half of a second after a run, a fifth of what `hikaku results` takes.
"""

from __future__ import annotations

import atexit
import os
import sys
import threading
from contextlib import suppress


def leave(code: int) -> None:
    """End this process with this exit code; return where only Python's own end will do.

    What is registered for the end is done, and what was printed is out. Other threads that Python
    waits for it shall wait for; who called this program (a profiler, a debugger, a host) shall go
    on; and what the user's code has opened Python shall close.
    """
    waited_for = [one for one in threading.enumerate() if not one.daemon]
    if waited_for != [threading.main_thread()] or _is_called() or _has_run_user_code():
        return
    with suppress(OSError, ValueError):  # a stream that is gone or closed is Python's to judge
        atexit._run_exitfuncs()
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


def _is_called() -> bool:
    """Return whether there is more on the stack than a script, or than `python -m`.

    Seen from the function that is the program, which called `leave`.
    """
    script = sys._getframe(3)
    names = []
    frame = script.f_back
    while frame:
        names.append((frame.f_code.co_filename, frame.f_code.co_name))
        frame = frame.f_back
    runs = {("<frozen runpy>", "_run_code"), ("<frozen runpy>", "_run_module_as_main")}
    return script.f_code.co_name != "<module>" or not runs.issuperset(names)


def _has_run_user_code() -> bool:
    found = sys.modules.get("hikaku.user_code")
    return found is not None and found.has_run()
