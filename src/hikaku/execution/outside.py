"""The outside engine: one trial by a function or a command of the user's; torch is not needed."""

from __future__ import annotations

import codecs
import contextlib
import io
import json
import os
import selectors
import subprocess
import time
from collections import deque
from collections.abc import Callable
from itertools import count
from typing import Any

from hikaku.errors import StudyError
from hikaku.execution.job import OutsideJob
from hikaku.execution.machine import environment
from hikaku.execution.memory import (
    peak_memory_mib,
    peak_memory_of_children_mib,
    reset_peak_memory,
)
from hikaku.execution.reports import Reports
from hikaku.execution.unchanged import check_files
from hikaku.record import Measured, Outcome
from hikaku.study.command import filled, program
from hikaku.study.recipe import Value
from hikaku.user_code import symbol_in
from hikaku.words import message

KEPT_LINES = 20
"""So many of the last lines of a command are told when it fails."""

READ_BYTES = 2**20
"""Read at once: more than a pipe holds, so that one read empties it."""

WATCH_SECONDS = 0.1
"""So often a command that prints nothing is asked whether it has ended."""


def run_outside(job: OutsideJob) -> Measured:
    """Return everything that this trial reports.

    The function or the command runs in the study's folder. Raises `StudyError` where it fails,
    reports what is no figure, or never the judged one; whatever a function raises goes on. Raises
    `Paused` where a file of the user's is no longer the one that the key was made from.
    """
    started = time.perf_counter()
    reset_peak_memory()
    check_files(job)
    reports = Reports()
    with contextlib.chdir(job.folder):
        (_call if job.work.train else _execute)(job, reports)
    check_files(job)
    peak = peak_memory_mib() if job.work.train else peak_memory_of_children_mib()
    outcome = Outcome(
        key=job.key,
        status=reports.status(job.judged),
        step=reports.step,
        epoch=reports.step,
        steps_per_epoch=1,
        parameters=0,
        arithmetic=str(job.arithmetic),
        environment=environment(packages=()),
        cost={"seconds": time.perf_counter() - started, "peak_mib": peak},
    )
    return Measured(outcome, tuple(reports.records()))


def _call(job: OutsideJob, reports: Reports) -> None:
    """Call the user's function with settings of its own, the seed, and what it reports to."""
    function = symbol_in(job.work.train, job.folder)
    settings = {name: _as_written(value) for name, value in job.work.settings}
    returned = function(settings, job.seed, reports)
    if returned is not None:
        raise StudyError.of(
            message(
                "{function} returned a {kind}: figures are reported, not returned",
                function=job.work.train.rpartition(":")[2],
                kind=type(returned).__name__,
            ),
            mend=message('report(split="test", metric="{name}", value=…)', name=job.judged.name),
        )


def _as_written(value: Value) -> Any:
    """Return a setting as the study writes it: lists as lists, which the user's code may change."""
    return [_as_written(item) for item in value] if isinstance(value, tuple) else value


def _execute(job: OutsideJob, reports: Reports) -> None:
    """Run the command without a shell, and take the reports out of what it prints."""
    name, *words = filled(job.work.command, dict(job.work.settings), job.seed)
    found = program(name, job.folder)
    if found is None:
        raise StudyError.of(message("there is no program '{name}'.", name=name))
    last = deque[str](maxlen=KEPT_LINES)
    with subprocess.Popen(
        [found, *words],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as process:
        try:
            _follow(process, _reporting(reports, last), last.append)
        except BaseException:
            process.kill()
            raise
    if process.returncode:
        raise StudyError.of(
            message(
                "the command ended with exit code {code}: {line}",
                code=process.returncode,
                line=next((line for line in reversed(last) if line.strip()), "-"),
            ),
            why=message("its last lines were:\n{lines}", lines="\n".join(last)) if last else None,
        )


def _follow(
    process: subprocess.Popen[bytes], out: Callable[[str], None], err: Callable[[str], None]
) -> None:
    """Hand on each line that a command prints, until it has ended.

    Not until its pipes end: a process that it leaves behind holds them open. That process is of
    the worker's group, and ends with the worker, right after this trial.
    """
    assert process.stdout and process.stderr
    printed = {process.stdout.fileno(): _Lines(out), process.stderr.fileno(): _Lines(err)}
    with selectors.DefaultSelector() as selector:
        for pipe in printed:
            selector.register(pipe, selectors.EVENT_READ)
        ended = False
        while selector.get_map() and not ended:
            ended = process.poll() is not None  # asked first: all that it printed is there then
            ready = {key.fd for key, _ in selector.select(0 if ended else WATCH_SECONDS)}
            for pipe in (pipe for pipe in printed if pipe in ready):  # errors are told last
                chunk = os.read(pipe, READ_BYTES)
                printed[pipe].take(chunk)
                if not chunk:
                    selector.unregister(pipe)
    for lines in printed.values():
        lines.take(b"")


class _Lines:
    """Cuts what comes in chunks into lines, and hands each to `hear`; an empty chunk is the end."""

    def __init__(self, hear: Callable[[str], None]) -> None:
        decoder = codecs.getincrementaldecoder("utf-8")(errors="replace")
        self._decoder = io.IncrementalNewlineDecoder(decoder, translate=True)
        self._hear = hear
        self._rest = ""

    def take(self, chunk: bytes) -> None:
        text = self._rest + self._decoder.decode(chunk, final=not chunk)
        *lines, self._rest = text.split("\n")
        if not chunk and self._rest:
            lines.append(self._rest)
            self._rest = ""
        for line in lines:
            self._hear(line.rstrip())


def _reporting(reports: Reports, last: deque[str]) -> Callable[[str], None]:
    """Return what keeps a printed line among the last, and the report in it, if there is one."""
    numbers = count(1)

    def hear(line: str) -> None:
        number = next(numbers)
        last.append(line)
        found = _report_in(line)
        if found is not None:
            split, step = found.get("split", "test"), found.get("step")
            reports.add(split, found["metric"], found["value"], step, f"stdout:{number}:")

    return hear


def _report_in(line: str) -> dict[str, Any] | None:
    """Return the report in a line: a JSON object with "metric" and "value"; None for any other."""
    if not line.lstrip().startswith("{"):
        return None
    try:
        found = json.loads(line)
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) and {"metric", "value"} <= found.keys() else None
