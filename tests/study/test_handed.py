"""What `hk.Study` was handed, live things among it, becomes the plain tables of a study file."""

from __future__ import annotations

import functools
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from cells import Notebook

from hikaku.errors import StudyError
from hikaku.study.handed import data_table, plain_tables
from hikaku.techniques.adam import Adam
from hikaku.techniques.dropout import Dropout
from hikaku.user_code import symbol_in

CELL = """
class Net:
    def __init__(self, inputs=None, width=4, depth=1, act=None):
        self.width, self.depth, self.act = width, depth, act
def load(n=3, scale=None):
    return [n], [scale]
def cost(answers, targets):
    return 0.0
class Act: pass
"""


@pytest.fixture
def names(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    return Notebook(monkeypatch).run(CELL)


def tables(folder: Path, model: Any = "mlp", **changes: Any) -> dict[str, Any]:
    whole = {"metric": "accuracy", "recipe": {"optimizer": "adam"}, "variant": []} | changes
    return plain_tables({**whole, "model": model}, str(folder))


def test_texts_stay_as_they_are(tmp_path: Path) -> None:
    assert tables(tmp_path, {"use": "mlp", "hidden": [3]})["model"] == {"use": "mlp", "hidden": [3]}
    assert data_table("digits", str(tmp_path)) == ("digits", None)
    sizes = {"use": "digits", "train": 480}
    assert data_table(sizes, str(tmp_path)) == (sizes, None)
    assert data_table({"train": 480}, str(tmp_path)) == ({"train": 480}, None)


def test_a_class_with_settings_and_a_partial_of_it_are_the_same_table(
    tmp_path: Path, names: dict[str, Any]
) -> None:
    Net = names["Net"]
    written = tables(tmp_path, {"use": Net, "width": 8})["model"]
    assert written == {"use": written["use"], "width": 8}
    assert written["use"].endswith(":Net")
    assert tables(tmp_path, functools.partial(Net, width=8))["model"] == written
    assert tables(tmp_path, functools.partial(Net, None, 8))["model"]["width"] == 8
    more = tables(tmp_path, {"use": functools.partial(Net, width=8), "depth": 2})["model"]
    assert more == {**written, "depth": 2}


def test_a_setting_that_no_table_can_hold_travels_with_the_source(
    tmp_path: Path, names: dict[str, Any]
) -> None:
    found = tables(tmp_path, {"use": names["Net"], "width": 8, "act": names["Act"]})["model"]
    assert found["use"].endswith(":Net_Act")
    assert found["width"] == 8
    made = symbol_in(found["use"], str(tmp_path))(width=8)
    assert (made.width, made.act.__name__) == (8, "Act")


def test_variants_take_models_and_techniques_alike(tmp_path: Path, names: dict[str, Any]) -> None:
    (one,) = tables(
        tmp_path,
        variant=[{"name": "a", "model": names["Net"], "layers": [Dropout(0.3)], "remove": ["l2"]}],
    )["variant"]
    assert one["model"]["use"].endswith(":Net")
    assert one["layers"] == [{"use": "dropout", **vars(Dropout(0.3))}]
    assert one["remove"] == ["l2"]
    assert tables(tmp_path, recipe={"optimizer": Adam})["recipe"] == {"optimizer": "adam"}


def test_a_network_that_is_made_already_is_refused(tmp_path: Path) -> None:
    with pytest.raises(StudyError, match="every seed would start from the same") as caught:
        tables(tmp_path, torch.nn.Linear(2, 2))
    assert "model=Linear" in str(caught.value)
    with pytest.raises(StudyError, match="made already"):
        tables(tmp_path, variant=[{"name": "a", "model": {"use": torch.nn.ReLU()}}])


@pytest.mark.parametrize("model", [3, None, ["mlp"], 2.5])
def test_what_makes_no_network_is_refused(tmp_path: Path, model: Any) -> None:
    with pytest.raises(StudyError, match="makes no network"):
        tables(tmp_path, model)


def test_a_model_that_cannot_travel_is_kept_here_with_its_settings(tmp_path: Path) -> None:
    alive = object()

    def net(inputs: int, width: int = 4, act: object = None) -> tuple[object, ...]:
        return inputs, width, act, alive

    found = tables(tmp_path, {"use": net, "width": 8, "act": alive})["model"]
    assert found["width"] == 8
    assert symbol_in(found["use"], str(tmp_path))(1, width=8) == (1, 8, alive, alive)


def test_a_metric_of_a_cell_travels_and_one_that_cannot_is_refused(
    tmp_path: Path, names: dict[str, Any]
) -> None:
    metric = tables(tmp_path, metric={"name": names["cost"], "better": "lower"})["metric"]
    assert metric["name"].endswith(":cost")
    assert metric["better"] == "lower"
    with pytest.raises(StudyError, match="put it into a file"):
        tables(tmp_path, metric={"name": lambda a, t: len(tables.__name__), "better": "lower"})


@pytest.mark.parametrize(
    "data",
    [
        ([[1.0], [2.0]], [0, 1]),
        (np.zeros((2, 1)), np.zeros(2)),
        {"train": ([[1.0]], [0]), "test": ([[2.0]], [1])},
        torch.utils.data.TensorDataset(torch.zeros(2, 1), torch.zeros(2)),
    ],
    ids=["lists", "arrays", "sets", "dataset"],
)
def test_arrays_datasets_and_dicts_of_sets_are_live(tmp_path: Path, data: Any) -> None:
    table, live = data_table(data, str(tmp_path))
    assert (table, live and live()) == ({}, data)
    table, live = data_table({"use": data, "kind": "regression", "test": 0.3}, str(tmp_path))
    assert table == {"kind": "regression", "test": 0.3}
    assert live is not None
    assert live() is data


def test_a_function_that_can_travel_is_run_by_workers(
    tmp_path: Path, names: dict[str, Any]
) -> None:
    table, live = data_table({"use": names["load"], "n": 5, "train": 0.5}, str(tmp_path))
    assert live is None
    assert table == {"use": table["use"], "n": 5, "train": 0.5}
    assert symbol_in(table["use"], str(tmp_path))() == ([3], [None])


def test_a_function_that_cannot_travel_is_called_here(
    tmp_path: Path, names: dict[str, Any]
) -> None:
    x = np.zeros((2, 1))
    table, live = data_table({"use": lambda: (x, [0, 1]), "test": 0.5}, str(tmp_path))
    assert table == {"test": 0.5}
    assert live is not None
    assert live()[0] is x
    frame = object()
    table, live = data_table({"use": names["load"], "scale": frame}, str(tmp_path))
    assert live is not None
    assert live() == ([3], [frame])
