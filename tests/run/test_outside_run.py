"""A study of a user's own training function goes the whole way, and loads no torch for it."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from outside_live import live

import hikaku as hk
from hikaku.analysis.outside_cautions import outside_cautions
from hikaku.errors import StudyError
from hikaku.present.watcher import Watcher
from hikaku.run.check import check_study
from hikaku.run.plan import explain
from hikaku.run.study import Ran, run
from hikaku.study.decode import from_mapping
from hikaku.study.study import Study
from hikaku.words import Message

TRAIN = """
import random
import sys

def train(settings, seed, report):
    assert "torch" not in sys.modules
    draws = random.Random(seed)
    for step in range(3):
        report("validation", metric="accuracy", value=0.1 * step + draws.random() / 10, step=step)
    gain = settings["dropout"] * (0.04 + 0.01 * draws.random())
    report(metric="accuracy", value=0.8 + draws.random() / 50 + gain)
"""
TABLES: dict[str, Any] = {
    "format": 1,
    "question": "Does dropout help?",
    "metric": "accuracy",
    "worth": 0.001,
    "seeds": 5,
    "train": "my_train.py:train",
    "settings": {"dropout": 0.0},
    "variant": [{"name": "dropout", "settings": {"dropout": 0.5}}],
}


class Quiet(Watcher):
    def __init__(self) -> None:
        self.notes: list[str] = []

    def note(self, what: Message) -> None:
        self.notes.append(str(what))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "my_train.py").write_text(TRAIN)
    return tmp_path


def study(folder: Path, **changes: Any) -> Study:
    tables = {key: value for key, value in (TABLES | changes).items() if value is not None}
    return from_mapping(tables, name="s", folder=folder)


def ran(folder: Path, watch: Quiet | None = None, **changes: Any) -> Ran:
    return run(study(folder, **changes), str(folder / "store.db"), watch or Quiet(), workers=2)


def test_a_second_run_trains_nothing_and_says_the_same(folder: Path) -> None:
    first, second = ran(folder), ran(folder)
    assert (first.trained, first.reused) == (10, 0)
    assert (second.trained, second.reused) == (0, 10)
    (one,), (other,) = first.findings, second.findings
    assert (one.verdict, one.effect, one.ci_low) == (other.verdict, other.effect, other.ci_low)
    assert one.verdict == "helps"


def test_changed_code_is_trained_again_and_named(folder: Path) -> None:
    ran(folder)
    (folder / "my_train.py").write_text(TRAIN.replace("0.04", "0.05"))
    watch = Quiet()
    assert ran(folder, watch).trained == 10
    assert watch.notes == ["10 trials again: my_train.py changed"]


def test_another_metric_of_the_same_trials_trains_nothing(folder: Path) -> None:
    ran(folder)
    judged = {"name": "accuracy", "split": "validation", "of": "area"}
    assert (ran(folder, metric=judged).trained, ran(folder).trained) == (0, 0)


def test_a_setting_of_the_one_variant_leaves_the_base_as_it_is(folder: Path) -> None:
    ran(folder)
    again = ran(folder, variant=[{"name": "dropout", "settings": {"dropout": 0.6}}])
    assert (again.trained, again.reused) == (5, 5)


def test_a_function_that_fails_and_one_that_diverges_end_their_trials_only(folder: Path) -> None:
    (folder / "my_train.py").write_text(
        TRAIN + "    if settings['dropout'] and seed == 1: raise RuntimeError('no')\n"
        "    if settings['dropout'] and seed == 2: report(metric='accuracy', value=float('nan'))\n"
    )
    watch = Quiet()
    found = ran(folder, watch)
    endings = [found.results.outcome("dropout", seed) for seed in range(5)]
    assert [one.status for one in endings if one] == ["done", "failed", "diverged", "done", "done"]
    failed, printed = watch.notes
    assert failed == "dropout, seed 1 failed: RuntimeError: no (my_train.py:12)"
    log = Path(printed.removeprefix("what it printed: "))
    assert log.read_text().endswith("RuntimeError: no\n")
    assert ran(folder).trained == 0  # only the failed one is tried again, and fails again


COMMAND = """
import argparse
import json
import random

parser = argparse.ArgumentParser()
parser.add_argument("--dropout", type=float)
parser.add_argument("--seed", type=int)
given = parser.parse_args()
value = random.Random(given.seed).random() + given.dropout
print(json.dumps({"metric": "reward", "value": value}))
"""


def test_a_command_is_an_arm_too(folder: Path) -> None:
    (folder / "train.py").write_text(COMMAND)
    command = "python train.py --dropout {dropout} --seed {seed}"
    metric = {"name": "reward", "better": "higher"}
    found = ran(folder, train=None, command=command, metric=metric)
    assert found.trained == 10
    assert found.findings[0].effect == pytest.approx(0.5)


def test_check_and_plan_say_what_is_known_without_running_anything(folder: Path) -> None:
    (folder / "my_train.py").write_text("raise RuntimeError\ndef train(a, b, c): ...\n")
    told = [str(line) for line in check_study(study(folder), Quiet()).lines()]
    assert "my_train.py:train is there and takes settings, seed and report" in told[-2]
    assert told[-1] == "s: nothing is wrong"
    planned = [str(line) for line in explain(study(folder), str(folder / "store.db"))]
    assert "  dropout: 5 to train" in planned


def test_there_is_no_model_to_load(folder: Path) -> None:
    ran(folder)
    with pytest.raises(StudyError, match="trained outside hikaku"):
        hk.load_model(study(folder), store=folder / "store.db")


def test_the_cautions_say_what_is_not_promised(folder: Path) -> None:
    told = " ".join(map(str, outside_cautions(study(folder))))
    assert "pairing cannot be promised" in told and "starts from zero" in told


def asked(folder: Path, train: Any) -> Study:
    return hk.Study(
        metric="accuracy",
        worth=0.01,
        train=train,
        settings={"dropout": 0.0},
        variants=[{"name": "dropout", "settings": {"dropout": 0.5}}],
        folder=folder,
    )


def answered(folder: Path, train: Any) -> hk.Answer:
    return hk.run(asked(folder, train), store=folder / "store.db", quiet=True, workers=2)


def test_a_live_function_travels_by_its_file(folder: Path) -> None:
    answer = answered(folder, live)
    assert answer.trained == 10
    assert answer["dropout"].effect == pytest.approx(0.5)
    assert answered(folder, live).reused == 10


def test_a_function_that_cannot_travel_trains_here(
    folder: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    seen = []

    def closure(settings: dict[str, Any], seed: int, report: Any) -> None:
        seen.append(seed)
        live(settings, seed, report)

    watch = Quiet()
    found = run(asked(folder, closure), str(folder / "store.db"), watch)
    assert found.trained == 10 and sorted(set(seen)) == [0, 1, 2, 3, 4]
    assert "cannot travel to worker processes" in watch.notes[0]


WHOLE = """
import sys
sys.argv = ["hikaku", "run", "s.toml", "--json", "--quiet"]
from hikaku.__main__ import main
try:
    main()
except SystemExit as end:
    assert not end.code, end.code
heavy = {"torch", "pyarrow", "PIL", "sklearn", "altair", "pooch"} & set(sys.modules)
assert not heavy, heavy
"""


def test_the_whole_command_loads_neither_torch_nor_readers_of_data(folder: Path) -> None:
    (folder / "s.toml").write_text(
        'format = 1\nmetric = "accuracy"\nworth = 0.001\ntrain = "my_train.py:train"\n'
        'settings = { dropout = 0.0 }\n[[variant]]\nname = "more"\nsettings = { dropout = 0.5 }\n'
    )
    done = subprocess.run(
        [sys.executable, "-c", WHOLE],
        cwd=folder,
        capture_output=True,
        text=True,
        env=os.environ | {"HIKAKU_LANG": "en"},
    )
    assert done.returncode == 0, done.stderr
    answer = json.loads(done.stdout)
    assert answer["arms"][0]["recipe"] == {"train": "my_train.py:train", "settings.dropout": 0.0}
    assert answer["arms"][1]["treatment"] == ["settings.dropout: 0 -> 0.5"]
