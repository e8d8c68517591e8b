"""A metric of the user's is one function to one number, and its mistakes bear its name."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from hikaku.errors import StudyError
from hikaku.execution.judges import load

METRICS = """
import numpy as np
import torch


def right(answers, targets):
    return (answers.argmax(1) == targets).mean()


def plain(answers, targets):
    return 3


def tensor(answers, targets):
    return torch.tensor(0.5)


def falls(answers, targets):
    return answers[100]


def many(answers, targets):
    return answers[0]


def text(answers, targets):
    return "0.5"


def nothing(answers, targets):
    pass


NUMBER = 3
"""
ANSWERS = np.array([[0.9, 0.1], [0.4, 0.6], [0.8, 0.2]])
TARGETS = np.array([0, 1, 1])


@pytest.fixture
def folder(tmp_path: Path) -> str:
    (tmp_path / "mine.py").write_text(METRICS)
    return str(tmp_path)


@pytest.mark.parametrize(("name", "value"), [("right", 2 / 3), ("plain", 3.0), ("tensor", 0.5)])
def test_a_number_of_any_library_is_a_number(folder: str, name: str, value: float) -> None:
    found = load(f"mine.py:{name}", folder)(ANSWERS, TARGETS)
    assert found == pytest.approx(value) and type(found) is float


def test_an_exception_is_told_with_the_metrics_name_its_line_and_what_it_was_given(
    folder: str,
) -> None:
    with pytest.raises(StudyError) as found:
        load("mine.py:falls", folder)(ANSWERS, TARGETS)
    line = METRICS.splitlines().index("    return answers[100]") + 1
    assert found.value.text().splitlines() == [
        f"mine.py:{line} metric: mine.py:falls failed: IndexError: index 100 is out of bounds for "
        "axis 0 with size 3",
        "  why: it was given answers (3, 2) and targets (3,)",
    ]


@pytest.mark.parametrize("name", ["many", "text", "nothing"])
def test_what_is_no_number_is_refused_under_the_metrics_name(folder: str, name: str) -> None:
    with pytest.raises(StudyError, match=f"mine.py:{name} must return one number, not "):
        load(f"mine.py:{name}", folder)(ANSWERS, TARGETS)


@pytest.mark.parametrize("name", ["NUMBER", "gone"])
def test_what_is_no_function_is_refused(folder: str, name: str) -> None:
    with pytest.raises(StudyError, match=f"has no function {name}"):
        load(f"mine.py:{name}", folder)
