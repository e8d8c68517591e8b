"""Axes have round marks, and begin where something was measured."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import fake_study
import numpy as np
import pytest
import vl_convert

from hikaku.present import canvas, compared, lottery_chart, pictures
from hikaku.present.charts import draw
from hikaku.present.outlines import width as text_width
from hikaku.present.pictures import Confusions, Picture
from hikaku.present.report import spoken
from hikaku.words import message


def values(found: Any, key: str) -> Iterator[Any]:
    """Yield what stands under a key, however deep."""
    if isinstance(found, dict):
        yield from ([found[key]] if key in found else [])
        for one in found.values():
            yield from values(one, key)
    elif isinstance(found, list):
        for one in found:
            yield from values(one, key)


@pytest.mark.parametrize("epochs", [1, 2, 12])
@pytest.mark.parametrize("name", ["loss", "differences"])
def test_marks_of_epochs_are_whole_from_the_first_measured_on(
    epochs: int, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fake_study, "EPOCHS", epochs)
    whole = fake_study.whole(fake_study.study(("dropout",)))
    draws: dict[str, Callable[..., Picture | None]] = {
        "loss": pictures.curves,
        "differences": compared.differences,
    }
    found = draws[name](whole.study, whole.results, "loss")
    assert found is not None
    spec = draw(found, "en")
    (domain, marks), *others = {
        (tuple(one["scale"]["domain"]), tuple(one["axis"]["values"]))
        for one in values(spec, "x")
        if "axis" in one
    }
    assert not others and domain == ((1, epochs) if epochs > 1 else (0.5, 1.5))
    assert marks == {1: (1,), 2: (1, 2), 12: (2, 4, 6, 8, 10, 12)}[epochs]


def test_epochs_begin_at_0_where_something_is_measured_before_the_first_ends() -> None:
    x = canvas.epochs("epoch", [[0.5, 1.0, 1.5], [1.0, 2.0]]).to_dict()
    assert x["scale"]["domain"] == [0, 2] and x["axis"]["values"] == [0, 1, 2]
    within = canvas.epochs("epoch", [[0.1, 0.4]]).to_dict()
    assert "values" not in within["axis"] and within["scale"]["domain"] == [0, 0.4]


def test_a_loss_that_falls_little_has_marks_on_a_linear_axis() -> None:
    whole = fake_study.whole(fake_study.study(("dropout",)))
    found = pictures.curves(whole.study, whole.results, "loss")
    assert found is not None
    lines = tuple(
        replace(line, mean=mean, low=mean, high=mean)
        for line in found.lines
        for mean in [np.linspace(2.3, 1.95, len(line.mean))]
    )
    spec = draw(replace(found, lines=lines), "en")
    assert not [scale for scale in values(spec, "scale") if "log" in str(scale)]
    assert {">2<", ">2.1<", ">2.2<", ">2.3<"} <= set(
        re.findall(r">[\d.]+<", vl_convert.vegalite_to_svg(spec))
    )


def test_no_axis_stands_for_a_matrix_that_is_not_there() -> None:
    counts = np.full((3, 3), 2) + 30 * np.eye(3, dtype=np.int64)
    svg = {
        arms: vl_convert.vegalite_to_svg(
            draw(Confusions(tuple((f"arm {n}", counts) for n in range(arms))), "en")
        )
        for arms in (3, 4)
    }
    for arms, found in svg.items():
        assert found.count(">predicted class<") == arms
        assert found.count(">true class<") == math.ceil(arms / 3)


@pytest.mark.parametrize("language", ["en", "ja"])
def test_what_is_said_above_a_lottery_is_no_longer_than_its_view(language: str) -> None:
    for said in (
        message("{share} % of single runs mislead", share="100"),
        message("{share} % of single runs go against the mean", share="100"),
    ):
        assert text_width(spoken(said, language), 12) <= lottery_chart.WIDTH
