"""What is said of data and models fits a terminal and leaves out nothing that matters."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import numpy as np

from hikaku.data.profile import profile
from hikaku.data.split import Sizes
from hikaku.data.task import Column, Task
from hikaku.portrait import Act, Layer, Place, Portrait
from hikaku.present.report import Report
from hikaku.present.shown_data import BAR, Beside, data_json, data_report
from hikaku.present.shown_model import model_json, model_report
from hikaku.present.terminal import text
from hikaku.words import message

NOTHING = Beside(None, (), ())


def task(**changes: Any) -> Task:
    plain = Task(
        name="pets",
        inputs=np.zeros((12, 3, 4, 5), np.uint8),
        targets=np.array([0] * 8 + [1, 2, 0, 1]),
        kind="classification",
        classes=("cat", "dog", "cow"),
        official_test=2,
        scale=255.0,
    )
    return replace(plain, **changes)


def lines(report: Report) -> list[str]:
    found = text(report).splitlines()
    assert max(map(len, found)) <= 80
    return found


def joined(report: Report) -> str:
    return " ".join(" ".join(lines(report)).split())


def test_classes_are_counted_set_by_set_with_bars_for_the_samples_to_train_on() -> None:
    said = lines(data_report(profile(task()), NOTHING))
    start = next(n for n, line in enumerate(said) if line.startswith("class"))
    assert [line.split() for line in said[start : start + 5]] == [
        ["class", "train", "test"],
        ["cat", "8", "1", "━" * BAR],
        ["dog", "1", "1", "━" * (BAR // 8)],
        ["cow", "1", "0", "━" * (BAR // 8)],
        ["total", "10", "2"],
    ]


def test_the_facts_are_told_in_words() -> None:
    said = joined(data_report(profile(task()), Beside(Sizes(8, 2, 2, 10), (), ())))
    assert "12 samples of 3 × 4 × 5; uint8 from 0 to 0, divided by 255" in said
    assert "816 B kept, 2.812 KiB as the model sees it" in said
    assert "trains on 8, validates on 2 and tests on 2" in said
    assert "the largest class is 8 × the smallest" in said
    assert "always answering 'cat' is right for 80.0% of train" in said


def test_of_many_classes_the_commonest_and_the_rarest_are_shown() -> None:
    counts = np.arange(60, 0, -1)
    many = task(
        inputs=np.zeros((counts.sum(), 4), np.float32),
        targets=np.repeat(np.arange(60), counts),
        classes=tuple(f"kind {n:02d}" for n in range(60)),
        official_test=0,
    )
    said = lines(data_report(profile(many), NOTHING))
    shown = [line.split("  ")[0] for line in said if line.startswith("kind")]
    assert shown == [f"kind {n:02d}" for n in (*range(20), *range(56, 60))]
    assert any("36 between are left out" in line for line in said)


def test_values_to_predict_are_told_output_by_output() -> None:
    targets = np.array([[0, 5], [2, 5], [4, 8]], np.float32)
    values = task(inputs=np.zeros((3, 2), np.float32), targets=targets, kind="regression",
                  classes=(), official_test=0)  # fmt: skip  # one line of changes
    said = lines(data_report(profile(values), NOTHING))
    assert [line.split()[:2] for line in said if line.startswith("target")] == [
        ["target", "0"],
        ["target", "1"],
    ]
    assert any(line.split() == ["total", "3", "0", "2", "1.633", "4"] for line in said)


def test_columns_tell_their_gaps() -> None:
    raw = np.array([[1, 0], [np.nan, 1], [3, 1]], np.float32)
    columns = (Column("age", gaps=True), Column("city", ("Bergen", "Oslo")))
    table = task(inputs=raw, targets=np.array([0, 1, 2]), columns=columns, official_test=0)
    said = lines(data_report(profile(table), NOTHING))
    told = [" ".join(line.split()) for line in said]
    assert "age numbers 1 (33.3%) 1 to 3" in told
    assert "city 2 categories 0 mostly Oslo" in told
    assert any("3 rows of 2 columns, 4 features" in line for line in said)


def test_notes_and_cautions_come_last() -> None:
    beside = Beside(None, (message("grey was made of colour"),), (message("12 stand twice"),))
    assert lines(data_report(profile(task()), beside))[-2:] == [
        "- 12 stand twice",
        "- grey was made of colour",
    ]


def test_what_is_not_known_is_null_in_json() -> None:
    gone = task(inputs=np.full((12, 1), np.nan, np.float32), columns=(Column("none"),))
    value = data_json(profile(gone), NOTHING)
    assert (value["study"], value["groups"], value["columns"][0]["low"]) == (None, None, None)
    assert json.dumps(value, allow_nan=False)


SWAPS = tuple(Act(name, "instead") for name in ("gelu", "relu", "tanh"))
NET = Portrait(
    layers=(
        Layer("conv", "Conv2d", 2, (4, 8, 8), 40, 40, 1_500),
        Layer("norm", "BatchNorm2d", 1, (4, 8, 8), 8, 0, 0),
        Layer("head", "Linear", 1, (3,), 12, 3, 2_500_000),
        Layer("spare", "A" * 40, 0, (), 5, 5, 0),
    ),
    places=(
        Place("conv", "conv", False, (1, 8, 8), (4, 8, 8), (Act("batch-norm", "output"),)),
        Place("", "relu", False, (4, 8, 8), (4, 8, 8), SWAPS),
        Place("", "dropout", False, (256,), (256,), ()),
        Place("head", "linear", True, (256,), (3,), (Act("dropout", "input"),)),
    ),
)
FAMILIES = {"gelu": "activation", "relu": "activation", "tanh": "activation"}


def model_lines(found: Portrait) -> list[str]:
    return lines(model_report("net", "pets", found, FAMILIES))


def rows(said: list[str], head: str) -> list[list[str]]:
    start = next(n for n, line in enumerate(said) if line.split() and line.split()[0] == head)
    return [line.split() for line in said[start + 1 : start + 5]]


def test_layers_tell_what_they_cost() -> None:
    assert rows(model_lines(NET), "layer") == [
        ["conv", "Conv2d", "×2", "4", "×", "8", "×", "8", "40", "1.5", "k"],
        ["norm", "BatchNorm2d", "4", "×", "8", "×", "8", "8", "frozen"],
        ["head", "Linear", "3", "12", "*", "2.5", "M"],
        ["spare", "A" * 19 + "…", "not", "called", "5"],
    ]
    assert "* some of them frozen" in model_lines(NET)


def test_totals_count_what_is_frozen_and_what_an_update_costs() -> None:
    said = joined(model_report("net", "pets", NET, FAMILIES))
    assert "parameters: 65, of which 17 frozen" in said
    assert "2.5 M forward, about 7.5 M for an update" in said


def test_sites_tell_what_would_act_there_and_families_stand_for_their_members() -> None:
    said = model_lines(NET)
    assert rows(said, "at") == [
        ["conv", "conv", "4", "×", "8", "×", "8", "batch-norm", "behind"],
        ["forward", "relu", "4", "×", "8", "×", "8", "activation", "in", "its", "place"],
        ["forward", "dropout", "256", "the", "model's", "own"],
        ["head", "linear,", "the", "head", "3", "dropout", "in", "front"],
    ]
    assert "activation: gelu, relu, tanh" in said
    assert 'at = ["conv", "head"]' in " ".join(said)


def test_techniques_of_a_family_that_act_elsewhere_are_named_one_by_one() -> None:
    first, second, *rest = NET.places
    apart = replace(NET, places=(first, replace(second, acts=(*SWAPS[:2],)), *rest))
    assert "gelu in its place, relu in its place" in " ".join(model_lines(apart))


def test_a_model_without_sites_says_so() -> None:
    assert model_lines(replace(NET, places=()))[-1].startswith("- no technique of the slot layers")


def test_json_holds_every_layer_and_site() -> None:
    value = model_json("net", "pets", NET)
    assert [layer["path"] for layer in value["layers"]] == ["conv", "norm", "head", "spare"]
    assert value["sites"][0]["acts"] == [{"technique": "batch-norm", "where": "output"}]
    assert value["flops"] == {"forward": 2_501_500, "update": 7_504_500}
    assert json.dumps(value, allow_nan=False)
