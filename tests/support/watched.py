"""Runs the command line under eyes that see what each of its processes does, workers included."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

EYES = """
import os, sys

OUT = os.open(os.environ["WATCHED_LOG"], os.O_WRONLY | os.O_APPEND | os.O_CREAT)
FOLDER = os.environ["WATCHED_FOLDER"]
NETWORK = {"socket.getaddrinfo", "socket.gethostbyname", "urllib.Request", "http.client.connect"}
SENDS = {"socket.connect", "socket.bind", "socket.sendto"}
STARTS = {"subprocess.Popen", "os.system", "os.exec", "os.posix_spawn", "os.fork"}

def tell(kind, what):
    os.write(OUT, f"{kind} {what!r}\\n".encode())

def look(event, args):
    # A socket that is a file of this machine has a path; one of the network has a pair.
    if event in NETWORK or event in SENDS and isinstance(args[1], tuple):
        tell("network", (event, args[-1]))
    elif event in STARTS:
        tell("process", (event, str(args)[:200]))
    elif event == "pickle.find_class":
        tell("pickle", args)
    elif event == "exec" and str(args[0].co_filename).startswith(FOLDER):
        tell("code", args[0].co_filename)

sys.addaudithook(look)
"""
"""Python runs it before all else in every process that finds it on its path as sitecustomize."""


@dataclass(frozen=True)
class Seen:
    """How a command ended, and what its processes did: lines that begin with what kind it was."""

    code: int
    said: str
    events: tuple[str, ...]

    def of(self, *kinds: str) -> list[str]:
        """Return the events of these kinds."""
        return [event for event in self.events if event.startswith(kinds)]


def watched(
    folder: Path, eyes: Path, command: Sequence[str], before: Sequence[str] = (), **more: str
) -> Seen:
    """Run `hikaku command` in the folder; `eyes` is a folder of our own, `before` a wrapper."""
    eyes.mkdir(exist_ok=True)
    (eyes / "sitecustomize.py").write_text(EYES)
    log = eyes / "log"
    log.write_text("")
    path = os.pathsep.join(filter(None, (str(eyes), os.environ.get("PYTHONPATH", ""))))
    environment = {
        "PYTHONPATH": path,
        "WATCHED_LOG": str(log),
        "WATCHED_FOLDER": str(folder),
        "HIKAKU_LANG": "en",
        "LC_ALL": "C.UTF-8",
    }
    done = subprocess.run(
        [*before, sys.executable, "-m", "hikaku", *command],
        cwd=folder, capture_output=True, text=True, timeout=240, check=False,
        env=os.environ | environment | more,
    )  # fmt: skip  # one line for each kind of thing
    return Seen(done.returncode, done.stdout + done.stderr, tuple(log.read_text().splitlines()))
