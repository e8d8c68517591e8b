"""Which files the user's code reads while it builds a model: what no key knows of.

A constructor may open a file of weights. The key holds the bytes of the files that a study names
and of the Python files that they import; another file can change and nothing is trained again.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from threading import get_ident
from typing import Any

from hikaku.data.fetch import cache_folder
from hikaku.execution.job import Job

CODE = {".py", ".pyc", ".so", ".pyd", ".dll", ".dylib"}
SYSTEM = ("/proc", "/sys", "/dev", "/etc")
WRITES = os.O_WRONLY | os.O_RDWR | os.O_CREAT

Opened = list[tuple[str, int]]
"""Paths that were opened, in order, each with the flags of the system's `open`."""

_opened: dict[int, Opened] = {}
"""By thread, while somebody listens there."""


@contextmanager
def opened_files() -> Iterator[Opened]:
    """Collect what this thread opens through Python; a library that opens by itself is not seen."""
    _listen()
    found: Opened = []
    _opened[get_ident()] = found
    try:
        yield found
    finally:
        del _opened[get_ident()]


def unkeyed(opened: Opened, job: Job) -> tuple[str, ...]:
    """Return the names of the files that were read and are no part of the job's key, sorted.

    From the study's folder where they lie in it, the file's name alone elsewhere. Not what was
    written at the same time, code, what Python and the system bring along, or hikaku's own.
    """
    folder = Path(job.folder).resolve()
    written = {path for path, flags in opened if flags & WRITES}
    paths = {Path(path).resolve() for path, _ in opened if path not in written}
    known = {(folder / file).resolve() for file, _ in job.files}
    ours: list[str | Path] = [cache_folder(), job.task, *SYSTEM, sys.prefix, sys.base_prefix]
    places = [Path(place).resolve() for place in (*ours, *filter(None, [job.keep_in]))]
    found = {
        path
        for path in paths - known
        if path.suffix not in CODE
        and not {"site-packages", "dist-packages"} & set(path.parts)
        and not any(path.is_relative_to(place) for place in places)
        and path.is_file()
    }
    return tuple(sorted({_name(path, folder) for path in found}))


def _name(path: Path, folder: Path) -> str:
    return path.relative_to(folder).as_posix() if path.is_relative_to(folder) else path.name


@cache
def _listen() -> None:
    # A hook can never be taken back, so there is one for the life of the process.
    sys.addaudithook(_hear)


def _hear(event: str, arguments: tuple[Any, ...]) -> None:
    """Note what is opened, where somebody listens; an error in here would end the opening."""
    if event == "open" and (found := _opened.get(get_ident())) is not None:
        path, _, flags = arguments
        if isinstance(path, (str, bytes, os.PathLike)):
            found.append((str(Path(os.fsdecode(path)).absolute()), int(flags or 0)))
