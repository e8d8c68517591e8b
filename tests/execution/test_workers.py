"""Workers die, trials raise, supervisors are killed: only what had to be lost is lost."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from itertools import islice
from pathlib import Path

import pytest
from tiny import job, run_trial

from hikaku.execution.dispatch import check, dispatch
from hikaku.execution.happenings import Ended, Happening, Retried, Started
from hikaku.execution.job import Job
from hikaku.execution.orders import Progress
from hikaku.execution.workers import Workers
from hikaku.record import Measured
from hikaku.study.recipe import Use

pytestmark = pytest.mark.slow

FAULTY = '''
"""A clip that misbehaves at the third step, as its setting says."""
import os
import signal
import sys
from dataclasses import dataclass
from typing import Literal

from hikaku.study.card import Card

CARD = Card(slot="clip", family="test", claim="none", formula="g", paper="none", year=2026)
SEEN = [0]


@dataclass(frozen=True)
class Faulty:
    """Raise, leave, or be killed."""

    how: Literal["raise", "exit", "kill"] = "raise"

    def clip(self, grads, params):
        SEEN[0] += 1
        if SEEN[0] < 3:
            return grads
        if self.how == "raise":
            raise RuntimeError("the third step is one too many")
        if self.how == "exit":
            sys.exit(3)
        os.kill(os.getpid(), signal.SIGKILL)
'''


def each(jobs: Sequence[Job]) -> Callable[[], Sequence[Job]]:
    """One by one, each a stack of its own; none after the last."""
    waiting = iter(jobs)
    return lambda: tuple(islice(waiting, 1))


@pytest.fixture
def pool() -> Iterator[Workers]:
    workers = Workers(2)
    yield workers
    workers.close()


@pytest.fixture
def faulty(tmp_path: Path) -> Path:
    (tmp_path / "faulty.py").write_text(FAULTY)
    return tmp_path


def faulty_job(folder: Path, how: str) -> Job:
    return job(0, how, clip=(Use(f"{folder}/faulty.py:Faulty", (("how", how),)),))


def ends(happened: Sequence[Happening]) -> dict[str, Measured]:
    return {h.measured.outcome.key: h.measured for h in happened if isinstance(h, Ended)}


def test_a_worker_measures_what_this_process_measures_bit_for_bit(pool: Workers) -> None:
    jobs = [job(seed, f"seed {seed}") for seed in range(4)]
    found = ends(list(dispatch(each(jobs), pool)))
    for asked in jobs:
        alone = run_trial(asked, lambda step, steps: None)
        assert found[asked.key].records == alone.records
        assert found[asked.key].outcome.cost["attempts"] == 1


@pytest.mark.fault("A20")
def test_an_exception_ends_its_own_trial_and_no_other(pool: Workers, faulty: Path) -> None:
    jobs = [faulty_job(faulty, "raise"), faulty_job(faulty, "exit"), job(1, "good")]
    happened = list(dispatch(each(jobs), pool))
    found = {key: measured.outcome for key, measured in ends(happened).items()}
    assert {key: outcome.status for key, outcome in found.items()} == {
        "raise": "failed",
        "exit": "failed",
        "good": "done",
    }
    assert "one too many" in found["raise"].error
    detail = next(h.detail for h in happened if isinstance(h, Ended) and h.detail)
    assert "faulty.py" in detail and "Traceback" in detail


@pytest.mark.fault("A11")
def test_a_trial_that_kills_its_workers_is_given_up_after_three(
    pool: Workers, faulty: Path
) -> None:
    jobs = [faulty_job(faulty, "kill"), job(1, "good")]
    happened = list(dispatch(each(jobs), pool))
    found = {key: measured.outcome for key, measured in ends(happened).items()}
    assert sum(isinstance(h, Retried) for h in happened) == 2
    assert found["kill"].status == "failed" and "SIGKILL" in found["kill"].error
    assert found["good"].status == "done"


@pytest.mark.fault("A11")
def test_a_killed_workers_trial_is_tried_again_and_comes_out_the_same(pool: Workers) -> None:
    asked = job(0, "killed")
    killed, happened = False, []
    for happening in dispatch(each([asked]), pool):
        happened.append(happening)
        if isinstance(happening, Progress) and not killed:
            killed = True
            busy = next(worker for worker in pool.all if worker.task is not None)
            os.kill(busy.process.pid or 0, signal.SIGKILL)
    assert sum(isinstance(h, Started) for h in happened) == 2
    measured = ends(happened)["killed"]
    assert measured.records == run_trial(asked, lambda step, steps: None).records
    assert measured.outcome.cost["attempts"] == 2


@pytest.mark.fault("C13")
def test_a_dry_run_finds_what_is_wrong_with_an_arm_and_trains_nothing(pool: Workers) -> None:
    nowhere = Use("dropout", (("p", 0.5), ("at", ("nowhere",)), ("place", "before")))
    errors = check([job(0, "good"), job(0, "bad", layers=(nowhere,))], pool)
    assert [key for key, _ in errors] == ["bad"]
    assert "finds no place" in str(errors[0][1])


SUPERVISOR = """
import sys, time
sys.path[:0] = {path!r}
from hikaku.execution.workers import Workers
pool = Workers(2)
print(*[worker.process.pid for worker in pool.all], flush=True)
time.sleep(60)
"""


@pytest.mark.fault("A7")
def test_no_worker_outlives_a_supervisor_that_is_killed() -> None:
    script = SUPERVISOR.format(path=[entry for entry in sys.path if entry])
    supervisor = subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, text=True)
    assert supervisor.stdout is not None
    pids = [int(pid) for pid in supervisor.stdout.readline().split()]
    assert len(pids) == 2
    supervisor.kill()
    supervisor.wait()
    supervisor.stdout.close()
    patience = time.monotonic() + 30
    while any(alive(pid) for pid in pids) and time.monotonic() < patience:
        time.sleep(0.1)
    assert not any(alive(pid) for pid in pids)


def alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    status = Path(f"/proc/{pid}/stat")
    return not (status.exists() and status.read_text().rpartition(")")[2].split()[0] == "Z")
