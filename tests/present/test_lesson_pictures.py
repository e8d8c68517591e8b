"""The pictures to learn by are drawn in every format and language, and show what they hold."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from hikaku.errors import StudyError
from hikaku.present.charts import draw
from hikaku.present.lessons import (
    Constraint,
    Constraints,
    Densities,
    Grid,
    LayerOutputs,
    Lesson,
    Rates,
    Spread,
    Trajectories,
)
from hikaku.present.picture_file import write_picture
from hikaku.present.report import Chart, Heading, Lines, Report
from hikaku.present.still import svg
from hikaku.present.terminal import text
from hikaku.words import message

NAME = message("normal")
LINE = np.array([[0.0, 1.0], [1.0, 0.0], [0.0, 1.0]])


def densities() -> Densities:
    return Densities(((NAME, 1.0), (message("He"), 0.1), (message("Xavier"), 0.05)))


def outputs() -> LayerOutputs:
    spreads = tuple(Spread(n, np.array([0.25, 0.75]), 0.5, 0.2 * n, 0.0) for n in (1, 2))
    return LayerOutputs(((NAME, spreads), (message("He"), spreads)), 0.0, 1.0)


def rates() -> Rates:
    return Rates(np.array([0.0, 1.0, 2.0]), np.array([0.0, 1e-3, 0.0]))


def constraints() -> Constraints:
    one = Constraint(NAME, LINE, (0.0, 1.0), LINE)
    return Constraints((one, one), (LINE,), (0.5, 1.8))


def trajectories() -> Trajectories:
    path = np.array([[-7.0, 2.0], [np.inf, np.nan], [0.0, 0.0]])
    return Trajectories(((NAME, path),), (LINE,), (8.0, 2.6))


def grid(side: int = 3) -> Grid:
    values = np.arange(side * side).reshape(side, side)
    return Grid(values, message("row"), message("column"), values == 0)


PICTURES: list[Callable[[], Lesson]] = [
    densities, outputs, rates, constraints, trajectories, grid,
]  # fmt: skip  # one of each


def chart(picture: Lesson) -> Chart:
    return Chart(picture, title="A title", alt="something")


def datasets(picture: Lesson, language: str = "en") -> list[list[dict[str, Any]]]:
    return list(draw(picture, language)["datasets"].values())


@pytest.mark.parametrize("make", PICTURES, ids=lambda make: make.__name__)
def test_a_png_is_drawn_with_its_title_on_white(tmp_path: Path, make: Callable[[], Lesson]) -> None:
    path = write_picture(Report((chart(make()),)), tmp_path / "new" / "picture.png")
    image = np.asarray(Image.open(path).convert("L"))
    assert (image[:20] == 255).all() and (image < 128).any()


@pytest.mark.parametrize("language", ["en", "ja"])
@pytest.mark.parametrize("make", PICTURES, ids=lambda make: make.__name__)
def test_an_svg_keeps_its_letters(
    tmp_path: Path, make: Callable[[], Lesson], language: str
) -> None:
    written = svg(chart(make()), tmp_path / "picture.svg", language).read_text("utf-8")
    assert written.startswith("<svg") and "A title" in written
    assert "NaN" not in written and "var(--" not in written


def test_a_page_holds_the_lines_and_the_picture(tmp_path: Path) -> None:
    lines = Lines("matrix", ("[[0 1]", " [2 <]]"))
    report = Report((Heading("Head", level=1), lines, chart(grid())))
    page = write_picture(report, tmp_path / "page.html").read_text("utf-8")
    assert "[[0 1]\n [2 &lt;]]" in page and page.count("<svg") >= 1


def test_lines_are_never_wrapped_and_cannot_act() -> None:
    said = text(Report((Lines("matrix", ("1 " * 100 + "\x1b[2J",)),)), "en")
    assert said.splitlines() == ["matrix", "1 " * 100 + "\ufffd[2J"]


@pytest.mark.parametrize("file", ["a.jpg", "a", "a.svg.gz"])
def test_another_kind_of_file_is_refused(tmp_path: Path, file: str) -> None:
    with pytest.raises(StudyError, match=r"\.svg, \.png or \.html"):
        write_picture(Report((chart(rates()),)), tmp_path / file)


def test_a_still_file_holds_one_picture(tmp_path: Path) -> None:
    with pytest.raises(StudyError, match="there are 2 pictures"):
        write_picture(Report((chart(rates()), chart(grid()))), tmp_path / "a.svg")


def test_a_density_reaches_its_peak_at_0_in_both_views() -> None:
    wanted = {"normal, std 1": 0.39894, "He, std 0.1": 3.9894, "Xavier, std 0.05": 7.9788}
    both = datasets(densities())
    assert len(both) == 2
    for view in both:
        for name, peak in wanted.items():
            points = {row["weight"]: row["density"] for row in view if row["init"] == name}
            assert max(points.values()) == points[0] == pytest.approx(peak, rel=1e-3)


def test_a_matrix_with_room_has_its_numbers_and_padding_has_none() -> None:
    for side, layers in ((3, 3), (100, 2)):
        assert len(draw(grid(side), "en")["layer"]) == layers
    (cells,) = datasets(grid())
    assert [cell["value"] for cell in cells] == list(range(9))
    assert [cell["pad"] for cell in cells] == [True] + [False] * 8


def test_a_way_beyond_all_numbers_is_still_drawn() -> None:
    assert "Infinity" not in json.dumps(draw(trajectories(), "en"))
