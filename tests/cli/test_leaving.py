"""A process of the command line ends at once, and nothing that was to happen is left out."""

import os
import subprocess
import sys
from pathlib import Path

import pytest


def ended(body: str, *python: str) -> subprocess.CompletedProcess[str]:
    """Return how a process ended that did this, and then left with exit code 3."""
    program = f"from hikaku.cli.leaving import leave\nimport sys\n{body}\nleave(3)\nprint('stayed')"
    return subprocess.run(
        [sys.executable, *python, "-c", program], capture_output=True, text=True, check=False
    )


def test_what_was_printed_and_registered_is_done() -> None:
    done = ended("import atexit\natexit.register(print, 'last')\nprint('first', end='; ')")
    assert (done.returncode, done.stdout, done.stderr) == (3, "first; last\n", "")


def test_it_waits_for_threads_that_python_waits_for() -> None:
    done = ended(
        "import threading, time\n"
        "threading.Thread(target=lambda: (time.sleep(0.5), print('done'))).start()"
    )
    assert (done.returncode, done.stdout) == (0, "stayed\ndone\n")


def test_a_thread_that_nobody_waits_for_ends_with_it() -> None:
    body = "threading.Thread(target=time.sleep, args=(600,), daemon=True).start()"
    assert ended(f"import threading, time\n{body}").returncode == 3


def test_a_profiler_sees_the_end(tmp_path: Path) -> None:
    words = [sys.executable, "-m", "cProfile", "-m", "hikaku", "--version"]
    done = subprocess.run(words, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0 and "function calls" in done.stdout


@pytest.mark.skipif(not Path("/dev/full").is_char_device(), reason="there is no /dev/full")
def test_what_cannot_be_printed_is_left_to_python() -> None:
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            [sys.executable, "-c", "from hikaku.cli.leaving import leave\nprint(1)\nleave(0)"],
            env={key: value for key, value in os.environ.items() if key != "PYTHONUNBUFFERED"},
            stdout=full,
            stderr=subprocess.PIPE,
            check=False,
        )
    assert done.returncode == 120 and b"No space" in done.stderr
