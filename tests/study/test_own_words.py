"""What is said of a model or data in the user's own file that is named or written wrongly."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from small_house import STUDY

from hikaku.errors import Fault, StudyError
from hikaku.study.study import Study

MODELS = """
import torch
from torch import nn


def _helper(): ...


class Net(nn.Module):
    def __init__(self, inputs, classes, width=8): ...


class Shaped(nn.Module):
    def __init__(self, input_shape, num_classes): ...


class Taken(nn.Module):
    def __init__(self, inputs, classes, weights, output=3): ...


def make(inputs, classes): ...


def load(root="x", kind="a", standardize=True, use=1, train=2): ...
"""


@pytest.fixture
def faults(decoded: Callable[..., Study], tmp_path: Path) -> Callable[..., list[Fault]]:
    (tmp_path / "models.py").write_text(MODELS)

    def find(before: str, after: str) -> list[Fault]:
        with pytest.raises(StudyError) as caught:
            decoded(STUDY, (before, after))
        return list(caught.value.faults)

    return find


MODEL = 'model    = "small-cnn"'


def test_a_name_that_a_file_does_not_hold_is_answered_with_those_that_it_holds(
    faults: Callable[..., list[Fault]],
) -> None:
    (fault,) = faults(MODEL, 'model = "models.py:Nett"')
    assert str(fault.what) == "'models.py' holds no 'Nett'. Did you mean 'Net'?"
    assert str(fault.mend) == "it holds: Net, Shaped, Taken, make, load"


@pytest.mark.parametrize("written", ['"models.py"', '{ use = "models.py" }'])
def test_a_file_without_a_name_is_answered_with_what_to_write(
    faults: Callable[..., list[Fault]], written: str
) -> None:
    (fault,) = faults(MODEL, f"model = {written}")
    assert str(fault.what) == "'models.py' is a file, and no model in it."
    assert str(fault.mend) == ('write "models.py:Name"; it holds: Net, Shaped, Taken, make, load')


def test_a_file_that_is_not_there_is_said_to_be_missing(
    faults: Callable[..., list[Fault]],
) -> None:
    (fault,) = faults(MODEL, 'model = "none.py"')
    assert str(fault.what) == "there is no file 'none.py' beside the study."


def test_a_model_that_needs_a_setting_is_told_which_are_filled_in(
    faults: Callable[..., list[Fault]],
) -> None:
    found = faults(MODEL, 'model = "models.py:Shaped"')
    assert [str(fault.what) for fault in found] == [
        "Shaped needs the setting 'input_shape'.",
        "Shaped needs the setting 'num_classes'.",
    ]
    assert {str(fault.mend) for fault in found} == {
        "parameters named 'inputs' and 'classes' are filled in from the data"
    }


@pytest.mark.parametrize(
    ("before", "after", "owner", "names"),
    [
        (MODEL, 'model = "models.py:Taken"', "Taken", ("weights", "output")),
        (
            'use = "digits"',
            'use = "models.py:load"',
            "load",
            ("kind", "standardize", "use", "train"),
        ),
    ],
)
def test_a_parameter_with_a_name_of_ours_is_refused_by_its_name(
    faults: Callable[..., list[Fault]], before: str, after: str, owner: str, names: tuple[str, ...]
) -> None:
    assert [str(fault.what) for fault in faults(before, after)] == [
        f"the parameter '{name}' of {owner} has a name that hikaku uses itself; rename it."
        for name in names
    ]
