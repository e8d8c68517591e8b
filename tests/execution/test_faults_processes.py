"""Whatever happens to the process of a trial, the study goes on, and the trial says why it ended.

By outside arms: their workers hold no torch and start at once. What is said holds for all workers.
"""

from __future__ import annotations

import re
import signal
import time
from collections.abc import Callable, Iterator
from functools import partial
from itertools import islice
from pathlib import Path

import pytest
from outside_functions import outside_job

from hikaku.execution import machine, workers
from hikaku.execution.dispatch import dispatch
from hikaku.execution.happenings import Ended, Happening, Retried
from hikaku.execution.job import OutsideJob
from hikaku.execution.logs import MOST_BYTES
from hikaku.execution.orders import Task
from hikaku.execution.seats import seats
from hikaku.execution.workers import Workers

Make = Callable[..., OutsideJob]
REPORT = "report(metric='accuracy', value=1)"


@pytest.fixture
def function(tmp_path: Path) -> Make:
    """Return a job whose function has this body."""

    return partial(outside_job, tmp_path)


@pytest.fixture
def pool(tmp_path: Path) -> Iterator[Workers]:
    found = Workers(2, seats(2, 1, 0, ()), tmp_path / "logs")
    yield found
    found.close()


def happened(pool: Workers, *jobs: OutsideJob) -> list[Happening]:
    waiting = iter(jobs)
    return list(dispatch(lambda: tuple(islice(waiting, 1)), pool))


def ends(told: list[Happening]) -> dict[str, Ended]:
    return {one.measured.outcome.key: one for one in told if isinstance(one, Ended)}


def status(one: Ended) -> str:
    return one.measured.outcome.status


def error(one: Ended) -> str:
    return one.measured.outcome.error


HOARD = "hoard = b'x' * (200 * 2**20)\ntime.sleep(0.5)\n"


@pytest.mark.fault("A11")
def test_a_worker_that_was_killed_says_how_much_it_had_taken_and_what_to_lower(
    function: Make, pool: Workers, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(workers, "MEMORY_SECONDS", 0.1)
    killed = function(f"{HOARD}os.kill(os.getpid(), signal.SIGKILL)", "killed")
    told = happened(pool, killed, function(REPORT, "right"))
    found = ends(told)
    assert sum(isinstance(one, Retried) for one in told) == 2
    assert status(found["right"]) == "done" and status(found["killed"]) == "failed"
    taken, whole = map(int, re.findall(r"(\d+) of (\d+) MiB", error(found["killed"]))[0])
    assert 200 <= taken < 400 and whole == machine.memory_mib()
    assert "SIGKILL" in error(found["killed"])
    assert "lower batch_size or --workers" in error(found["killed"])


@pytest.mark.fault("A11")
def test_where_the_system_ended_it_for_want_of_memory_that_is_said(
    function: Make, pool: Workers, monkeypatch: pytest.MonkeyPatch
) -> None:
    counts = iter(range(1000))
    monkeypatch.setattr(machine, "ended_for_memory", lambda: next(counts))
    (found,) = ends(happened(pool, function("os.kill(os.getpid(), signal.SIGKILL)"))).values()
    assert "the system ended it for want of memory" in error(found)


@pytest.mark.fault("A12")
def test_of_a_crash_the_line_is_kept_in_its_log(function: Make, pool: Workers) -> None:
    body = "import ctypes\nprint('before')\nctypes.string_at(0)"
    (found,) = ends(happened(pool, function(body, "crash"))).values()
    assert status(found) == "failed" and "SIGSEGV" in error(found)
    kept = Path(found.log).read_text()
    assert kept.startswith("before\n") and "Segmentation fault" in kept
    assert re.search(r'crash\.py", line 5 in train', kept)


@pytest.mark.fault("A12")
def test_an_exit_without_a_result_is_never_done(function: Make, pool: Workers) -> None:
    (found,) = ends(happened(pool, function(f"{REPORT}\nos._exit(0)"))).values()
    assert status(found) == "failed" and "ended with exit code 0" in error(found)
    assert not found.measured.records


@pytest.mark.fault("A20")
def test_a_trial_that_prints_much_fills_neither_disk_nor_screen(
    function: Make, pool: Workers, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    body = (
        f"for n in range(300):\n    sys.stderr.write(str(n % 10) * 2**20)\n{REPORT}\nprint('last')"
    )
    (found,) = ends(happened(pool, function(body))).values()
    assert status(found) == "done", error(found)
    files = sorted((tmp_path / "logs").iterdir())
    assert [path.name for path in files] == ["key.log", "key.log.1"]
    assert sum(path.stat().st_size for path in files) <= 2 * MOST_BYTES
    assert files[0].read_bytes().endswith(b"last\n")
    assert capfd.readouterr() == ("", "")


@pytest.mark.fault("A20")
def test_the_log_of_a_trial_that_raised_ends_with_the_traceback(
    function: Make, pool: Workers
) -> None:
    (found,) = ends(happened(pool, function("print('日本', 1)\nraise ValueError('why')"))).values()
    kept = Path(found.log).read_text()
    assert kept.startswith("日本 1\nTraceback") and kept.endswith("ValueError: why\n")


@pytest.mark.fault("A20")
@pytest.mark.parametrize(
    "body",
    [
        "os.chdir('/')",
        "for number in (2, 10, 12, 15):\n    signal.signal(number, signal.SIG_IGN)",
        "import threading\n"
        "threads = [threading.Thread(target=time.sleep, args=(600,)) for _ in range(200)]\n"
        "[thread.start() for thread in threads]",
        "for _ in range(20):\n    if os.fork() == 0:\n        time.sleep(600)",
        "sys.stdout = sys.stderr = None",
        "os.close(1)\nos.close(2)",
        "os.environ.clear()\nsys.path.clear()\nos.umask(0o777)",
    ],
    ids=["folder", "signals", "threads", "forks", "no streams", "closed streams", "surroundings"],
)
def test_what_a_trial_does_to_its_process_reaches_no_other(
    function: Make, pool: Workers, body: str
) -> None:
    mine = Path.cwd(), signal.getsignal(signal.SIGTERM)
    found = ends(
        happened(
            pool,
            *(function(f"{body}\n{REPORT}", f"rude{n}") for n in range(2)),
            *(function(f"print('heard')\n{REPORT}", f"next{n}") for n in range(2)),
        )
    )
    assert {key: (status(one), error(one)) for key, one in found.items()} == dict.fromkeys(
        found, ("done", "")
    )
    assert (Path.cwd(), signal.getsignal(signal.SIGTERM)) == mine


@pytest.mark.fault("A20")
def test_to_leave_python_in_a_trial_fails_it(function: Make, pool: Workers) -> None:
    (found,) = ends(happened(pool, function("sys.exit(0)"))).values()
    assert status(found) == "failed" and "SystemExit" in error(found)


LEAK = "hoard = []\nwhile True:\n    hoard.append(b'x' * 2**23)\n    time.sleep(0.02)"


@pytest.fixture
def small_machine(pool: Workers, monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine of 300 MiB, of which what the workers take is not free."""
    monkeypatch.setattr(machine, "memory_mib", lambda: 300)
    monkeypatch.setattr(
        machine, "free_mib", lambda: 300.0 - sum(worker.taken.mib for worker in pool.all)
    )
    monkeypatch.setattr(workers, "MEMORY_SECONDS", 0.1)


@pytest.mark.fault("C3")
@pytest.mark.usefixtures("small_machine")
def test_a_trial_that_takes_more_and_more_memory_ends_before_the_machine_does(
    function: Make, pool: Workers
) -> None:
    small = function(f"time.sleep(1)\n{REPORT}", "small")
    told = happened(pool, function(LEAK, "leak"), small)
    found = ends(told)
    assert status(found["small"]) == "done" and status(found["leak"]) == "failed"
    said = error(found["leak"])
    taken, growth = map(int, re.findall(r"taken (\d+) MiB, \+(\d+) MiB in a minute", said)[0])
    assert 150 < taken < 500 and growth > 100
    assert "lower batch_size or --workers" in said


@pytest.mark.fault("C3")
def test_where_another_program_has_the_memory_no_trial_is_ended(
    function: Make, pool: Workers, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(machine, "memory_mib", lambda: 500_000)
    monkeypatch.setattr(machine, "free_mib", lambda: 0.0)
    monkeypatch.setattr(workers, "MEMORY_SECONDS", 0.05)
    (found,) = ends(happened(pool, function(f"time.sleep(0.5)\n{REPORT}"))).values()
    assert status(found) == "done"


def test_no_free_memory_is_known_where_the_system_does_not_tell(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(machine, "_numbers", lambda path: {})
    assert machine.free_mib() is None and machine.ended_for_memory() == 0


@pytest.mark.parametrize("generation", ["", "memory/"])
def test_in_a_container_its_limit_is_what_counts(
    generation: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    names = {"": ("max", "current"), "memory/": ("limit_in_bytes", "usage_in_bytes")}[generation]
    (tmp_path / generation).mkdir(exist_ok=True)
    for name, mib in zip(names, (64, 48), strict=True):
        (tmp_path / f"{generation}memory.{name}").write_text(f"{mib * 2**20}\n")
    (tmp_path / f"{generation}memory.stat").write_text(f"anon 5\ninactive_file {2**20}\n")
    monkeypatch.setattr(machine, "_CONTAINERS", tmp_path)
    assert machine.memory_mib() == 64 and machine.free_mib() == 64 - 48 + 1
    (tmp_path / f"{generation}memory.{names[0]}").write_text("max\n")
    assert machine.memory_mib() > 64


def test_a_worker_that_only_prints_wakes_nobody(function: Make, pool: Workers) -> None:
    pool.free()[0].give(Task((function("while True:\n    print(1, flush=True)"),)))
    while not all(worker.ready for worker in pool.all):
        list(pool.events(30.0))
    began, looks = time.monotonic(), 0
    while time.monotonic() - began < 2:
        looks += 1
        assert not list(pool.events(0.25))
    assert looks <= 8
