"""`hikaku show` answers in the terminal, writes its pictures where it says, and errs in words."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner, Result
from PIL import Image

from hikaku.cli import hikaku
from hikaku.errors import HikakuError, StudyError
from hikaku.run.identify import identify
from hikaku.run.show_activations import activations
from hikaku.study.decode import from_mapping

NETS = """
import torch
from torch import nn
from torch.nn import functional as F


class Net(nn.Module):
    def __init__(self, inputs, classes, width=8):
        super().__init__()
        self.fc1 = nn.Linear(inputs[0] * inputs[1] * inputs[2], width)
        self.fc2 = nn.Linear(width, classes)

    def forward(self, x):
        return self.fc2(F.relu(self.fc1(x.flatten(1))))


class Wrong(Net):
    def forward(self, x):
        return self.fc2(x.flatten(1))
"""


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("cache")


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, cache: Path) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HIKAKU_LANG", "en")
    monkeypatch.setenv("HIKAKU_CACHE", str(cache))
    (tmp_path / "my_model.py").write_text(NETS)
    (tmp_path / "homes.csv").write_text(
        "age,city,price\n"
        + "".join(f"{n},{'Oslo' if n % 2 else 'Bergen'},{n}.5\n" for n in range(9))
    )
    return tmp_path


def said(*words: str) -> Result:
    return CliRunner().invoke(
        hikaku, ["show", *words], catch_exceptions=False, standalone_mode=False
    )


def test_samples_are_told_and_their_picture_lies_beside_the_store(here: Path) -> None:
    lines = said("samples", "digits").stdout.splitlines()
    assert lines[0] == "Samples of digits"
    assert lines[-2:] == ["Picture:", ".hikaku/pictures/digits-samples.png"]
    with Image.open(lines[-1]) as picture:
        assert picture.width > 800
    assert [line.split() for line in lines if line.startswith("1 ")] == [list("101234")]


def test_letters_that_no_font_has_are_told_beside_a_picture(here: Path) -> None:
    for label in ("frog", "\ue0ff"):
        (here / "pictures" / label).mkdir(parents=True)
        for n in range(9):
            Image.fromarray(np.full((8, 8, 3), n, np.uint8)).save(
                here / "pictures" / label / f"{n}.png"
            )
    assert "U+E0FF" in said("samples", "pictures", "-o", "a.png").stderr
    assert "stay text in the svg" in said("samples", "pictures", "-o", "a.svg").stderr
    assert "U+E0FF" not in said("samples", "pictures", "-o", "a.html").stderr
    assert not said("samples", "digits").stderr


def test_a_seed_draws_other_samples_and_output_names_the_file(here: Path) -> None:
    first = said("samples", "digits", "-o", "first.png").stdout
    drawn = said("samples", "digits", "--seed", "3", "-o", "new/drawn.png").stdout
    assert "drawn with seed 3" in drawn and "drawn" not in first
    assert Path("first.png").read_bytes() != Path("new/drawn.png").read_bytes()


def test_a_page_holds_the_samples_too(here: Path) -> None:
    said("samples", "digits", "-o", "digits.html")
    assert Path("digits.html").read_text("utf-8").count("<image ") == 25


def test_a_table_is_told_and_writes_no_picture(here: Path) -> None:
    output = said("samples", "homes.csv", "--set", "target=price").stdout
    assert "Bergen" in output and "Picture" not in output
    assert not Path(".hikaku").exists()


@pytest.mark.parametrize(
    ("words", "what"),
    [
        (("samples", "digits", "-o", "digits.jpg"), ".svg, .png or .html, not as digits.jpg"),
        (("samples", "homes.csv", "--set", "target=price", "-o", "a.png"), "there are 0 pictures"),
        (("samples", "digts"), "Did you mean 'digits'"),
        (("data", "homes.csv"), "target"),
        (("model", "mpl", "--data", "digits"), "Did you mean 'mlp'"),
        (("model", "my_model.py:Net", "--data", "digits", "--set", "widht=3"), "widht"),
        (("model", "my_model.py:Wrong", "--data", "digits"), "my_model.py:19"),
        (("activations", "-o", "a.jpg"), "written as .svg, .png or .html"),
    ],
)
def test_what_cannot_be_shown_is_said_in_words(words: tuple[str, ...], what: str) -> None:
    with pytest.raises(HikakuError, match=what) as found:
        said(*words)
    assert found.value.exit_code in (2, 3)


def test_the_data_are_told_in_figures() -> None:
    output = " ".join(said("data", "digits").stdout.split())
    assert "digits: classification" in output
    assert "1,797 samples of 1 × 8 × 8; uint8 from 0 to 16, divided by 16" in output
    assert "a study trains on 1,150, validates on 288 and tests on 359" in output


def test_a_study_divides_as_is_told() -> None:
    study = from_mapping(
        {
            "format": 1, "metric": "accuracy", "worth": 0.1, "model": "mlp", "data": "digits",
            "recipe": {"optimizer": "sgd", "epochs": 1},
        },
        name="plain", folder=".",
    )  # fmt: skip  # a study in few lines
    shown = json.loads(said("data", "digits", "--json").stdout)["study"]
    sizes = identify(study).sizes["base"]
    assert shown == {"train": sizes.train, "validation": sizes.validation, "test": sizes.test}


def test_the_kind_of_targets_can_be_written(here: Path) -> None:
    (here / "n.csv").write_text("x,y\n" + "".join(f"{n}.25,{n % 3}\n" for n in range(30)))
    words = ("data", "n.csv", "--set", "target=y")
    kinds = [
        json.loads(said(*words, *kind, "--json").stdout)["kind"]
        for kind in ((), ("--kind", "regression"))
    ]
    assert kinds == ["classification", "regression"]


def test_samples_that_stand_there_twice_are_a_caution(here: Path) -> None:
    np.savez("twice.npz", x=np.ones((30, 4), np.float32), y=np.arange(30) % 2)
    assert "stand there more than once" in said("data", "twice.npz").stdout


def test_a_users_model_is_shown_with_its_settings() -> None:
    output = said("model", "my_model.py:Net", "--data", "digits", "--set", "width=5").stdout
    assert output.startswith("my_model.py:Net(width=5) on digits\n")
    rows = {line.split()[0]: line.split() for line in output.splitlines() if line.split()}
    assert rows["fc1"][:5] == ["fc1", "linear", "5", "normalisation", "behind,"]


def test_the_json_of_a_model_counts_its_parameters() -> None:
    value = json.loads(said("model", "my_model.py:Net", "--data", "digits", "--json").stdout)
    assert value["parameters"] == {"all": 64 * 8 + 8 + 8 * 10 + 10, "trained": 610}
    assert value["flops"]["forward"] == 2 * (64 * 8 + 8 * 10)


def test_a_model_is_shown_on_a_table_with_the_targets_settings() -> None:
    settings = ("--set", "data.target=price", "--set", "hidden=[4]")
    output = said("model", "mlp", "--data", "homes.csv", *settings).stdout
    assert output.startswith("mlp(hidden=[4]) on homes\n")


def test_the_activation_functions_are_those_of_the_techniques(here: Path) -> None:
    found = activations()
    at = found.at
    by_name = {str(name): values for name, values in zip(found.names, found.values, strict=True)}
    assert (at[0], at[-1], len(by_name)) == (-5.0, 5.0, 5)
    assert np.allclose(by_name["sigmoid"], 1 / (1 + np.exp(-at)))
    assert np.allclose(by_name["ReLU"], np.maximum(at, 0))
    assert np.allclose(by_name["tanh"], np.tanh(at))
    for name, slope in (("leaky ReLU, slope 0.01", 0.01), ("PReLU, learnt slope 0.08", 0.08)):
        assert np.allclose(by_name[name], np.where(at > 0, at, slope * at))
    assert said("activations").stdout.splitlines()[-1] == ".hikaku/pictures/activations.png"


def test_a_wrong_setting_is_a_mistake_of_whoever_typed_it() -> None:
    with pytest.raises(StudyError, match="key=value"):
        said("data", "digits", "--set", "target")
