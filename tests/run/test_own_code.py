"""A study of the user's own model and data: what is part of it, and what is trained again."""

from pathlib import Path
from typing import Any

import pytest
from test_run import Quiet, ran

from hikaku.errors import DataError, StudyError
from hikaku.run.identify import identify
from hikaku.study.decode import from_mapping
from hikaku.study.study import Study

pytestmark = pytest.mark.slow

MODEL = """\
import torch.nn as nn
import torch.nn.functional as F

from layers import head


class Net(nn.Module):
    def __init__(self, inputs, classes, width: int = 8):
        super().__init__()
        self.fc1 = nn.Linear(inputs[0], width)
        self.fc2 = head(width, classes)

    def forward(self, x):
        return self.fc2(F.relu(self.fc1(x)))
"""
LAYERS = """\
import torch.nn as nn


def head(width, classes):
    return nn.Linear(width, classes)
"""
DATA = """\
from sklearn.datasets import load_digits


def load(n: int = 150):
    digits = load_digits()
    return digits.data[:n] / 16, digits.target[:n]
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name, text in (("my_model", MODEL), ("layers", LAYERS), ("my_data", DATA)):
        (tmp_path / f"{name}.py").write_text(text, "utf-8")
    (tmp_path / "notes.py").write_text("unrelated = 1\n", "utf-8")
    return tmp_path


def study(folder: Path, **changes: Any) -> Study:
    return from_mapping(
        {
            "format": 1,
            "metric": "accuracy",
            "worth": 0.01,
            "seeds": 1,
            "model": "my_model.py:Net",
            "data": {"use": "my_data.py:load", "n": 120},
            "recipe": {"epochs": 2, "batch_size": 16, "optimizer": {"use": "sgd", "lr": 0.1}},
            "variant": [{"name": "dropout", "layers": ["dropout"]}],
            **changes,
        },
        name="own",
        folder=folder,
    )


def test_an_own_model_on_own_data_is_trained_once(folder: Path) -> None:
    store = str(folder / "store.db")
    first = ran(study(folder), store)
    assert (first.trained, first.reused) == (2, 0)
    assert [trial.outcome.status for trial in first.results.trials.values()] == ["done"] * 2
    assert ran(study(folder), store).trained == 0


@pytest.mark.parametrize("edited", ["my_model.py", "layers.py", "my_data.py"])
@pytest.mark.fault("B16")
def test_an_edited_file_or_helper_is_trained_again_and_named(folder: Path, edited: str) -> None:
    store, watch = str(folder / "store.db"), Quiet()
    ran(study(folder), store)
    path = folder / edited
    path.write_text(path.read_text("utf-8") + "\n# edited\n", "utf-8")
    assert ran(study(folder), store, watch).trained == 2
    assert any(edited in note and "again" in note for note in watch.notes), watch.notes


def test_an_unrelated_file_changes_nothing(folder: Path) -> None:
    store = str(folder / "store.db")
    ran(study(folder), store)
    (folder / "notes.py").write_text("unrelated = 2\n", "utf-8")
    assert ran(study(folder), store).trained == 0


def test_data_that_come_out_otherwise_are_another_trial(folder: Path) -> None:
    (folder / "my_data.py").write_text(
        DATA.replace("    digits =", "    from pathlib import Path\n\n"
                     "    n = int(Path(__file__).with_name('n.txt').read_text())\n    digits ="),
        "utf-8",
    )  # fmt: skip
    (folder / "n.txt").write_text("120", "utf-8")
    first = identify(study(folder))
    (folder / "n.txt").write_text("130", "utf-8")
    assert set(identify(study(folder)).trials) & set(first.trials) == set()


def test_weights_to_start_from_are_part_of_the_key(folder: Path) -> None:
    import torch
    from safetensors.torch import save_file

    def trials(bias: float) -> set[str]:
        weights = {
            "fc1.weight": torch.zeros(8, 64), "fc1.bias": torch.full((8,), bias),
            "fc2.weight": torch.zeros(10, 8), "fc2.bias": torch.zeros(10),
        }  # fmt: skip
        save_file(weights, folder / "start.safetensors")
        model = {"use": "my_model.py:Net", "weights": "start.safetensors"}
        return set(identify(study(folder, model=model)).trials)

    assert trials(0.0) & trials(1.0) == set()
    assert trials(1.0) == trials(1.0)


@pytest.mark.fault("C13")
def test_what_is_wrong_in_the_users_code_names_its_file_and_line(folder: Path) -> None:
    (folder / "my_data.py").write_text("def load():\n    return 1 / 0\n", "utf-8")
    with pytest.raises(DataError, match=r"ZeroDivisionError.*my_data\.py:2"):
        identify(study(folder, data="my_data.py:load"))
    (folder / "my_data.py").write_text(DATA, "utf-8")
    (folder / "my_model.py").write_text(MODEL.replace("F.relu", "F.rely"), "utf-8")
    with pytest.raises(StudyError, match=r"my_model\.py:14"):
        ran(study(folder), str(folder / "store.db"))
