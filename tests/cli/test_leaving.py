"""A process of the command line ends at once, and nothing that was to happen is left out."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

PROGRAM = "from hikaku.cli.leaving import leave\ndef command(): leave(3)"
BUFFERED = {key: value for key, value in os.environ.items() if key != "PYTHONUNBUFFERED"}


def ended(body: str) -> subprocess.CompletedProcess[str]:
    """Return how a process ended that did this, and then left with exit code 3."""
    program = f"{PROGRAM}\n{body}\ncommand()\nprint('stayed')"
    return subprocess.run(
        [sys.executable, "-c", program], env=BUFFERED, capture_output=True, text=True, check=False
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


def test_what_the_code_of_the_user_has_opened_is_closed(tmp_path: Path) -> None:
    (tmp_path / "mine.py").write_text(f"file = open({str(tmp_path / 'out')!r}, 'w')")
    done = ended(
        "from pathlib import Path\nfrom hikaku.user_code import module_at\n"
        f"module_at(Path({str(tmp_path / 'mine.py')!r})).file.write('all')"
    )
    assert done.stdout == "stayed\n" and (tmp_path / "out").read_text() == "all"


def test_a_host_goes_on(tmp_path: Path) -> None:
    program = (
        "import runpy, sys\nsys.argv = ['hikaku', '--version']\n"
        "try:\n    runpy.run_module('hikaku', run_name='__main__')\n"
        "finally:\n    print('goes on')"
    )
    words = [sys.executable, "-c", program]
    done = subprocess.run(words, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.stdout.endswith("goes on\n"), done.stderr


def test_a_profiler_sees_the_end(tmp_path: Path) -> None:
    words = [sys.executable, "-m", "cProfile", "-m", "hikaku", "--version"]
    done = subprocess.run(words, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0 and "function calls" in done.stdout


@pytest.mark.skipif(not Path("/dev/full").is_char_device(), reason="there is no /dev/full")
def test_what_cannot_be_printed_is_left_to_python() -> None:
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            [sys.executable, "-c", f"{PROGRAM}\nprint(1)\ncommand()"],
            env=BUFFERED,
            stdout=full,
            stderr=subprocess.PIPE,
            check=False,
        )
    assert done.returncode == 120 and b"No space" in done.stderr
