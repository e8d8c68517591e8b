"""A function or a command reports; its reports become records, and its mistakes are told."""

import math
import os
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any, cast

import numpy as np
import pytest

from hikaku.errors import Paused, StudyError
from hikaku.execution.job import OutsideJob
from hikaku.execution.outside import run_outside
from hikaku.execution.reports import Reports
from hikaku.record import Measured
from hikaku.study.study import Metric, Outside

JUDGED = Metric("accuracy")
Make = Callable[..., OutsideJob]


@pytest.fixture
def function(tmp_path: Path) -> Make:
    """Return a job whose function has this body."""

    def made(
        body: str, key: str = "key", judged: Metric = JUDGED, **settings: object
    ) -> OutsideJob:
        lines = "".join(f"    {line}\n" for line in body.splitlines())
        text = f"import os\ndef train(settings, seed, report):\n{lines}"
        (tmp_path / f"{key}.py").write_text(text)
        work = Outside(train=f"{key}.py:train", settings=tuple(settings.items()))
        return OutsideJob(key, work, 7, judged, str(tmp_path))

    return made


@pytest.fixture
def command(tmp_path: Path) -> Make:
    """Return a job whose command runs this program."""

    def made(program: str, *, of: str = "") -> OutsideJob:
        (tmp_path / "program.py").write_text(program)
        work = Outside(command=of or "python program.py {seed}")
        return OutsideJob("key", work, 7, JUDGED, str(tmp_path))

    return made


def rows(measured: Measured) -> list[tuple[str, int, str, str, float]]:
    return [(r.reading, r.step, r.split, r.metric, r.value) for r in measured.records]


def test_the_last_value_is_judged_and_values_with_a_step_are_a_curve(function: Make) -> None:
    body = (
        "for step in range(3):\n"
        "    report('validation', metric='accuracy', value=step / 10, step=step)\n"
        "report(metric='accuracy', value=0.5)\nreport(metric='accuracy', value=0.7)"
    )
    found = run_outside(function(body))
    assert rows(found) == [
        ("curve", 0, "validation", "accuracy", 0.0),
        ("curve", 1, "validation", "accuracy", 0.1),
        ("curve", 2, "validation", "accuracy", 0.2),
        ("last", 2, "validation", "accuracy", 0.2),
        ("last", 0, "test", "accuracy", 0.7),
    ]
    outcome = found.outcome
    assert (outcome.status, outcome.step, outcome.steps_per_epoch) == ("done", 2, 1)
    assert outcome.cost["seconds"] >= 0 and outcome.cost["peak_mib"] > 0
    assert "torch" not in outcome.environment and "Python" in outcome.environment


def test_settings_are_fresh_in_each_trial_and_lists_are_lists(function: Make) -> None:
    body = (
        "assert settings['sizes'] == [8, [1, 2]] and seed == 7\n"
        "settings['sizes'].clear()\nreport(metric='accuracy', value=1)"
    )
    asked = function(body, sizes=(8, (1, 2)))
    assert run_outside(asked).outcome.status == run_outside(asked).outcome.status == "done"


def test_it_runs_in_the_folder_of_the_study(function: Make, tmp_path: Path) -> None:
    here = Path.cwd()
    body = "report(metric='accuracy', value=os.path.isfile('key.py'))"
    with pytest.raises(StudyError, match="one number, not bool True"):
        run_outside(function(body))
    assert Path.cwd() == here


@pytest.mark.parametrize("value", [math.nan, math.inf])
def test_a_last_value_that_is_not_finite_is_divergence(function: Make, value: float) -> None:
    found = run_outside(function(f"report(metric='accuracy', value=float('{value}'))"))
    assert found.outcome.status == "diverged"


def test_a_figure_of_its_own_may_be_infinite_where_the_judged_one_is_not(function: Make) -> None:
    body = "report(metric='loss', value=float('inf'))\nreport(metric='accuracy', value=1)"
    assert run_outside(function(body)).outcome.status == "done"


@pytest.mark.parametrize(
    ("call", "words"),
    [
        ("report('tset', metric='accuracy', value=1)", "Did you mean 'test'"),
        ("report(metric='accuracy', value='high')", "one number, not str high"),
        ("report(metric='accuracy', value=[1])", "one number, not list"),
        ("report(metric='accuracy', value=10**400)", "one number"),
        ("report(metric='', value=1)", "a name of 1 to 80 letters"),
        ("report(metric='accuracy', value=1, step=0.5)", "a whole number >= 0"),
        ("report(metric='accuracy', value=1, step=-1)", "a whole number >= 0"),
    ],
)
def test_what_is_no_report_is_told_with_its_line(function: Make, call: str, words: str) -> None:
    with pytest.raises(StudyError) as caught:
        run_outside(function(f"pass\n{call}"))
    assert words in str(caught.value) and "key.py:4:" in str(caught.value)


@pytest.mark.parametrize("value", [np.float32(0.5), np.array(0.5), np.array([0.5])])
def test_numbers_of_libraries_are_numbers(value: Any) -> None:
    reports = Reports()
    reports(metric="accuracy", value=value, step=cast(Any, np.int64(3)))
    assert reports.last == {("test", "accuracy"): 0.5} and reports.step == 3


def test_arrays_of_many_are_none() -> None:
    with pytest.raises(StudyError, match="one number, not ndarray"):
        Reports()(metric="accuracy", value=cast(Any, np.zeros(2)))


def test_a_function_that_never_reports_the_judged_figure_fails(function: Make) -> None:
    with pytest.raises(StudyError, match="test accuracy was never reported") as caught:
        run_outside(function("report(metric='loss', value=1)"))
    assert "reported: test loss" in str(caught.value)


def test_a_figure_of_the_curve_needs_steps(function: Make) -> None:
    judged = Metric("accuracy", "validation", "area")
    with pytest.raises(StudyError, match="no report had a step"):
        run_outside(function("report('validation', metric='accuracy', value=1)", judged=judged))


def test_figures_are_reported_and_not_returned(function: Make) -> None:
    with pytest.raises(StudyError, match="train returned a dict: figures are reported"):
        run_outside(function("return {'accuracy': 0.9}"))


def test_a_file_that_changed_meanwhile_pauses_the_run(function: Make) -> None:
    asked = function("report(metric='accuracy', value=1)")
    changed = OutsideJob("key", asked.work, 7, JUDGED, asked.folder, files=(("key.py", "0" * 64),))
    with pytest.raises(Paused, match=r"key\.py changed"):
        run_outside(changed)


REPORTING = """
import json, sys
print("epoch 1: fine")
print('{"not": "a report"}')
print("{half")
print(json.dumps({"split": "validation", "metric": "accuracy", "value": 0.2, "step": 1}))
print(json.dumps({"metric": "accuracy", "value": int(sys.argv[1]) / 10}))
print("to stderr", file=sys.stderr)
"""


def test_a_command_prints_its_reports_as_lines_of_json(command: Make) -> None:
    found = run_outside(command(REPORTING))
    assert rows(found) == [
        ("curve", 1, "validation", "accuracy", 0.2),
        ("last", 1, "validation", "accuracy", 0.2),
        ("last", 0, "test", "accuracy", 0.7),
    ]
    assert found.outcome.cost["peak_mib"] > 0


def test_a_command_that_fails_says_its_last_line(command: Make) -> None:
    program = REPORTING + "for n in range(99): print('line', n)\nraise ValueError('too small')"
    with pytest.raises(StudyError, match="exit code 1: ValueError: too small") as caught:
        run_outside(command(program))
    assert len(str(caught.value).splitlines()) <= 22


def test_a_report_that_is_wrong_ends_a_command(command: Make) -> None:
    program = 'import time\nprint(\'{"metric": "accuracy", "value": null}\', flush=True)\n'
    with pytest.raises(StudyError, match=r"stdout:1: .*not NoneType"):
        run_outside(command(program + "time.sleep(60)"))


@pytest.mark.fault("E6")
def test_a_word_of_a_command_stays_one_word(command: Make) -> None:
    program = "import json, sys\nassert sys.argv[1:] == ['$HOME; a', '{7}'], sys.argv\n" + REPORTING
    made = command(program.replace("sys.argv[1])", "7)"), of="python program.py {text} {{{seed}}}")
    asked = Outside(command=made.work.command, settings=(("text", "$HOME; a"),))
    assert run_outside(OutsideJob("k", asked, 7, JUDGED, made.folder)).outcome.status == "done"


LEAVING = """
import subprocess, sys
left = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(5); open('late', 'w')"])
open("left", "w").write(str(left.pid))
print('{"metric": "accuracy", "value": 0.9}', end="")
"""


def test_a_command_has_ended_when_it_has_left_a_process_behind(
    command: Make, tmp_path: Path
) -> None:
    found = run_outside(command(LEAVING))
    os.kill(int((tmp_path / "left").read_text()), signal.SIGKILL)
    assert not (tmp_path / "late").exists()
    assert rows(found) == [("last", 0, "test", "accuracy", 0.9)]


def test_everything_is_read_of_a_command_that_prints_more_than_a_pipe_holds(command: Make) -> None:
    line = 'print(\'{"metric": "accuracy", "value": %d, "step": %d}\' % (n, n))\n'
    program = f"import sys\nsys.stderr.write('é\\r\\n' * 90000)\nfor n in range(9000): {line}"
    found = run_outside(command(program + "print('half', flush=True)"))
    assert [r.value for r in found.records if r.reading == "curve"] == [*range(9000)]
