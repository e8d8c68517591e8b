"""`explain` tells what runs have shown of a technique alone, and tells everything else apart."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from hikaku.analysis.verdict import courses
from hikaku.cli import hikaku
from hikaku.errors import StudyError
from hikaku.present.terminal import text
from hikaku.read.explain import explain
from hikaku.record import Measured, Outcome
from hikaku.records import Record
from hikaku.store.store import Store
from hikaku.study.catalogue import datasets, models, techniques
from hikaku.study.decode import from_mapping
from hikaku.study.kinds import fit
from hikaku.study.line import line_of
from hikaku.study.sources import fingerprints
from hikaku.study.study import Study

RECIPE: dict[str, Any] = {"epochs": 1, "optimizer": "sgd"}
BASE: dict[str, Any] = {
    "format": 1,
    "question": "Which?",
    "metric": "accuracy",
    "worth": 0.01,
    "seeds": 5,
    "model": "mlp",
    "data": "digits",
    "recipe": RECIPE,
}
DROPOUT = {"name": "dropout", "layers": ["dropout"]}


def study(folder: Path, name: str, *variants: dict[str, Any], **changed: Any) -> Study:
    return from_mapping({**BASE, **changed, "variant": list(variants)}, name=name, folder=folder)


def figure(effect: float, seed: int) -> float:
    return 0.7 + effect + 0.001 * (seed % 2) * (effect != 0)


def trained(asked: Study, store: Path, *effects: float, looked: bool = True) -> None:
    """Keep made-up trials, of the variants with these effects, and show their verdicts."""
    marks = fingerprints(asked)
    by_mark = dict.fromkeys(marks.values(), 0.0)
    by_mark |= {marks[arm.name]: x for arm, x in zip(asked.variants, effects, strict=True)}
    keys = {(mark, seed): f"{mark}-{seed}" for mark in by_mark for seed in asked.seeds}
    with Store.writing(store) as kept:
        kept.plan(asked, marks, keys)
        for (mark, seed), key in keys.items():
            outcome = Outcome(key, "done", 4, 1, 4, 9, "plain", "here")
            rows = (Record("last", 4, "test", "accuracy", figure(by_mark[mark], seed)),)
            kept.add(Measured(outcome, rows))
        found = courses(asked, kept.results(asked, marks)) if looked else {}
        for name, went in found.items():
            kept.spend(marks["base"], marks[name], asked.metric.judged, went.spent)


def said(name: str, store: Path) -> str:
    return " ".join(text(explain(name, str(store)).report()).split())


@pytest.fixture
def store(tmp_path: Path) -> Path:
    return tmp_path / "store.db"


def test_verdicts_on_the_technique_alone_are_counted(tmp_path: Path, store: Path) -> None:
    for number, effect in enumerate((0.05, 0.06, -0.05)):
        asked = study(tmp_path, f"study-{number}", DROPOUT, recipe=RECIPE | {"epochs": number + 1})
        trained(asked, store, effect)
    whole = said("dropout", store)
    assert "On your 3 studies of it alone: helps twice, hurts once." in whole
    assert "dropout in study-0 (mlp on digits): helps; test accuracy +0.05" in whole
    assert "5 seeds" in whole


def test_what_nobody_has_looked_at_is_not_told(tmp_path: Path, store: Path) -> None:
    trained(study(tmp_path, "one", DROPOUT), store, 0.05, looked=False)
    assert explain("dropout", str(store)).evidence == ()
    assert "has shown a verdict on it alone yet" in said("dropout", store)


def test_a_copied_study_says_nothing_new(tmp_path: Path, store: Path) -> None:
    for name in ("one", "copy"):
        trained(study(tmp_path, name, DROPOUT), store, 0.05)
    assert len(explain("dropout", str(store)).evidence) == 1


def test_namesakes_are_told_with_their_folders(tmp_path: Path, store: Path) -> None:
    (tmp_path / "other").mkdir()
    trained(study(tmp_path, "one", DROPOUT), store, 0.05)
    assert str(tmp_path) not in said("dropout", store)
    lower = {"name": "dropout", "layers": [{"use": "dropout", "p": 0.1}]}
    trained(study(tmp_path / "other", "one", lower), store, -0.05)
    whole = said("dropout", store).replace(" ", "")  # a path is longer than a line
    assert str(tmp_path / "other" / "one") in whole and str(tmp_path / "one") in whole


def test_what_is_not_the_technique_alone_is_told_apart(tmp_path: Path, store: Path) -> None:
    both = {"name": "both", "layers": ["dropout"], "penalty": ["l2"]}
    more = {"name": "more", "layers": [{"use": "dropout", "p": 0.7}]}
    trained(study(tmp_path, "one", both, DROPOUT, more), store, 0.05, 0.04, 0.03)
    roles = {one.finding.variant: one.role for one in explain("dropout", str(store)).evidence}
    assert roles == {"both": "among-others", "dropout": "alone", "more": "alone"}
    assert explain("l2", str(store)).evidence[0].role == "among-others"
    assert "2 comparisons of it alone, all in one study: helps twice." in said("dropout", store)
    once = {"name": "once", "layers": [{"use": "dropout", "p": 0.1}]}
    trained(study(tmp_path, "two", once, recipe=RECIPE | {"epochs": 2}), store, -0.05)
    whole = said("dropout", store)
    assert "3 comparisons of it alone, in 2 studies: helps twice, hurts once." in whole
    trained(study(tmp_path, "three", {"name": "w", "penalty": ["l1"]}), store, 0.05)
    assert "Your one comparison of it alone: helps." in said("l1", store)


def test_settings_that_say_where_a_technique_acts_are_told(store: Path) -> None:
    assert "place: before the layer, or after the activation" in said("dropout", store)
    whole = said("batch-norm", store)
    assert "at: where it acts, by the names of modules that `hikaku show model" in whole
    assert "place: before or after the activation" in whole
    assert "place:" not in said("l2", store) and "at: where" in said("l2", store)
    assert "at: where" not in said("adam", store)


def test_a_name_that_is_none_brings_those_that_were_meant(store: Path) -> None:
    for name, meant in (
        ("cnn", r"small-cnn \(model\)"),
        ("dropuot", "dropout"),
        ("resnet", r"resnet9 \(model\)"),
        ("batchnorm", "batch-norm"),
    ):
        with pytest.raises(StudyError, match=f"did you mean [^?]*{meant}"):
            explain(name, str(store))
    with pytest.raises(StudyError, match="`hikaku models` and `hikaku datasets` list them"):
        explain("zzzzzz", str(store))
    assert "hikaku show model small-cnn --data DATA" in said("small-cnn", store)


def test_leaving_it_out_and_other_settings_are_no_evidence(tmp_path: Path, store: Path) -> None:
    base = RECIPE | {"layers": [{"use": "dropout", "p": 0.2}]}
    out = {"name": "without", "remove": ["dropout"]}
    off = {"name": "off", "remove": ["dropout"], "layers": [{"use": "dropout", "p": 0.0}]}
    more = {"name": "more", "remove": ["dropout"], "layers": ["dropout"]}
    trained(study(tmp_path, "one", out, off, more, recipe=base), store, 0.05, 0.04, 0.03)
    roles = {one.finding.variant: one.role for one in explain("dropout", str(store)).evidence}
    assert roles == {"without": "left-out", "off": "left-out", "more": "settings"}
    assert "has shown a verdict on it alone yet" in said("dropout", store)


def test_in_a_slot_that_holds_one_it_takes_anothers_place(tmp_path: Path, store: Path) -> None:
    trained(study(tmp_path, "one", {"name": "adam", "optimizer": "adam"}), store, 0.05)
    assert explain("adam", str(store)).evidence[0].role == "alone"
    assert explain("sgd", str(store)).evidence[0].role == "left-out"
    assert "optimizer: sgd(lr=0.01) -> adam(" in said("adam", store)


def test_what_was_shown_stays_told_when_the_users_file_is_gone(tmp_path: Path, store: Path) -> None:
    house = Path(techniques()["clip-norm"].path)
    own = tmp_path / "mine.py"
    own.write_bytes(house.read_bytes())
    name = f"mine.py:{techniques()['clip-norm'].symbol}"
    asked = study(tmp_path, "one", {**DROPOUT, "clip": [name]}, DROPOUT | {"name": "plain"})
    trained(asked, store, 0.05, 0.04)
    (mine,) = explain(str(own), str(store)).evidence
    assert (mine.finding.variant, mine.role) == ("dropout", "among-others")
    own.unlink()
    assert len(explain("dropout", str(store)).evidence) == 2


def test_a_model_and_a_data_set_tell_the_studies_with_them(tmp_path: Path, store: Path) -> None:
    trained(study(tmp_path, "one", DROPOUT), store, 0.05)
    trained(study(tmp_path, "two", {"name": "wide", "model": "small-cnn"}), store, 0.05)
    assert [one.name for one in explain("small-cnn", str(store)).used_by] == ["two"]
    assert {one.name for one in explain("digits", str(store)).used_by} == {"one", "two"}
    assert "Your studies with it: 1" in said("small-cnn", store)
    assert "No study in the store uses it yet." in said("mnist", store)


@pytest.mark.parametrize("name", [*techniques(), *models()])
def test_the_line_to_paste_says_the_defaults(name: str) -> None:
    entry = {**techniques(), **models()}[name]
    ((slot, value),) = tomllib.loads(line_of(entry)).items()
    written = value[0] if isinstance(value, list) else value
    used = {"use": written} if isinstance(written, str) else dict(written)
    assert (slot, used.pop("use")) == (entry.slot, name)
    own = {one.name: one for one in entry.settings if not one.names_file}
    for key in used.keys() & own.keys():
        assert fit(own[key].annotation, used[key]) == own[key].default
    assert {key for key, one in own.items() if one.default not in (None, "", ())} <= used.keys()


@pytest.mark.parametrize("name", ["mnist", "resnet9", "muon", "mixup"])
def test_the_line_to_paste_makes_a_study(name: str, tmp_path: Path) -> None:
    line = tomllib.loads(line_of({**techniques(), **models(), **datasets()}[name]))
    top = line if {*line} <= {"model", "data"} else {"recipe": RECIPE | line}
    assert study(tmp_path, "one", DROPOUT, **top).name == "one"


def test_json_says_the_same_without_words_to_read(tmp_path: Path, store: Path) -> None:
    trained(study(tmp_path, "one", DROPOUT), store, 0.05)
    found = explain("dropout", str(store)).as_json()
    (row,) = found["evidence"]
    assert (row["study"], row["verdict"], row["seeds"]) == ("one", "helps", 5)
    done = CliRunner().invoke(hikaku, ["explain", "dropout", "--store", str(store), "--json"])
    assert done.exit_code == 0 and '"role": "alone"' in done.output


def test_every_key_is_documented_and_every_documented_key_is_there(
    tmp_path: Path, store: Path
) -> None:
    trained(study(tmp_path, "one", DROPOUT), store, 0.05)
    page = Path(__file__).parents[2] / "docs" / "reference" / "json.md"
    section = page.read_text("utf-8").split("## `hikaku explain --json`")[1].split("\n## ")[0]
    told = set(re.findall(r"^\| `([^`]+)`", section, re.MULTILINE))
    names = ("dropout", "mlp", "digits")
    assert set().union(*(keys(explain(name, str(store)).as_json()) for name in names)) == told


def keys(value: object, place: str = "") -> set[str]:
    if isinstance(value, dict):
        dot = f"{place}." if place else ""
        own = {f"{dot}{key}" for key in value}
        return own.union(*(keys(item, f"{dot}{key}") for key, item in value.items()))
    rows = [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []
    return set().union(*(keys(item, f"{place}[]") for item in rows))
