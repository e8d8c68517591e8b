"""docs/reliability.md is what the list of faults and the tests' marks say, and leaves none out."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from reliability import PAGE, Fault, Shown, faults, marks, measured, page, wrong

ROOMS = {"A": 20, "B": 18, "C": 17, "D": 20, "E": 7, "F": 15, "G": 5, "H": 8}
ONE = Fault("A1", "it falls", "it stands")


@pytest.mark.parametrize("room", ROOMS)
def test_the_list_holds_every_fault_of_a_room(room: str) -> None:
    found = [fault.id for fault in faults() if fault.id.startswith(room)]
    assert found == [f"{room}{number}" for number in range(1, ROOMS[room] + 1)]


def test_every_fault_has_a_test_or_a_reason_and_every_mark_a_fault() -> None:
    assert list(wrong(faults(), marks())) == []


def test_the_page_is_current() -> None:
    assert PAGE.read_text("utf-8") == page(faults(), marks(), measured()), "make reliability"


def test_the_campaigns_were_whole_and_found_nothing_wrong() -> None:
    """What `make soak` and `make load` last wrote."""
    soak, store = measured().values()
    assert soak["lost_doubled_or_changed"] == 0 and soak["processes_killed"] >= 11_000
    assert len(set(soak["seeded_defects_found"].split(" of "))) == 1
    assert (store["trials"], store["records"]) == (10_000, 1_000_000)


def test_only_what_is_not_built_yet_waits() -> None:
    waiting = {fault.id for fault in faults() if "waits for" in fault.why_not}
    assert waiting == {f"H{n}" for n in range(1, 9)}


def test_marks_are_found_on_tests_cases_classes_and_modules(tmp_path: Path) -> None:
    (tmp_path / "tests").mkdir()
    mark = "pytest.mark.fault"
    text = (
        f"pytestmark = [pytest.mark.slow, {mark}('A1')]\n"
        f"@{mark}('A2', 'A1')\ndef test_one(): ...\n"
        f"@{mark}('A3')\nclass TestTwo: ...\n"
        f"@pytest.mark.parametrize('a', [pytest.param(1, marks={mark}('A4'))])\n"
        "def test_three(a): ...\n"
    )
    (tmp_path / "tests" / "test_a.py").write_text(text)
    found = {id: shown[0].marks for id, shown in marks(tmp_path / "tests").items()}
    assert found == {"A1": 2, "A2": 1, "A3": 1, "A4": 1}


@pytest.mark.parametrize(
    ("known", "shown", "said"),
    [
        ([ONE], {}, "A1 has neither"),
        ([Fault("A1", "a", "b", "later")], {"A1": [Shown("tests/a.py", 1)]}, "and a reason"),
        ([], {"Z9": [Shown("tests/a.py", 1)]}, "Z9 is a mark in tests/a.py"),
        ([ONE, ONE], {"A1": [Shown("tests/a.py", 1)]}, "twice"),
    ],
)
def test_what_does_not_fit_is_told(
    known: list[Fault], shown: dict[str, list[Shown]], said: str
) -> None:
    assert [said in line for line in wrong(known, shown)] == [True]


def test_the_harness_totals_stand_on_the_page() -> None:
    found = {"seed": 7, "campaigns": [{"name": "stub", "kills": 10_000}]}
    written = page([ONE], {}, {"The harness": found})
    assert "## The harness" in written and "- seed: 7" in written
    assert "| stub | 10,000 |" in written


def test_no_cell_of_the_list_breaks_the_table() -> None:
    for fault in faults():
        for text in (fault.fault, fault.wanted, fault.why_not, fault.note):
            assert not re.search(r"[\n|<>\u2014]", text.replace("\\|", "")), fault.id
