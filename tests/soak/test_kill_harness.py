"""Trainings are killed, and nothing is lost, doubled or changed; and the harness is not blind.

It runs outside of pytest: its supervisors are forks of a process without threads. The totals are
printed at the end of the session.
"""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from soak import bugs, calls, disk
from soak.__main__ import said

ROOT = Path(__file__).parents[2]

pytestmark = pytest.mark.slow


def soaked(*arguments: str) -> list[dict[str, object]]:
    """Return what the harness says, a row a line; it says why where it says nothing."""
    answer = subprocess.run(
        [sys.executable, "-m", "soak", "--json", *arguments],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)},
        capture_output=True,
        text=True,
        timeout=900,
    )
    assert answer.stdout, answer.stderr
    return [json.loads(line) for line in answer.stdout.splitlines()]


def nothing_wrong(rows: list[dict[str, object]], record) -> None:
    for row in rows:
        record("soak", said(row))
        assert row["wrong"] == []


@pytest.mark.fault("A2", "A3", "A4", "A5", "A7", "A10", "A14", "A15", "F12", "G1", "G4", "G5")
def test_nothing_is_lost_in_kills_of_stub_trainings(record_property) -> None:
    """A part of `make soak`, which kills for an hour."""
    nothing_wrong(soaked("stub", "120"), record_property)


@pytest.mark.fault("A3", "A4", "A5", "A7", "G1")
def test_nothing_is_lost_in_kills_of_real_trainings(record_property) -> None:
    rows = soaked("real", "10")
    assert len(rows) == 2
    nothing_wrong(rows, record_property)


@pytest.mark.fault("A1", "A2", "A4", "A5", "B1", "B3", "G4")
@pytest.mark.skipif(not calls.there(), reason="strace is not there, or may not trace")
def test_nothing_is_lost_at_a_system_call_that_kills_or_fails(record_property) -> None:
    nothing_wrong(soaked("calls", "15"), record_property)


@pytest.mark.fault("B1", "B2", "B4")
@pytest.mark.skipif(not disk.there(), reason="no mount namespace can be had")
def test_a_run_on_a_full_or_read_only_disk_stops_and_later_goes_on(record_property) -> None:
    nothing_wrong(soaked("disk", "12"), record_property)


@pytest.mark.parametrize("bug", bugs.BUGS)
def test_the_harness_finds(bug: str, record_property) -> None:
    if bug == "no-flush" and not calls.there():
        pytest.skip("it is seen in the order of system calls, and strace is not there")
    (row,) = soaked("hunt", bug)
    record_property("soak", said(row))
    assert row["found"]
