"""Where workers come from and what each gets of the machine: fork servers, cores, GPUs.

A fork server imports a module once, and every worker is a fork of it. Ours for training holds
torch; one for outside arms does not, and so a process may need both. Each is a server of its own.
"""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing import forkserver

from hikaku.study.study import Outside, Study
from hikaku.training import tiles

TRAINING = "hikaku.execution.warmed"
OUTSIDE = "hikaku.execution.outside"
THREAD_VARIABLES = (
    "OMP_NUM_THREADS",
    "MKL_NUM_THREADS",
    "OPENBLAS_NUM_THREADS",
    "NUMEXPR_NUM_THREADS",
    "VECLIB_MAXIMUM_THREADS",
    "RAYON_NUM_THREADS",
)
SAFE_PATH, OURS = "PYTHONSAFEPATH", "hikaku"
"""Has a fork server import nothing from the working folder, where a user's `random.py` may lie. A
worker takes it back where the value is ours: the programs that it starts are the user's.
"""


@dataclass(frozen=True)
class Seat:
    """A place for one worker: how many `threads` its libraries may take, and which GPUs it sees.

    `threads` 0 is a worker for training, which holds torch and sets its threads itself.
    """

    threads: int = 0
    gpus: tuple[str, ...] = ()

    @property
    def variables(self) -> dict[str, str]:
        """The environment variables that say so to the libraries of the user's code."""
        found = dict.fromkeys(THREAD_VARIABLES, str(self.threads)) if self.threads else {}
        return found | ({"CUDA_VISIBLE_DEVICES": ",".join(self.gpus)} if self.gpus else {})


HOUSE = Seat()
"""A worker for training."""


def seats(count: int, cpus: int, gpus: int, devices: Sequence[str]) -> tuple[Seat, ...]:
    """Return places for `count` workers, each with `cpus` threads and `gpus` of the devices."""
    return tuple(
        Seat(cpus, tuple(devices[place * gpus : (place + 1) * gpus])) for place in range(count)
    )


@contextmanager
def fork_server(seat: Seat) -> Iterator[None]:
    """Have processes that are started in this block forked from the server for this seat.

    `multiprocessing` knows one server, which keeps what it has loaded until its process ends; so
    torch, once there, would stay. The servers for outside arms are therefore others of its class,
    put in its place for as long as a process is being started. NumPy's threads are settled when it
    is loaded, so that each number of threads has a server too.
    """
    with _LOCK:
        server = _running(seat)
        standard = forkserver.connect_to_new_process
        forkserver.connect_to_new_process = server.connect_to_new_process
        try:
            yield
        finally:
            forkserver.connect_to_new_process = standard


def warm(study: Study) -> None:
    """Start the fork server for a study's outside arms, if it has any, and do not wait for it.

    It loads its modules while this process loads others.
    """
    if isinstance(study.base, Outside):
        with _LOCK:
            _running(Seat(study.base.resources.cpus))


def forget_safe_path() -> None:
    """Let what this process starts import as it would without us."""
    if os.environ.get(SAFE_PATH) == OURS:
        del os.environ[SAFE_PATH]


def _running(seat: Seat) -> forkserver.ForkServer:
    server = _SERVERS.get(seat.threads)
    if server is None:
        server = _SERVERS[seat.threads] = forkserver.ForkServer()
        preloaded = [OUTSIDE, "hikaku.execution.serve"] if seat.threads else [TRAINING]
        server.set_forkserver_preload(preloaded)
    # Its GPUs a worker gets later: one server serves them all.
    threads = dict.fromkeys(THREAD_VARIABLES, str(seat.threads)) if seat.threads else {}
    safe = {} if os.environ.get(SAFE_PATH) else {SAFE_PATH: OURS}
    with _variables(threads | safe | tiles.avoiding()), _signals_ignored():
        server.ensure_running()
    return server


ENDING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
"""The signals by which a user, a terminal or a job scheduler asks a run to end."""
_SERVERS: dict[int, forkserver.ForkServer] = {}
_LOCK = threading.RLock()


@contextmanager
def _variables(wanted: dict[str, str]) -> Iterator[None]:
    before = {name: os.environ.get(name) for name in wanted}
    os.environ.update(wanted)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value


@contextmanager
def _signals_ignored() -> Iterator[None]:
    # A signal to end often goes to every process of a job or terminal: it is the supervisor's to
    # heed, whose workers then save what they train. What is ignored when a fork server is started
    # stays ignored in it; it ends when the supervisor does.
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    heeded = {number: signal.signal(number, signal.SIG_IGN) for number in ENDING}
    try:
        yield
    finally:
        for number, handler in heeded.items():
            signal.signal(number, handler)
