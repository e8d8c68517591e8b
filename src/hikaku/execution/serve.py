"""What goes on in a worker process: the tasks that come through its pipe, one after the other."""

from __future__ import annotations

import multiprocessing
import os
import queue
import signal
import threading
import traceback
from collections.abc import Callable, Collection
from multiprocessing.connection import Connection
from pathlib import Path

from hikaku.errors import HikakuError
from hikaku.execution.job import Job, OutsideJob
from hikaku.execution.orders import (
    Doubted,
    Event,
    Find,
    Finished,
    Gauge,
    Load,
    Order,
    Park,
    Parked,
    Peak,
    Raised,
    Ready,
    Refused,
    Result,
    Task,
    Verify,
    Word,
)
from hikaku.execution.process import end_with_parent, leave_to_the_supervisor, settle
from hikaku.execution.seats import ENDING, Seat, forget_safe_path
from hikaku.training.survey import as_json

Tell = Callable[[Word], None]
HERE = str(Path(__file__).parents[1])


def serve(
    pipe: Connection, seat: Seat, printed: Connection, ignored: Collection[signal.Signals] = ()
) -> None:
    """Do the tasks that come through `pipe` until it ends, and print into `printed`.

    The worker's main function. The supervisor ignores the signals `ignored`.
    """
    # Ctrl-C comes from the terminal to all, and means the supervisor.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    leave_to_the_supervisor([one for one in ENDING if one != signal.SIGINT], ignored)
    forget_safe_path()
    settle(printed)  # What a model prints must not mix with the supervisor's output.
    if seat.threads:
        os.setpgid(0, 0)  # So that what the user's code starts can be ended with this process.
        os.environ.update(seat.variables)
        # A data loader may have processes of its own; those of a daemon may not.
        multiprocessing.current_process().daemon = False
    else:
        from hikaku.execution import memory, plain

        end_with_parent()
        memory.keep_memory()
        plain.prepare_process()
    tasks: queue.SimpleQueue[Order] = queue.SimpleQueue()
    park = threading.Event()
    threading.Thread(target=_listen, args=(pipe, tasks, park, seat), daemon=True).start()

    def send(event: Event) -> None:
        try:
            pipe.send(event)
        except OSError:
            _leave(seat)

    send(Ready())
    while True:
        send(_done(tasks.get(), send, park))


def _listen(
    pipe: Connection, tasks: queue.SimpleQueue[Order], park: threading.Event, seat: Seat
) -> None:
    try:
        while True:
            heard = pipe.recv()
            if isinstance(heard, Park):
                park.set()
            else:
                tasks.put(heard)
    except (EOFError, OSError):
        _leave(seat)


def _leave(seat: Seat) -> None:
    """End this process, and what it started: the supervisor is gone, and nobody would hear."""
    if seat.threads:
        os.killpg(0, signal.SIGKILL)
    os._exit(0)


def _done(task: Order, tell: Tell, park: threading.Event) -> Event:
    try:
        return carried_out(task, tell, park)
    except HikakuError as error:
        return Refused(error)
    except BaseException as error:  # sys.exit in a user's code ends the trial, not the worker
        return Raised(summary_of(error), traceback.format_exc())


def carried_out(task: Order, tell: Tell, park: threading.Event) -> Finished | Parked | Doubted:
    """Do the task in this process; `tell` hears how training goes on, and what trials measured.

    Once `park` is set, trials are saved and the task ends.

    Code of the user's may fork this process. A fork never comes back from here nor tells anything:
    there is one process that answers.
    """
    own = os.getpid()

    def told(event: Word) -> None:
        _end_fork(own)
        tell(event)

    try:
        finished = _carried_out(task, told, park)
    except HikakuError:
        _end_fork(own)  # What hikaku misses in a fork, its reports first, it need not have.
        raise
    except BaseException as error:
        _end_fork(own, error)
        if known := _explained(error, task):
            raise known from error
        raise
    _end_fork(own)
    return finished


def _explained(error: BaseException, task: Order) -> HikakuError | None:
    """Return what is known of an exception of a training; None where it is what it says."""
    if not isinstance(task, Task) or not isinstance(task.job, Job):
        return None
    from hikaku.execution.device import explained

    return explained(error, task.job)


def _end_fork(own: int, error: BaseException | None = None) -> None:
    """End this process, with the exit code that Python would give it, unless it is `own`."""
    if os.getpid() != own:
        code = error.code if isinstance(error, SystemExit) else None if error is None else 1
        os._exit(code if isinstance(code, int) else int(code is not None))


def _carried_out(task: Order, tell: Tell, park: threading.Event) -> Finished | Parked | Doubted:
    if isinstance(task, Task):
        return _trained(task, tell, park)
    from hikaku.execution import device, gauge, own_data, survey

    if isinstance(task, Load):
        return Finished(str(own_data.load_data(task.use, task.folder)))
    if isinstance(task, Find):
        return Finished(device.name_of(task.device))
    if isinstance(task, Gauge):
        return Finished(repr(gauge.gauge(task.job, task.what)))
    if isinstance(task, Verify):
        from hikaku.execution.verify import verified

        return Finished(verified(task.job))
    if isinstance(task, Peak):
        return Finished(repr(gauge.peak()))
    return Finished(as_json(survey.survey(task.job, lifts=task.lifts)))


def _trained(task: Task, tell: Tell, park: threading.Event) -> Finished | Parked | Doubted:
    first = task.job
    if isinstance(first, OutsideJob):
        from hikaku.execution.outside import run_outside

        tell(Result(run_outside(first)))
        return Finished()
    if task.dry:
        from hikaku.execution.dry import dry_run

        dry_run(first)
        return Finished()
    from hikaku.execution.saver import Doubtful, Stopped
    from hikaku.execution.together import run_together

    try:
        run_together([job for job in task.jobs if isinstance(job, Job)], tell, park)
    except Stopped:
        return Parked()
    except Doubtful as error:
        return Doubted(error.states)
    return Finished()


def summary_of(error: BaseException) -> str:
    """Return an exception in one line, with file and line of where it came from.

    That is the last frame outside hikaku and the installed packages, where there is one: the
    user's own code.
    """
    said = "".join(traceback.format_exception_only(error)).strip().splitlines()[-1]
    frames = traceback.extract_tb(error.__traceback__)
    own = [f for f in frames if "site-packages" not in f.filename and HERE not in f.filename]
    place = (own or frames)[-1]
    return f"{said} ({Path(place.filename).name}:{place.lineno})"
