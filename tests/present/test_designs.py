"""A design is drawn as its article draws it: cells in their places, each with its own contrast."""

from __future__ import annotations

import warnings
from dataclasses import replace
from typing import Any

import pytest
import vl_convert

from hikaku.present import designs, pictures, sections
from hikaku.present.charts import draw
from hikaku.present.html import VEGA_LITE
from hikaku.present.pictures import Picture
from hikaku.record import Measured, Outcome, Results
from hikaku.records import Record
from hikaku.study.decode import from_mapping
from hikaku.study.design import Axis
from hikaku.study.study import Metric, Study

SCALES = {"init.std": [1.0, 0.1, 0.001]}


def study(**design: Any) -> Study:
    return from_mapping(
        {
            "format": 1, "metric": "accuracy", "worth": 0.1, "seeds": 2,
            "model": "mlp", "data": "digits",
            "recipe": {
                "epochs": 2, "optimizer": "sgd", "init": {"use": "normal", "std": 0.1},
                "layers": ["sigmoid"],
            },
            "design": design,
        },
        name="scales",
        folder=".",
    )  # fmt: skip  # the keys of a study


def results(asked: Study) -> Results:
    """Return trials in which an arm is the better, the later it stands."""
    trials = {}
    for place, arm in enumerate(asked.arms):
        for seed in asked.seeds:
            value = 0.1 * place + 0.01 * seed
            curve = [
                Record("curve", step, split, "accuracy", value + 0.01 * step)
                for step in (1, 2)
                for split in ("train", "validation")
            ]
            ended = Outcome(f"{arm.name} {seed}", "done", 2, 2, 1, 9, "", "")
            last = Record("last", 2, "test", "accuracy", value)
            trials[arm.name, seed] = Measured(ended, (*curve, last))
    compared = {arm.name: arm.against for arm in asked.compared if arm.against != "base"}
    return Results(asked.seeds, trials, bases=compared)


def svg(picture: Picture | None) -> str:
    assert picture is not None
    with warnings.catch_warnings(record=True) as complaints:
        found: str = vl_convert.vegalite_to_svg(draw(picture, "en"), vl_version=VEGA_LITE)
    assert not complaints
    return found


def test_compared_cells_are_overlaid_under_the_setting_of_their_cell() -> None:
    asked = study(compare="layers", vary={**SCALES, "layers": [[], ["batch-norm"]]})
    layout = designs.views(asked)
    assert [(view.title, view.against, view.arm) for view in layout.views] == [
        ("std=1", "std=1", "std=1, batch-norm"),
        ("std=0.1", "base", "std=0.1, batch-norm"),
        ("std=0.001", "std=0.001", "std=0.001, batch-norm"),
    ]
    assert layout.sides == ("no added layers", "batch-norm")
    drawn = svg(pictures.curves(asked, results(asked), "accuracy"))
    for text in ("std=1", "std=0.1", "std=0.001", "no added layers", "batch-norm"):
        assert f">{text}<" in drawn
    assert ">against<" in svg(pictures.pairs(asked, results(asked)))


def test_a_cell_without_a_figure_has_no_shade() -> None:
    nan = float("nan")
    axes = (Axis("base.lr", ("0.1", "0.01")), Axis("layers", ("none", "dropout")))
    known = {(0, 0): 0.9, (0, 1): 0.8, (1, 0): 0.7}
    cells = tuple(
        (down, across, (mean := known.get((down, across), nan), mean, mean))
        for down in (0, 1)
        for across in (0, 1)
    )
    picture = designs.Heat(Metric("accuracy"), axes, cells)
    (data,) = draw(picture, "en")["datasets"].values()
    shades = [row["share"] for row in data]
    assert shades == [1.0, pytest.approx(0.5), 0.0, None]
    page = svg(picture)
    # Three shaded cells, and a dashed frame around nothing.
    assert page.count("stroke-dasharray") == 1
    (frame,) = (one for one in page.split("<") if "stroke-dasharray" in one)
    assert "fill" not in frame
    assert "Dashed frame" in str(sections.how_heat_is_read(picture))
    whole = replace(picture, cells=picture.cells[:3])
    assert "stroke-dasharray" not in svg(whole)
    assert "Dashed frame" not in str(sections.how_heat_is_read(whole))


def test_many_cells_stand_in_rows_of_four() -> None:
    scales = [round(0.1 * n, 1) for n in range(1, 17)]
    vary = {"init.std": scales, "layers": [[], ["batch-norm"]]}
    assert designs.views(study(compare="layers", vary=vary)).columns == 4


def test_a_grid_of_two_axes_is_a_heat_map_and_its_curves_stand_in_the_same_places() -> None:
    vary = {"layers.sigmoid": ["sigmoid", "relu"], **SCALES}
    asked = study(kind="grid", vary=vary)
    found = designs.heat(asked, results(asked))
    assert found is not None
    assert [(down, across) for down, across, _ in found.cells] == [
        (0, 0), (0, 1), (0, 2), (1, 0), (1, 1), (1, 2)
    ]  # fmt: skip  # one line of places
    means = {(down, across): figure[0] for down, across, figure in found.cells}
    assert means[0, 1] == pytest.approx(0.005) and means[1, 2] == pytest.approx(0.505)
    drawn = svg(found)
    assert all(f">{text}<" in drawn for text in ("sigmoid", "relu", "std=0.001", "init.std"))
    layout = designs.views(asked)
    assert layout.columns == 3 and layout.views[1].title == "sigmoid, std=0.1"
    assert layout.views[1].arm == "base"
    assert designs.sweep(asked, results(asked)) is None


def test_a_sweep_is_a_curve_over_its_numbers_by_decades_where_they_span_some() -> None:
    asked = study(kind="sweep", vary=SCALES)
    found = designs.sweep(asked, results(asked))
    assert found is not None
    spec = draw(found, "en")
    assert spec["layer"][0]["encoding"]["x"]["scale"]["type"] == "log"
    rows = [row for rows in spec["datasets"].values() for row in rows]
    assert {row["number"]: row["mean"] for row in rows} == pytest.approx(
        {1.0: 0.105, 0.1: 0.005, 0.001: 0.205}
    )
    svg(found)
    assert designs.heat(asked, results(asked)) is None


def test_a_sweep_of_names_stands_in_their_order() -> None:
    asked = study(kind="sweep", vary={"init": ["xavier-normal", "he-normal"]})
    found = designs.sweep(asked, results(asked))
    assert found is not None and found.axis.texts == ("xavier-normal", "he-normal")
    assert ">he-normal<" in svg(found)


def test_a_comparison_with_two_axes_is_a_curve_per_value_that_is_compared() -> None:
    asked = study(compare="layers", vary={**SCALES, "layers": [[], ["batch-norm"]]})
    found = designs.sweep(asked, results(asked))
    assert found is not None and found.series == ("no added layers", "batch-norm")
    assert len(found.points) == 6
    svg(found)
