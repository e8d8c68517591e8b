"""Calling contestants: each is a process of its own; one that fails is left out with a reason."""

from __future__ import annotations

import json
import os
import re
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil

RIVALS = Path(__file__).parents[1] / "rivals"
SPEAKS = {"LC_ALL": "C.UTF-8", "HIKAKU_LANG": "en"}
PLANNED = re.compile(r"\d+ trials to train.*?(\d+) worker")
ENDED = re.compile(r"\d+/\S*\d+ .*: (done|diverged|failed)\b")
MIB = 2**20


class FailedError(Exception):
    """A contestant did not finish; the text says why."""


@dataclass(frozen=True)
class Ran:
    """One `hikaku run`, the whole process.

    `wall` is from its start to its end, `training` from the plan to the end of the last trial,
    `busy` what the trials' own clocks sum to, all in seconds; `mib` the most memory that it and
    its `workers` took together. `costs` are those of each trial, `arms` the answer's by name.
    """

    wall: float
    training: float
    busy: float
    mib: float
    workers: int
    costs: tuple[dict[str, float], ...]
    steps: int
    arithmetic: tuple[str, ...]
    arms: dict[str, dict[str, Any]]

    @property
    def trials(self) -> int:
        """How many trials were trained."""
        return len(self.costs)

    @property
    def gflop(self) -> float:
        """Operations of all updates, in 10^9."""
        return sum(cost.get("flops", 0.0) for cost in self.costs) / 1e9


def rival(name: str, data: Path, spec: dict[str, Any], **variables: str) -> dict[str, Any]:
    """Return what a rival answers, `wall` added: the seconds of its whole process."""
    words = [sys.executable, str(RIVALS / f"{name}.py"), str(data), json.dumps(spec)]
    started = time.perf_counter()
    done = subprocess.run(
        words, capture_output=True, text=True, env=os.environ | variables, check=False
    )
    wall = time.perf_counter() - started
    if done.returncode:
        raise FailedError(_last(done.stderr))
    answer: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return answer | {"wall": wall}


def hikaku(study: str, folder: Path, *words: str) -> Ran:
    """Return what `hikaku run STUDY` did, with a store of its own in `folder`."""
    store = folder / "store.db"
    called = ["hikaku", "run", study, "--store", str(store), "--json", *words]
    command = [sys.executable, "-m", *called]
    started = time.perf_counter()
    with subprocess.Popen(
        command,
        cwd=folder,
        env=os.environ | SPEAKS,
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as process:
        meter, lines, answer = Memory(process.pid), [], []
        heard = threading.Thread(target=lambda: answer.append(process.stdout.read()))
        meter.start()
        heard.start()
        for line in process.stderr:
            lines.append((time.perf_counter() - started, line.rstrip()))
        process.wait()
        heard.join()
    wall, mib = time.perf_counter() - started, meter.stop()
    if process.returncode:
        raise FailedError(_last("\n".join(line for _, line in lines)))
    costs, steps, arithmetic = _stored(store)
    return Ran(
        wall,
        window(lines, len(costs)),
        sum(cost["seconds"] for cost in costs),
        mib,
        workers(lines),
        costs,
        steps,
        arithmetic,
        {arm["name"]: arm for arm in json.loads(answer[0])["arms"]},
    )


def command(folder: Path, *words: str) -> float:
    """Return the wall seconds of a command that must succeed."""
    started = time.perf_counter()
    done = subprocess.run(
        [sys.executable, "-m", "hikaku", *words],
        cwd=folder,
        env=os.environ | SPEAKS,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise FailedError(_last(done.stderr))
    return time.perf_counter() - started


def window(lines: Sequence[tuple[float, str]], trials: int) -> float:
    """Return the seconds from the plan to the end of the last of so many trials."""
    planned = [when for when, line in lines if PLANNED.search(line)]
    ended = [when for when, line in lines if ENDED.match(line)]
    if not planned or len(ended) != trials:
        # The last line that is understood need not be the last trial's.
        raise FailedError(f"of {trials} trials, {len(ended)} said that they had ended")
    return ended[-1] - planned[0]


def workers(lines: Sequence[tuple[float, str]]) -> int:
    """Return how many workers the plan has."""
    (found,) = (said for _, line in lines if (said := PLANNED.search(line)))
    return int(found[1])


def _last(text: str) -> str:
    lines = [line for line in text.splitlines() if line.strip()]
    return " / ".join(lines[-4:])[-400:]


def _stored(store: Path) -> tuple[tuple[dict[str, float], ...], int, tuple[str, ...]]:
    """Return the costs of all trials in a store, their steps in all, and their arithmetics."""
    with closing(sqlite3.connect(f"{store.as_uri()}?mode=ro", uri=True)) as connection:
        rows = connection.execute("SELECT cost, step, arithmetic FROM hikaku_trial").fetchall()
    costs = tuple(json.loads(cost) for cost, _, _ in rows)
    arithmetic = tuple(sorted({arithmetic for _, _, arithmetic in rows}))
    return costs, sum(step for _, step, _ in rows), arithmetic


class Memory(threading.Thread):
    """Measures, now and then, how much memory a process and all below it hold together."""

    def __init__(self, pid: int, every_seconds: float = 0.5) -> None:
        super().__init__(daemon=True)
        self.process = psutil.Process(pid)
        self.every, self.most, self.over = every_seconds, 0, threading.Event()

    def run(self) -> None:
        while not self.over.wait(self.every):
            self.most = max(self.most, self.now())

    def now(self) -> int:
        """Return bytes: each page counts once where the system tells (PSS), else per process."""
        try:
            family = [self.process, *self.process.children(recursive=True)]
        except psutil.Error:
            return 0
        return sum(map(_bytes, family))

    def stop(self) -> float:
        """Return the most that was seen, in MiB."""
        self.over.set()
        self.join()
        return self.most / MIB


def _bytes(process: psutil.Process) -> int:
    try:
        taken = process.memory_full_info()
    except psutil.Error:
        return 0
    return int(getattr(taken, "pss", taken.rss))
