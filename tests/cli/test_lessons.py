"""`hikaku show …` teaches: it tells, writes its picture where it says, and errs in words."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from hikaku.cli import hikaku
from hikaku.cli.lessons import lesson_commands
from hikaku.errors import StudyError

SCHEDULES = '''
"""A schedule."""

from __future__ import annotations

from dataclasses import dataclass

from hikaku.study.card import Card, Positive

CARD = Card(
    slot="schedule", family="schedule", claim="c", formula="f", paper="p", year=2000,
)


@dataclass(frozen=True)
class Halved:
    """Halve the rate every `each` epochs."""

    each: Positive = 1.0

    def rate(self, moment, history):
        """Return the factor."""
        return {body}
'''

FILTER = ("--input", "1,1,4,4", "--filter", "2,2")
COMMANDS = {
    "derivatives": (),
    "init": (),
    "layer-outputs": (),
    "schedule": ("warmup-cosine",),
    "penalty": (),
    "trajectories": (),
    "im2col": FILTER,
    "col2im": FILTER,
}


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HIKAKU_LANG", "en")
    return tmp_path


def said(*words: str) -> str:
    return (
        CliRunner()
        .invoke(hikaku, ["show", *words], catch_exceptions=False, standalone_mode=False)
        .stdout
    )


def read(*words: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(said(*words, "--json"))
    assert found["format"] == 1
    return found


def test_every_lesson_is_tried_here() -> None:
    assert {command.name for command in lesson_commands} == {*COMMANDS, "output-size"}


@pytest.mark.parametrize("name", COMMANDS)
def test_a_picture_lies_beside_the_store(here: Path, name: str) -> None:
    lines = said(name, *COMMANDS[name]).splitlines()
    assert lines[-2:] == ["Picture:", f".hikaku/pictures/{name}.png"]
    assert (here / lines[-1]).read_bytes().startswith(b"\x89PNG")


@pytest.mark.parametrize("name", COMMANDS)
def test_json_comes_alone_and_writes_a_picture_only_where_one_is_asked_for(
    here: Path, name: str
) -> None:
    read(name, *COMMANDS[name])
    assert not (here / ".hikaku").exists()
    read(name, *COMMANDS[name], "-o", "asked.svg")
    assert Path("asked.svg").read_text("utf-8").startswith("<svg")


@pytest.mark.parametrize("name", COMMANDS)
def test_every_lesson_is_told_in_japanese_too(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.setenv("HIKAKU_LANG", "ja")
    assert said(name, *COMMANDS[name], "-o", "page.html")
    assert 'lang="ja"' in Path("page.html").read_text("utf-8")


def test_activations_are_drawn_as_svg(here: Path) -> None:
    said("activations", "-o", "a.svg")
    assert "sigmoid" in Path("a.svg").read_text("utf-8")


def test_the_matrix_of_the_tutorial_is_printed() -> None:
    lines = said("im2col", *FILTER, "--stride", "1", "--pad", "1").splitlines()
    assert lines[lines.index("[[ 0  0  0  0]") + 6] == " [ 0  1  4  5]"
    assert read("im2col", *FILTER)["shape"] == [9, 4]
    assert read("im2col", *FILTER, "--without-transpose")["matrix"][2] == [10, 1, 2, 3]


def test_the_overlaps_of_col2im_are_printed() -> None:
    assert "[[1 2 2 1]\n [2 4 4 2]\n [2 4 4 2]\n [1 2 2 1]]" in said("col2im", *FILTER)


def test_the_output_size_is_worked_out_with_its_numbers() -> None:
    words = ("output-size", "6", "6", "--filter", "2", "--pad", "1", "--stride", "1")
    output = said(*words)
    assert "7 × 7" in output and "(6 + 2·1 − 2)/1 + 1 = 7" in output
    assert read(*words)["output"] == [7, 7]


def test_a_start_may_begin_with_a_minus_sign() -> None:
    found = read("trajectories", "sgd", "adam", "--start", "-3,1", "--set", "sgd.lr=0.5")
    assert [way["optimizer"] for way in found["ways"]] == ["sgd", "adam"]
    assert found["ways"][0]["path"][:2] == [[-3, 1], [-2.85, 0]]


def test_warm_up_and_cosine_are_a_sharks_fin() -> None:
    words = ("schedule", "warmup-cosine", "--set", "warmup=10", "--epochs", "200")
    found = read(*words, "--steps-per-epoch", "100", "--lr", "1e-3")
    factors, steps = found["factors"], found["steps"]
    peak = factors.index(max(factors))
    assert max(factors) == pytest.approx(1, abs=0.01)
    assert steps[peak] == pytest.approx(1000, abs=20)
    assert factors[:peak] == sorted(factors[:peak])
    assert factors[peak:] == sorted(factors[peak:], reverse=True)
    assert factors[0] == pytest.approx(0.001) and factors[-1] < 1e-4


def test_a_users_schedule_is_drawn_with_its_settings(here: Path) -> None:
    body = "0.5 ** (moment.epoch // self.each)"
    (here / "my_schedule.py").write_text(SCHEDULES.replace("{body}", body), "utf-8")
    words = ("schedule", "my_schedule.py:Halved", "--epochs", "4", "--steps-per-epoch", "2")
    assert read(*words)["factors"] == [1, 1, 0.5, 0.5, 0.25, 0.25, 0.125, 0.125]
    assert read(*words, "--set", "each=2")["factors"][-1] == 0.5


@pytest.mark.parametrize(
    ("body", "what"),
    [
        ('history.scores["validation loss"][-1]', r"my_schedule.py:\d+ the schedule failed"),
        ('float("nan")', "a factor of the schedule is no number"),
    ],
)
def test_a_schedule_that_fails_is_said_in_words(here: Path, body: str, what: str) -> None:
    (here / "my_schedule.py").write_text(SCHEDULES.replace("{body}", body), "utf-8")
    with pytest.raises(StudyError, match=what):
        said("schedule", "my_schedule.py:Halved")


def test_a_rate_that_stays_is_said_to_stay() -> None:
    assert "The rate stays as it is" in said("schedule", "constant", "--epochs", "2")


@pytest.mark.parametrize(
    ("words", "what"),
    [
        (("im2col", "--input", "1,4", "--filter", "2,2"), "--input"),
        (("im2col", *FILTER, "--stride", "0"), "--stride"),
        (("col2im", "--input", "1,1,4,4", "--filter", "5,5"), "does not fit"),
        (("output-size", "6", "--filter", "9"), "does not fit"),
        (("trajectories", "sdg"), "Did you mean 'sgd'"),
        (("trajectories", "--start", "here"), "are not two numbers"),
        (("trajectories", "--steps", "0"), "--steps"),
        (("schedule", "warmup-cosin"), "Did you mean 'warmup-cosine'"),
        (("schedule", "adam"), "fills the slot 'optimizer'"),
        (("schedule", "warmup-cosine", "--set", "warmpu=1"), "Did you mean 'warmup'"),
        (("schedule", "warmup-cosine", "--lr", "-1"), "lr"),
        (("schedule", "constant", "--epochs", "0"), "epochs"),
        (("schedule", "constant", "--steps-per-epoch", "0"), "--steps-per-epoch"),
        (("init", "--inputs", "0"), "--inputs"),
        (("layer-outputs", "--seed", "-1"), "--seed"),
        (("penalty", "-o", "a.jpg"), "not as a.jpg"),
    ],
)
def test_what_makes_no_sense_is_refused_in_words(words: tuple[str, ...], what: str) -> None:
    with pytest.raises(StudyError, match=what):
        said(*words)


def test_what_needs_no_training_loads_no_torch() -> None:
    asked = [["show", name, *words] for name, words in COMMANDS.items() if name != "schedule"]
    asked.append(["show", "output-size", "6", "--filter", "2"])
    code = (
        "import sys\nfrom hikaku.cli import hikaku\n"
        f"for words in {asked}:\n"
        "    hikaku(words, standalone_mode=False)\n"
        "assert 'torch' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True, capture_output=True)
