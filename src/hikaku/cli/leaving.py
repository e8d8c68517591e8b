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
from typing import Any


def leave(code: int) -> None:
    """End this process with this exit code; return where only Python's own end will do.

    What is registered for the end is done, and what was printed is out. Other threads that Python
    waits for it shall wait for, and who looks on (a profiler, a debugger) shall see the end.
    """
    waited_for = [one for one in threading.enumerate() if not one.daemon]
    if waited_for != [threading.main_thread()] or _is_watched():
        return
    with suppress(OSError, ValueError):  # a stream that is gone or closed is Python's to judge
        atexit._run_exitfuncs()
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


def _is_watched() -> bool:
    if sys.gettrace() or sys.getprofile():
        return True
    monitoring: Any = getattr(sys, "monitoring", None)  # from Python 3.12 on
    return monitoring is not None and any(monitoring.get_tool(number) for number in range(6))
