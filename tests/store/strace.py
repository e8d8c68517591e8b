"""Python in a child process whose system calls are watched, or broken, by strace."""

import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

EACH = """
import os, subprocess, sys, tempfile, traceback
from itertools import count
from pathlib import Path

def ended(child):
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])

def forked(work, wait=None):
    # Returns the process id of a child that does this, once it may.
    child = os.fork()
    if not child:
        try:
            wait is None or os.read(wait, 1)
            work()
            os._exit(0)
        except BaseException:
            traceback.print_exc()
            os._exit(1)
    return child

def broken(work, call, how, number):
    # Returns how a child ended whose call of this kind and number was broken, and if there was one.
    wait, go = os.pipe()
    child = forked(work, wait)
    inject = f"inject={call}:{how}:when={number}"
    log = Path(tempfile.mkdtemp()) / "calls"
    command = ["strace", "-f", "-o", log, "-e", f"trace={call}", "-e", inject, "-p"]
    with subprocess.Popen([*command, str(child)], stderr=subprocess.PIPE, text=True) as tracer:
        said = tracer.stderr.readline()
        os.write(go, b".")
        os.close(go), os.close(wait)
        found = ended(child)
    if "attached" not in said:
        raise SystemExit("cannot watch: " + said)
    return found, found == -9 or "(INJECTED)" in log.read_text(errors="replace")

def at_every(call, how, stride, prepare, work, check):
    # Breaks the first call of this kind, the next, ... until there are no more to break.
    for number in count(1, stride):
        assert not ended(forked(prepare))
        found, was_there = broken(work, call, how, number)
        assert not ended(forked(lambda: check(found))), f"{call} {number}: {found}"
        if not was_there:
            print("broken", number - 1)
            return
"""


@dataclass(frozen=True)
class Ran:
    """What a child printed, how it ended, and the calls that were watched."""

    out: str
    code: int
    calls: list[str]


def traced(watch: str, script: str, *arguments: object, inject: str = "") -> Ran:
    """Run Python under strace; skip where that cannot be."""
    if shutil.which("strace") is None:
        pytest.skip("strace is not installed")
    log = Path(str(arguments[0])).parent / "calls.log"
    command = ["strace", "-f", "-qq", "-y", "-o", str(log), "-e", watch]
    command += ["-e", inject] if inject else []
    ran = subprocess.run(
        [*command, sys.executable, "-c", script, *map(str, arguments)],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path), "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True, text=True, timeout=120,
    )  # fmt: skip
    if "ptrace" in ran.stderr.lower() and "not permitted" in ran.stderr.lower():
        pytest.skip("this machine lets no process watch another")
    calls = re.findall(r"^\d+ +(\w+\(.*)$", log.read_text(errors="replace"), re.MULTILINE)
    log.unlink()
    return Ran(ran.stdout + ran.stderr, ran.returncode, calls)


def broken_at_every(call: str, how: str, stride: int, script: str, *arguments: object) -> int:
    """Run a script of `prepare`, `work` and `check` with calls of this kind broken in turn.

    Each one, or the first of every `stride`. Returns about how many there are. `how` is what
    strace does: "signal=KILL", "error=EIO".
    """
    if shutil.which("strace") is None:
        pytest.skip("strace is not installed")
    whole = f"{EACH}\n{script}\nat_every({call!r}, {how!r}, {stride}, prepare, work, check)\n"
    ran = subprocess.run(
        [sys.executable, "-c", whole, *map(str, arguments)],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
        capture_output=True, text=True, timeout=300,
    )  # fmt: skip
    if "cannot watch" in ran.stderr:
        pytest.skip(f"no process may watch another here: {ran.stderr[-200:]}")
    assert ran.returncode == 0, ran.stderr[-3000:]
    return int(re.findall(r"^broken (\d+)$", ran.stdout, re.MULTILINE)[-1])
