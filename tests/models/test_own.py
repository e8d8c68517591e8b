"""A user's class or factory is called as it stands, or refused with file and line."""

from __future__ import annotations

from pathlib import Path

import pytest
from torch import nn

from hikaku.errors import StudyError
from hikaku.models import own
from hikaku.study.recipe import Use, Value

FILE = """from torch import nn


class Net(nn.Module):
    def __init__(self, inputs, classes, width=4, sizes=(), *, name="plain"):
        super().__init__()
        self.seen = (inputs, classes, width, sizes, name)
        self.fc = nn.Linear(inputs[0], classes)


def factory(**given):
    model = nn.Linear(2, 3)
    model.seen = given
    return model


def needs(width, depth):
    return nn.Linear(width, depth)


def fails(inputs):
    return deeper(inputs)


def deeper(inputs):
    raise ValueError(f"no room\\nfor {inputs}")
"""


@pytest.fixture
def folder(tmp_path: Path) -> str:
    (tmp_path / "my_model.py").write_text(FILE, "utf-8")
    return str(tmp_path)


def made(name: str, folder: str, /, **settings: Value) -> nn.Module:
    use = Use(f"my_model.py:{name}", tuple(settings.items()))
    return own.made(use, (5,), 3, folder)


def test_settings_go_in_by_name_and_inputs_and_classes_are_filled_in(folder: str) -> None:
    assert made("Net", folder, width=8, name="x").seen == ((5,), 3, 8, (), "x")


def test_lists_arrive_as_lists_and_what_is_written_wins(folder: str) -> None:
    model = made("Net", folder, sizes=(1, (2, 3)), classes=7)
    assert model.seen == ((5,), 7, 4, [1, [2, 3]], "plain")


def test_what_takes_any_keyword_gets_the_settings_alone(folder: str) -> None:
    assert made("factory", folder, a=1).seen == {"a": 1}


def test_reserved_settings_are_not_the_models(folder: str) -> None:
    reserved = {"weights": "w.pt", "fresh": ("a",), "output": 1}
    assert made("factory", folder, **reserved).seen == {}


@pytest.mark.fault("C13")
def test_all_settings_that_are_missing_or_unknown_are_named_at_once(folder: str) -> None:
    with pytest.raises(StudyError) as refusal:
        made("needs", folder, widht=8)
    text = refusal.value.text()
    assert "my_model.py:17 model: my_model.py:needs has no setting 'widht'" in text
    assert "Did you mean 'width'?" in text and "it takes: width, depth" in text
    assert "needs the setting 'depth'" in text


@pytest.mark.fault("C13")
def test_an_exception_of_the_constructor_names_the_line_that_raised_it(folder: str) -> None:
    with pytest.raises(StudyError) as refusal:
        made("fails", folder)
    assert refusal.value.faults[0].where == "my_model.py:26"
    assert "ValueError: no room" in refusal.value.text()


def test_our_own_models_are_built_by_their_name() -> None:
    assert isinstance(own.made(Use("mlp", (("hidden", (4,)),)), (5,), 3, "."), nn.Sequential)


def test_our_own_models_say_what_they_cannot_fit() -> None:
    with pytest.raises(StudyError, match="lenet cannot be built: ValueError"):
        own.made(Use("lenet"), (1, 4, 4), 3, ".")


def test_one_of_our_own_wants_one_input() -> None:
    with pytest.raises(StudyError, match="cannot be built"):
        own.made(Use("mlp", (("hidden", (4,)),)), {"a": (5,), "b": (3,)}, 3, ".")


def test_a_name_that_the_file_does_not_define_is_refused(folder: str) -> None:
    with pytest.raises(StudyError, match="has no Nothing"):
        made("Nothing", folder)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("import torch\n\nclass Net(:\n    pass\n", "SyntaxError: .* \\(my_model.py:3\\)"),
        ("x = 1\n\ny = x.z\n", "AttributeError: .* \\(my_model.py:3\\)"),
        ("import helper\n", "NameError: .* \\(helper.py:2\\)"),
    ],
)
@pytest.mark.fault("C13")
def test_a_file_that_cannot_be_run_names_the_line(text: str, words: str, tmp_path: Path) -> None:
    (tmp_path / "my_model.py").write_text(text, "utf-8")
    (tmp_path / "helper.py").write_text("\nnothing\n", "utf-8")
    with pytest.raises(StudyError, match=words):
        made("Net", str(tmp_path))
