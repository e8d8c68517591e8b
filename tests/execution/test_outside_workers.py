"""Workers for outside arms hold no torch, get their share of the machine, and leave nothing."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from functools import partial
from itertools import islice
from pathlib import Path

import pytest
from outside_functions import outside_job

from hikaku.errors import EnvironmentFault
from hikaku.execution import machine
from hikaku.execution.choose_pool import at_once
from hikaku.execution.dispatch import dispatch
from hikaku.execution.happenings import Ended, Happening, Retried
from hikaku.execution.job import OutsideJob
from hikaku.execution.orders import Find
from hikaku.execution.seats import Seat, seats
from hikaku.execution.workers import Workers, answered
from hikaku.record import Measured
from hikaku.study.decode import from_mapping
from hikaku.study.study import Metric, Outside, Study

Make = Callable[..., OutsideJob]


@pytest.fixture
def function(tmp_path: Path) -> Make:
    """Return a job whose function has this body."""

    return partial(outside_job, tmp_path)


def happened(jobs: list[OutsideJob], pool: Workers) -> list[Happening]:
    waiting = iter(jobs)
    return list(dispatch(lambda: tuple(islice(waiting, 1)), pool))


@pytest.fixture
def pool() -> Iterator[Workers]:
    workers = Workers(2, seats(2, 1, 1, ("GPU-a", "GPU-b")))
    yield workers
    workers.close()


def ended(jobs: list[OutsideJob], pool: Workers) -> dict[str, Measured]:
    found = [one.measured for one in happened(jobs, pool) if isinstance(one, Ended)]
    return {one.outcome.key: one for one in found}


LOADED = """
import sys
report(metric='torch', value=int('torch' in sys.modules))
report(metric='threads', value=int(os.environ['OMP_NUM_THREADS']))
report(metric='device', value='ab'.index(os.environ['CUDA_VISIBLE_DEVICES'][-1]))
report(metric='accuracy', value=1)
"""


def test_workers_hold_no_torch_and_get_their_cores_and_gpus(function: Make, pool: Workers) -> None:
    found = ended([function(LOADED, f"key{n}") for n in range(4)], pool)
    figures = [
        {r.metric: r.value for r in one.records if r.reading == "last"} for one in found.values()
    ]
    assert [one["torch"] for one in figures] == [0] * 4
    assert [one["threads"] for one in figures] == [1] * 4
    assert {one["device"] for one in figures} == {0, 1}


def test_an_exception_fails_its_trial_only_and_names_the_line(
    function: Make, pool: Workers
) -> None:
    wrong = function("raise ValueError('too small')", "wrong")
    leaves = function("raise SystemExit(0)", "leaves")
    found = ended([wrong, leaves, function("report(metric='accuracy', value=1)", "right")], pool)
    assert found["wrong"].outcome.error == "ValueError: too small (wrong.py:3)"
    assert found["leaves"].outcome.status == "failed"
    assert found["right"].outcome.status == "done"


def test_a_function_may_start_processes_of_its_own(function: Make, pool: Workers) -> None:
    body = (
        "import multiprocessing\n"
        "with multiprocessing.get_context('fork').Pool(1) as helpers:\n"
        "    report(metric='accuracy', value=helpers.apply(abs, (-3,)))"
    )
    found = ended([function(body)], pool)["key"]
    assert (found.outcome.error, found.outcome.status) == ("", "done")


@pytest.mark.fault("A20")
@pytest.mark.parametrize("own", ["", "import signal\nsignal.signal(15, lambda *_: os._exit(15))\n"])
def test_a_fork_of_a_worker_ends_when_it_is_asked_to(
    function: Make, pool: Workers, own: str
) -> None:
    body = own + (
        "import multiprocessing, time\n"
        "fork = multiprocessing.get_context('fork')\n"
        "helper = fork.Process(target=time.sleep, args=(600,))\n"
        "helper.start()\nhelper.terminate()\nhelper.join(20)\nended = helper.exitcode\n"
        "helper.kill()\nreport(metric='accuracy', value=0 if ended is None else ended)"
    )
    found = ended([function(body)], pool)["key"]
    assert [r.value for r in found.records] == [15 if own else -signal.SIGTERM]


def test_a_fork_of_a_worker_outlives_a_terminal_as_nohup_has_it(function: Make) -> None:
    body = (
        "import multiprocessing, signal, time\n"
        "fork = multiprocessing.get_context('fork')\n"
        "helper = fork.Process(target=time.sleep, args=(600,))\n"
        "helper.start()\nos.kill(helper.pid, signal.SIGHUP)\nhelper.join(1)\n"
        "helper.terminate()\nhelper.join(20)\nended = helper.exitcode\n"
        "helper.kill()\nreport(metric='accuracy', value=0 if ended is None else ended)"
    )
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    pool = Workers(1, (Seat(1),))
    try:
        found = ended([function(body)], pool)["key"]
    finally:
        pool.close()
        signal.signal(signal.SIGHUP, before)
    assert [r.value for r in found.records] == [-signal.SIGTERM]


@pytest.mark.fault("A20")
def test_a_fork_of_a_worker_never_answers_in_its_place(function: Make, pool: Workers) -> None:
    body = (
        "if os.fork() == 0:\n    return\nassert os.wait()[1] == 0\n"
        "if os.fork() == 0:\n    raise SystemExit(3)\n"
        "report(metric='accuracy', value=os.waitstatus_to_exitcode(os.wait()[1]))"
    )
    found = ended([function(body, f"key{n}") for n in range(3)], pool)
    assert [one.outcome.error for one in found.values()] == ["", "", ""]
    assert {r.value for one in found.values() for r in one.records} == {3}


@pytest.mark.parametrize(
    ("ending", "attempts", "words"),
    [
        ("os._exit(0)", 1, "ended with exit code 0"),
        ("os._exit(7)", 1, "ended with exit code 7"),
        ("os.kill(os.getpid(), 9)", 3, "killed by SIGKILL"),
    ],
)
@pytest.mark.fault("A11", "A12")
def test_only_a_worker_that_was_killed_is_worth_another_try(
    function: Make, pool: Workers, ending: str, attempts: int, words: str
) -> None:
    told = happened([function(ending)], pool)
    (outcome,) = (one.measured.outcome for one in told if isinstance(one, Ended))
    assert sum(isinstance(one, Retried) for one in told) == attempts - 1
    assert outcome.cost["attempts"] == attempts and words in outcome.error


def test_what_a_command_leaves_behind_ends_with_its_trial(tmp_path: Path, pool: Workers) -> None:
    (tmp_path / "c.sh").write_text(
        '(sleep 5; touch late) &\necho $! > left\necho \'{"metric": "accuracy", "value": 0.9}\'\n'
    )
    job = OutsideJob("k", Outside(command="sh c.sh"), 7, Metric("accuracy"), str(tmp_path))
    assert ended([job], pool)["k"].outcome.status == "done"
    assert is_gone(int((tmp_path / "left").read_text()))
    assert not (tmp_path / "late").exists()


@pytest.mark.fault("A20")
def test_what_a_trial_started_ends_with_its_worker(tmp_path: Path, function: Make) -> None:
    body = (
        "import subprocess, sys\n"
        "child = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(600)'])\n"
        "open('pid', 'w').write(str(child.pid))\nreport(metric='accuracy', value=1)"
    )
    pool = Workers(1, (Seat(1),))
    try:
        assert ended([function(body)], pool)["key"].outcome.status == "done"
    finally:
        pool.close()
    assert is_gone(int((tmp_path / "pid").read_text()))


def is_gone(pid: int) -> bool:
    for _ in range(200):
        try:
            os.kill(pid, 0)
            state = Path(f"/proc/{pid}/stat")
            if state.exists() and state.read_text().rpartition(")")[2].split()[0] == "Z":
                return True
        except ProcessLookupError:
            return True
        time.sleep(0.05)
    return False


@pytest.mark.fault("A7")
def test_a_command_does_not_outlive_a_supervisor_that_is_killed(tmp_path: Path) -> None:
    (tmp_path / "long.py").write_text(
        "import os, time\nopen('pid', 'w').write(str(os.getpid()))\ntime.sleep(600)"
    )
    (tmp_path / "s.toml").write_text(
        'format = 1\nmetric = "accuracy"\nworth = 0.1\nseeds = 1\n'
        'command = "python long.py {seed}"\n'
    )
    words = [sys.executable, "-m", "hikaku", "run", "s.toml", "--quiet"]
    with subprocess.Popen(words, cwd=tmp_path, stderr=subprocess.DEVNULL) as supervisor:
        pid = tmp_path / "pid"
        for _ in range(400):
            if pid.exists() and pid.read_text():
                break
            time.sleep(0.05)
        supervisor.send_signal(signal.SIGKILL)
    assert is_gone(int(pid.read_text()))


@pytest.mark.slow
def test_torch_is_there_where_it_is_needed_after_outside_arms_were_trained(
    function: Make, pool: Workers
) -> None:
    assert ended([function(LOADED)], pool)
    ours = Workers(1)
    try:
        answered(ours, Find("cuda"))
    except EnvironmentFault as error:
        assert "cuda" in str(error).lower()  # torch was asked, and knows of none
    finally:
        ours.close()
    assert ended([function(LOADED)], pool)["key"].records[0].value == 0


def study(tmp_path: Path, **resources: object) -> Study:
    (tmp_path / "t.py").write_text("def train(settings, seed, report): ...\n")
    return from_mapping(
        {
            "format": 1,
            "metric": "accuracy",
            "worth": 0.1,
            "train": "t.py:train",
            "resources": resources,
        },
        name="s",
        folder=tmp_path,
    )


@pytest.fixture
def eight_cores(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(machine, "cores", lambda: 8)
    monkeypatch.setattr(machine, "memory_mib", lambda: 4096)
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "2,3,5")


@pytest.mark.usefixtures("eight_cores")
@pytest.mark.parametrize(
    ("resources", "workers", "count"),
    [
        ({}, None, 8),
        ({}, 3, 3),
        ({"cpus": 3}, None, 2),
        ({"cpus": 16}, None, 1),
        ({"gpus": 1}, None, 3),
        ({"gpus": 2}, None, 1),
        ({"memory": "1.5 GiB"}, None, 2),
        ({"memory": "1 GiB", "gpus": 1}, 2, 2),
    ],
)
def test_so_many_go_at_once_as_the_resources_allow(
    tmp_path: Path, resources: dict[str, object], workers: int | None, count: int
) -> None:
    assert at_once(study(tmp_path, **resources), workers) == count


@pytest.mark.usefixtures("eight_cores")
@pytest.mark.parametrize("resources", [{"gpus": 4}, {"memory": "5 GiB"}])
def test_to_ask_for_more_than_there_is_is_an_error(
    tmp_path: Path, resources: dict[str, object]
) -> None:
    with pytest.raises(EnvironmentFault, match=r"more (gpus|memory) for one trial than there is"):
        at_once(study(tmp_path, **resources), None)


def test_gpus_are_handed_out_one_after_the_other() -> None:
    found = seats(2, 3, 2, ("a", "b", "c", "d"))
    assert [seat.variables["CUDA_VISIBLE_DEVICES"] for seat in found] == ["a,b", "c,d"]
    assert found[0].variables["OMP_NUM_THREADS"] == "3"
    assert "CUDA_VISIBLE_DEVICES" not in Seat(1).variables
