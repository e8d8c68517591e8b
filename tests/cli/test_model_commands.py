"""predict and export-model, as people type them."""

import csv
import json
import math
from pathlib import Path

import numpy as np
import pytest
import torch
from click.testing import CliRunner
from PIL import Image
from sklearn.datasets import load_digits

import hikaku as hk
from hikaku.cli import hikaku
from hikaku.errors import DataError, StudyError

pytestmark = pytest.mark.slow

DIGITS = """
format = 1
metric = "accuracy"
worth = 0.01
seeds = 1
model = { use = "mlp", hidden = [32] }
data = { use = "digits", train = 400, validation = 60 }
[recipe]
epochs = 12
batch_size = 32
optimizer = { use = "adam", lr = 0.01 }
[[variant]]
name = "dropout"
layers = [{ use = "dropout", p = 0.1 }]
"""
HOUSES = """
format = 1
metric = "rmse"
worth = 1
seeds = 1
model = { use = "mlp", hidden = [4] }
data = { use = "houses.csv", target = "price", train = 60, validation = 20 }
[recipe]
epochs = 30
batch_size = 16
optimizer = { use = "adam", lr = 0.03 }
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with two studies that were run, and new files."""
    here = tmp_path_factory.mktemp("trained")
    (here / "digits.toml").write_text(DIGITS)
    (here / "houses.toml").write_text(HOUSES)
    rows = [(n % 10, "ABC"[n % 3], n % 10 * 2 + n % 3) for n in range(120)]
    lines = ["rooms,town,price", *(f"{a},{b},{c}" for a, b, c in rows)]
    (here / "houses.csv").write_text("\n".join(lines))
    for name in ("digits", "houses"):
        hk.run(here / f"{name}.toml", store=here / "store.db", quiet=True)
    images = load_digits().images
    for number in range(10):
        pixels = (images[number] / 16 * 255).round().astype(np.uint8)
        Image.fromarray(pixels).save(here / f"{number}.png")
    (here / "new.csv").write_text("town,rooms\nA,1\nB,8\nD,\n")
    return here


def typed(folder: Path, command: str, study: str, *rest: str) -> str:
    words = [command, str(folder / f"{study}.toml"), *rest, "--store", str(folder / "store.db")]
    done = CliRunner().invoke(hikaku, words, standalone_mode=False)
    if done.exception:
        raise done.exception
    return done.stdout


def test_images_get_a_class_and_its_probability(folder: Path) -> None:
    paths = [str(folder / f"{number}.png") for number in range(10)]
    header, *rows = typed(folder, "predict", "digits", "--arm", "dropout", *paths).splitlines()
    assert header.split() == ["file", "class", "probability"]
    cells = [row.split() for row in rows]
    assert [cell[0] for cell in cells] == paths
    # The files are the digits 0 to 9 in order.
    right = sum(cell[1] == str(number) for number, cell in enumerate(cells))
    assert right >= 8
    assert all(0.1 <= float(cell[2]) <= 1 for cell in cells)


def test_json_gives_every_class_its_probability(folder: Path) -> None:
    said = json.loads(typed(folder, "predict", "digits", str(folder / "3.png"), "--json"))
    assert (said["format"], said["study"], said["arm"], said["seed"]) == (1, "digits", "base", 0)
    (one,) = said["predictions"]
    assert list(one["probabilities"]) == list("0123456789")
    assert sum(one["probabilities"].values()) == pytest.approx(1)
    assert one["probabilities"][one["class"]] == max(one["probabilities"].values())


def test_rows_get_a_value_and_what_is_odd_about_them_is_said(folder: Path) -> None:
    out = folder / "predicted.csv"
    typed(folder, "predict", "houses", str(folder / "new.csv"), "--csv", str(out))
    with out.open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["row"] for row in rows] == ["2", "3", "4"]
    small, large, _ = (float(row["value"]) for row in rows)
    # The price is twice the rooms, and up to 2 more by the town.
    assert small == pytest.approx(2, abs=4) and large == pytest.approx(17, abs=4)
    said = json.loads(typed(folder, "predict", "houses", str(folder / "new.csv"), "--json"))
    assert said["predictions"][0]["values"] == pytest.approx([small], rel=1e-4)


def test_a_wrong_file_ends_with_the_exit_code_of_data(folder: Path) -> None:
    with pytest.raises(DataError, match="the model takes data of another kind") as caught:
        typed(folder, "predict", "houses", str(folder / "3.png"))
    assert caught.value.exit_code == 3
    with pytest.raises(StudyError, match="no arm 'dropuot'"):
        typed(folder, "predict", "digits", "--arm", "dropuot", str(folder / "3.png"))


@pytest.mark.parametrize("form", ["safetensors", "pt2"])
@pytest.mark.parametrize(("study", "inputs"), [("digits", (1, 8, 8)), ("houses", (4,))])
def test_a_model_is_exported_where_it_is_wanted(
    folder: Path, form: str, study: str, inputs: tuple[int, ...]
) -> None:
    path = folder / f"{study}.{form}"
    said = typed(folder, "export-model", study, "--to", form, "-o", str(path))
    assert said.splitlines() == [f"{study}, base, seed 0:", str(path)]
    model = hk.load_model(folder / f"{study}.toml", store=folder / "store.db")
    if form == "pt2":
        x = torch.linspace(-1, 1, 5 * math.prod(inputs)).reshape(5, *inputs)
        answers = torch.export.load(path).module()(x)
        assert torch.allclose(answers, model(x), rtol=1e-4)
        # Prices have a mean of 10, and come in their own unit.
        assert study == "digits" or answers.mean() > 3


def test_what_a_model_of_values_answers_is_in_the_units_of_the_data(folder: Path) -> None:
    rows = str(folder / "houses.csv")
    said = json.loads(typed(folder, "predict", "houses", rows, "--json"))
    with (folder / "houses.csv").open(newline="") as file:
        prices = [float(row["price"]) for row in csv.DictReader(file)]
    found = [one["values"][0] for one in said["predictions"]]
    errors = np.abs(np.array(found) - prices)
    assert errors.mean() < 2 < np.std(prices)
