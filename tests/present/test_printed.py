"""Figures of papers: exactly as wide as asked, fonts inside, and colours that print in grey."""

from __future__ import annotations

import io
import re
from itertools import combinations

import fake_study
import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from hikaku.analysis.cost import overhead
from hikaku.errors import StudyError
from hikaku.present import pictures, printed
from hikaku.present.fit import fitted
from hikaku.present.palette import INK, PAPER, SERIES, VERDICTS
from hikaku.present.pictures import Confusions, Forest

LUMINANCE = np.array([0.2126729, 0.7151522, 0.0721750])
XYZ = np.array([[0.4124564, 0.3575761, 0.1804375], LUMINANCE, [0.0193339, 0.1191920, 0.9503041]])
SEEN = {
    "by all": np.eye(3),
    "without green": np.array([[0.367322, 0.860646, -0.227968],
                               [0.280085, 0.672501, 0.047413],
                               [-0.011820, 0.042940, 0.968881]]),
    "without red": np.array([[0.152286, 1.052583, -0.204868],
                             [0.114503, 0.786281, 0.099216],
                             [-0.003882, -0.048116, 1.051998]]),
}  # fmt: skip  # Machado, Oliveira and Fernandes 2009, severity 1
GROUPS = {"verdicts": (INK, *VERDICTS.values()), "series": (INK, *SERIES.values()),
          "two arms": (INK, PAPER["variant"])}  # fmt: skip  # what stands in one figure


def light(colour: str) -> NDArray[np.float64]:
    parts = np.array([int(colour[n : n + 2], 16) / 255 for n in (1, 3, 5)])
    return np.where(parts <= 0.04045, parts / 12.92, ((parts + 0.055) / 1.055) ** 2.4)


def lab(amounts: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return lightness L* and the two axes of colour of CIE 1976."""
    x, y, z = np.cbrt(XYZ @ np.clip(amounts, 0, 1) / (0.95047, 1.0, 1.08883))
    return np.array([116 * y - 16, 500 * (x - y), 200 * (y - z)])


@pytest.mark.parametrize("group", GROUPS)
def test_every_two_colours_of_a_figure_differ_on_a_grey_printer(group: str) -> None:
    greys = [lab(light(colour))[0] for colour in GROUPS[group]]
    assert min(abs(one - other) for one, other in combinations(greys, 2)) >= 8


@pytest.mark.parametrize("eyes", SEEN)
@pytest.mark.parametrize("group", GROUPS)
def test_every_two_colours_of_a_figure_differ_to_all_eyes(group: str, eyes: str) -> None:
    seen = [lab(SEEN[eyes] @ light(colour)) for colour in GROUPS[group]]
    assert min(np.linalg.norm(one - other) for one, other in combinations(seen, 2)) >= 15


@pytest.mark.parametrize("group", GROUPS)
def test_every_colour_stands_out_from_the_paper(group: str) -> None:
    assert min(1.05 / (light(colour) @ LUMINANCE + 0.05) for colour in GROUPS[group]) >= 3


@pytest.fixture(scope="module")
def forest() -> Forest:
    whole = fake_study.whole()
    found = pictures.forest(whole.study, whole.findings)
    assert found
    return found


@pytest.fixture(scope="module")
def svg(forest: Forest) -> str:
    return printed.laid_out(forest, 85, "ja").svg().decode()


def test_an_svg_is_so_many_millimetres_wide_and_needs_no_font(svg: str) -> None:
    assert 'width="85.000mm"' in svg[:300]
    assert "<text" not in svg and "font-family" not in svg
    assert 'aria-label="効果あり"' in svg and 'aria-label="label-smoothing"' in svg


def test_an_svg_has_no_colour_but_those_of_print(svg: str) -> None:
    found = set(re.findall(r'(?:fill|stroke)="(#\w+|\w+\([^)]*\)|[a-zA-Z]+)"', svg))
    assert found <= {*PAPER.values(), *SERIES.values(), "none", "transparent", "white"}


def test_a_name_in_letters_that_our_font_has_not_stays_text() -> None:
    whole = fake_study.whole(fake_study.study(("드롭아웃", "plain")))
    picture = pictures.forest(whole.study, whole.findings)
    assert picture
    drawn = printed.laid_out(picture, 85, "en").svg().decode()
    assert re.findall(r">([^<>]+)</text>", drawn) == ["드롭아웃"]


def test_a_pdf_is_as_wide_and_holds_each_of_its_fonts(forest: Forest) -> None:
    page = printed.laid_out(forest, 85, "ja").pdf()
    box = re.search(rb"/MediaBox \[0 0 ([\d.]+)", page)
    assert box and abs(float(box[1]) - 85 / 25.4 * 72) < 0.01
    fonts = re.findall(rb"/FontName /\w+\+([\w-]+)", page)
    assert fonts and len(fonts) == len(re.findall(rb"/FontFile\d? ", page))
    assert set(fonts) == {b"HikakuSans-Regular"}


def test_a_png_is_as_wide_at_300_dots_per_inch(forest: Forest) -> None:
    image = Image.open(io.BytesIO(printed.laid_out(forest, 70, "en").png()))
    assert abs(image.width - 70 / 25.4 * 300) < 2
    assert [round(each) for each in image.info["dpi"]] == [300, 300]


def test_views_move_into_fewer_columns_until_they_are_wide_enough() -> None:
    whole = fake_study.whole()
    picture = pictures.pairs(whole.study, whole.results)
    assert picture
    down = {width: printed.laid_out(picture, width, "en").height_mm for width in (85, 175)}
    assert down[85] > 1.7 * down[175]
    assert fitted(printed.on_paper(printed.draw(picture, "en")), 90, 80) is None


def test_what_does_not_fit_is_refused_in_words(forest: Forest) -> None:
    with pytest.raises(StudyError, match="does not fit into 40 mm"):
        printed.laid_out(forest, 40, "en")


def matrices(arms: int, classes: int = 10) -> Confusions:
    counts = np.full((classes, classes), 3) + 300 * np.eye(classes, dtype=np.int64)
    return Confusions(tuple((f"the arm number {n}", counts) for n in range(arms)))


def test_many_matrices_are_a_grid_that_a_page_holds() -> None:
    narrow = printed.laid_out(matrices(9), 85, "en")
    assert narrow.height_mm < 1.5 * 85 and ">91.8<" not in narrow.picture
    assert not list(narrow.cautions("png"))
    assert ">91.8<" in printed.laid_out(matrices(1), 85, "en").picture


def test_what_is_higher_than_a_page_says_how_to_choose() -> None:
    (said,) = printed.laid_out(matrices(30), 60, "en").cautions("pdf")
    assert "mm high, and a page holds 240" in str(said) and "--arm" in str(said)


@pytest.mark.parametrize("language", ["en", "ja"])
@pytest.mark.parametrize("width", [85, 175])
def test_gains_fit_a_column_with_every_name(width: int, language: str) -> None:
    whole = fake_study.whole()
    costs = [overhead(whole.results, found.variant, found.base) for found in whole.findings]
    picture = pictures.gains(whole.study, whole.findings, costs)
    assert picture
    paper = printed.laid_out(picture, width, language)
    assert paper.height_mm < width
    for found in whole.findings:
        assert f">{found.variant}<" in paper.picture


@pytest.mark.parametrize("width", [70, 85, 120, 175])
def test_zero_is_labelled_on_the_axis_of_effects(forest: Forest, width: int) -> None:
    assert re.search(r">0(\.0+)?</text>", printed.laid_out(forest, width, "en").picture)


def test_letters_that_no_font_has_are_named() -> None:
    whole = fake_study.whole(fake_study.study(("plain \U0010fff0", "naïve")))
    picture = pictures.forest(whole.study, whole.findings)
    assert picture
    paper = printed.laid_out(picture, 120, "en")
    for form in ("png", "pdf"):
        (said,) = paper.cautions(form)
        assert "no font of this machine has" in str(said) and "U+10FFF0" in str(said)
    (said,) = paper.cautions("svg")
    assert "stay text in the svg" in str(said) and "U+10FFF0" in str(said)


def test_letters_of_our_own_font_need_no_caution(forest: Forest) -> None:
    paper = printed.laid_out(forest, 85, "ja")
    assert not [said for form in ("svg", "png", "pdf") for said in paper.cautions(form)]
