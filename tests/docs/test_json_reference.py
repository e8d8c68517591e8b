"""docs/reference/json.md names every key that is printed, with its type, and no other."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner

from hikaku.cli import hikaku

PAGE = Path(__file__).parents[2] / "docs" / "reference" / "json.md"
ROW = re.compile(r"^\| `([^`]+)` \| ([^|]+) \|", re.MULTILINE)
STUDY = """
format = 1
metric = "accuracy"
worth = 0.01
seeds = "auto"
budget = { trials = 15 }
model = { use = "mlp", hidden = [4] }
data = { use = "digits", train = 60, validation = 30 }
[recipe]
epochs = 1
optimizer = "sgd"
[[variant]]
name = "other"
init = "normal"
layers = ["dropout"]
stopping = "early-stopping"
[[variant]]
name = "exploding"
optimizer = { use = "sgd", lr = 1e30 }
"""

IS: dict[str, Callable[[Any], bool]] = {
    "text": lambda value: isinstance(value, str),
    "integer": lambda value: isinstance(value, int) and not isinstance(value, bool),
    "number": lambda value: isinstance(value, (int, float)) and not isinstance(value, bool),
    "boolean": lambda value: isinstance(value, bool),
    "null": lambda value: value is None,
    "object": lambda value: isinstance(value, dict),
    "list": lambda value: isinstance(value, list),
}

Keys = dict[str, str]


def documented(command: str) -> Keys:
    """Return the type of each key in the tables below the heading of this command."""
    sections = re.split(r"^## ", PAGE.read_text("utf-8"), flags=re.MULTILINE)
    section = next(text for text in sections if f"`{command} --json`" in text.partition("\n")[0])
    return {key: kind.strip() for key, kind in ROW.findall(section)}


def printed(value: Any, keys: Keys, place: str = "") -> Iterator[tuple[str, Any]]:
    """Yield every key below `value`, written as the page does, with what stands there."""
    if isinstance(value, list):
        for item in value:
            yield from printed(item, keys, f"{place}[]")
    if isinstance(value, dict):
        dot = "." if place else ""
        for key, item in value.items():
            own = f"{place}{dot}{key}"
            known = own if own in keys else f"{place}{dot}*"
            below = known if known in keys else own
            yield below, item
            yield from printed(item, keys, below)


def fits(value: Any, kind: str) -> bool:
    """Return whether a value is of the type in the page's words: "list of number or null"."""
    items = kind.removeprefix("list of ")
    if items != kind:
        return isinstance(value, list) and all(fits(item, items) for item in value)
    return any(IS[word](value) for word in re.split(r", | or ", kind))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    found = tmp_path_factory.mktemp("json")
    (found / "tiny.toml").write_text(STUDY, "utf-8")
    return found


def said(folder: Path, *words: str) -> dict[str, Any]:
    result = CliRunner().invoke(hikaku, [*words, "--json"], catch_exceptions=False)
    assert result.exit_code == 0, result.output
    found: dict[str, Any] = json.loads(result.stdout)
    return found


def check(value: dict[str, Any], command: str) -> None:
    keys = documented(command)
    met = dict.fromkeys(key for key, _ in printed(value, keys))
    assert sorted(met) == sorted(keys)
    assert [(key, item) for key, item in printed(value, keys) if not fits(item, keys[key])] == []


@pytest.mark.slow
def test_the_keys_of_a_run_its_results_and_the_stores_studies_are_the_documented_ones(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(folder)
    monkeypatch.setenv("HIKAKU_LANG", "ja")
    ran = said(folder, "run", "tiny.toml", "--quiet")
    check(ran, "hikaku run")
    assert ran["arms"][2]["outcomes"]["diverged"] > 0
    assert ran["trials"] == {"trained": 15, "reused": 0}
    again = said(folder, "results", "tiny.toml")
    check(again, "hikaku results")
    assert again == ran | {"trials": {"trained": 0, "reused": 0}}
    check(said(folder, "studies"), "hikaku studies")
    np.save(folder / "new.npy", np.zeros((2, 8, 8), np.uint8))
    check(said(folder, "predict", "tiny.toml", "new.npy"), "hikaku predict")


def test_the_keys_of_a_plan_and_a_check_are_the_documented_ones(
    folder: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HIKAKU_LANG", "ja")
    (tmp_path / "train.py").touch()
    (tmp_path / "own.toml").write_text(f"{OUTSIDE}[budget]\ntrials = 3\n", "utf-8")
    for words in (("own.toml",), (str(folder / "tiny.toml"), "--engine", "plain")):
        planned = said(tmp_path, "plan", *words)
        keys = documented("hikaku plan")
        met = {key for key, _ in printed(planned, keys)}
        assert set(keys) - met <= {"minutes.fewest", "minutes.most"}
        assert met <= set(keys)
        assert [
            (key, item) for key, item in printed(planned, keys) if not fits(item, keys[key])
        ] == []
    assert planned["trials"] == {"fewest": 15, "most": 15, "reused": 0}
    found = said(tmp_path, "check", "own.toml")
    check(found, "hikaku check")
    assert found["arms"][1]["name"] == "slower"
    assert "no verdict can come of this budget" in found["cautions"][0]
    check(said(tmp_path, "check", str(folder / "tiny.toml")), "hikaku check")


CLAIMS = """
format = 1
metric = "accuracy"
worth = 0.01
seeds = 5
model = { use = "mlp", hidden = [4] }
data = { use = "digits", train = 60, validation = 30 }
[recipe]
epochs = 1
optimizer = "sgd"
[[variant]]
name = "other"
init = "normal"
[[claim]]
text = "it shows in the last batch"
kind = "difference"
metric = "train accuracy"
reading = "batch"
variant = "other"
published = { base = 0.1, other = 0.2 }
[[claim]]
text = "so far"
kind = "level"
metric = "test accuracy"
published = { base = 0.1 }
"""


@pytest.mark.slow
def test_the_keys_of_claims_are_the_documented_ones(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "study.toml").write_text(CLAIMS, "utf-8")
    said(tmp_path, "run", "study.toml", "--quiet")
    found = said(tmp_path, "claims", "study.toml")
    check(found, "hikaku claims")
    # 60 samples in batches of 64: the last batch is all of train, before the update.
    assert found["claims"][0]["figures"][0]["measured"] is not None
    assert found["claims"][1]["verdict"] in ("reproduced", "contradicted", "not-resolved")


@pytest.mark.parametrize("word", ["gallery", "techniques", "models", "datasets"])
def test_the_keys_of_a_catalogue_are_the_documented_ones(folder: Path, word: str) -> None:
    check(said(folder, word), f"hikaku {word}")


def test_before_anything_is_trained_the_numbers_are_null_and_nothing_is_left_out_but_costs(
    folder: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    value = said(folder, "results", str(folder / "tiny.toml"))
    keys = documented("hikaku results")
    missing = set(keys) - {key for key, _ in printed(value, keys)}
    left_out = {re.match(r"\w+\[\]\.(\w+)", key)[1] for key in missing}
    assert left_out == {"cost", "measured", "looks", "forecast"}
    assert value["findings"][0]["effect"] is None
    assert [item for key, item in printed(value, keys) if not fits(item, keys[key])] == []


OUTSIDE = """
format = 1
metric = "accuracy"
worth = 0.01
command = "python train.py --rate {rate} --seed {seed}"
[settings]
rate = 0.5
[[variant]]
name = "slower"
settings = { rate = 0.1 }
"""


def test_the_recipe_of_an_outside_arm_has_the_keys_that_the_page_names(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "train.py").touch()
    (tmp_path / "own.toml").write_text(OUTSIDE, "utf-8")
    base, slower = said(tmp_path, "results", "own.toml")["arms"]
    command = "python train.py --rate {rate} --seed {seed}"
    assert base["recipe"] == {"command": command, "settings.rate": 0.5}
    assert slower["recipe"] == {"command": command, "settings.rate": 0.1}
    assert {"`train`", "`command`", "`settings.NAME`"} <= set(
        re.findall(r"`[^`]+`", PAGE.read_text("utf-8"))
    )


TABLE = "age,city,home,price,ok\n" + "".join(
    f"{30 + n % 7},{'Oslo' if n % 3 else ''},{n // 2},{10.5 + n},{'yes' if n % 3 else 'no'}\n"
    for n in range(30)
)


def test_the_keys_of_a_shown_data_set_are_the_documented_ones(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(folder)
    (folder / "homes.csv").write_text(TABLE, "utf-8")
    table = ("show", "data", "homes.csv", "--set", "groups=home")
    values = [said(folder, *table, "--set", f"target={name}") for name in ("price", "ok")]
    keys = documented("hikaku show data")
    met = [pair for value in values for pair in printed(value, keys)]
    assert {key for key, _ in met} == set(keys)
    assert [(key, item) for key, item in met if not fits(item, keys[key])] == []
    assert [value["kind"] for value in values] == ["regression", "classification"]


def test_the_keys_of_a_shown_model_are_the_documented_ones(folder: Path) -> None:
    check(said(folder, "show", "model", "small-cnn", "--data", "digits"), "hikaku show model")


FILTER = ("--input", "1,1,4,4", "--filter", "2,2", "--pad", "1")
LESSONS = {
    "derivatives": (), "init": (), "layer-outputs": (), "schedule": ("warmup-cosine",),
    "penalty": (), "trajectories": (), "im2col": FILTER, "col2im": FILTER,
    "output-size": ("6", "--filter", "2"),
}  # fmt: skip  # each with what it needs


@pytest.mark.parametrize("name", LESSONS)
def test_the_keys_of_a_lesson_are_the_documented_ones(folder: Path, name: str) -> None:
    check(said(folder, "show", name, *LESSONS[name]), f"hikaku show {name}")
