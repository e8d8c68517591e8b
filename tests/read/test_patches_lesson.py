"""`show im2col`, `col2im` and `output-size` give the published matrices, shapes and counts."""

from __future__ import annotations

from typing import TypeGuard

import numpy as np
import pytest

from hikaku.errors import StudyError
from hikaku.present.report import Chart
from hikaku.present.terminal import text
from hikaku.read.lessons.patches import Matrix, matrix, overlap_counts
from hikaku.read.lessons.sizes import sizes

GOLDEN = {
    ("1,1,4,4", "2,2", 1, 0): (
        (9, 4),
        "0 1 4 5 · 1 2 5 6 · 2 3 6 7 · 4 5 8 9 · 5 6 9 10",
        "0 1 2 4 · 5 6 8 9 · 10 1 2 3 · 5 6 7 9 · 10 11 4 5",
    ),
    ("1,1,4,4", "2,2", 1, 1): (
        (25, 4),
        "0 0 0 0 · 0 0 0 1 · 0 0 1 2 · 0 0 2 3 · 0 0 3 0",
        "0 0 0 0 · 0 0 0 1 · 2 3 0 4 · 5 6 7 0 · 8 9 10 11",
    ),
    ("1,1,6,6", "3,3", 2, 0): (
        (4, 9),
        "0 1 2 6 7 8 12 13 14 · 2 3 4 8 9 10 14 15 16 · 12 13 14 18 19 20 24 25 26 · "
        "14 15 16 20 21 22 26 27 28",
        "0 2 12 14 1 3 13 15 2 · 4 14 16 6 8 18 20 7 9 · 19 21 8 10 20 22 12 14 24 · "
        "26 13 15 25 27 14 16 26 28",
    ),
    ("1,1,6,6", "4,4", 1, 0): (
        (9, 16),
        "0 1 2 3 6 7 8 9 12 13 14 15 18 19 20 21 · 1 2 3 4 7 8 9 10 13 14 15 16 19 20 21 22",
        "",
    ),
}
"""The table "Golden figures of experiment E5": shape, first rows with the transpose and without."""


def made(
    shape: str = "1,1,4,4",
    filter_size: str = "2,2",
    stride: int = 1,
    pad: int = 0,
    *,
    transpose: bool = True,
    whole: bool = False,
) -> Matrix:
    return matrix(shape, filter_size, stride, pad, transpose, whole)


def rows(text: str) -> list[list[int]]:
    return [[int(number) for number in row.split()] for row in text.split(" · ") if row]


@pytest.mark.parametrize("transpose", [True, False])
@pytest.mark.parametrize("asked", GOLDEN)
def test_the_matrix_is_the_published_one(asked: tuple[str, str, int, int], transpose: bool) -> None:
    shape, with_it, without_it = GOLDEN[asked]
    first = rows(with_it if transpose else without_it)
    found = made(*asked, transpose=transpose)
    assert found.values.shape == shape
    assert found.values[: len(first)].tolist() == first


@pytest.mark.parametrize("asked", GOLDEN)
def test_the_matrix_is_printed_as_numpy_prints_it(asked: tuple[str, str, int, int]) -> None:
    found = made(*asked)
    assert "\n" + np.array2string(found.values) + "\n" in text(found.report(), "en")


@pytest.mark.parametrize("transpose", [True, False])
def test_the_pixels_of_a_row_are_where_its_numbers_come_from(transpose: bool) -> None:
    found = made("2,3,5,4", "2,3", 2, 1, transpose=transpose)
    x = np.arange(2 * 3 * 5 * 4).reshape(2, 3, 5, 4)
    for values, row in zip(found.values.tolist(), found.rows(), strict=True):
        assert values == [0 if at is None else x[row.image, *at] for at in row.pixels]


def test_with_the_transpose_a_row_is_one_place() -> None:
    said = text(made(pad=1).report(), "en")
    assert "row 6: image 0, place (1, 1): pixels (0, 0) (0, 1) (1, 0) (1, 1)\n" in said
    assert "row 1: image 0, place (0, 1): pixels pad pad (0, 0) (0, 1)\n" in said


def test_without_the_transpose_a_row_is_mixed_from_places() -> None:
    said = text(made(transpose=False).report(), "en")
    assert (
        "mixed from places (0, 0) (0, 1) (0, 2) (1, 0): pixels (0, 0) (0, 1) (0, 2) (1, 0)" in said
    )


def test_the_places_of_an_untransposed_row_are_those_of_the_same_transposed_numbers() -> None:
    right, mixed = made("1,2,4,4"), made("1,2,4,4", transpose=False)
    flat = right.values.T.reshape(-1)  # each place's k-th number, place after place
    assert mixed.values.reshape(-1).tolist() == flat.tolist()
    places = [row.places[0] for row in right.rows()]
    run = places * right.values.shape[1]
    for number, row in enumerate(mixed.rows()):
        own = run[number * 8 : (number + 1) * 8]
        assert row.places == tuple(dict.fromkeys(own))


def test_channels_are_named_where_there_are_more() -> None:
    assert "pixels (0, 0, 0) (0, 0, 1)" in text(made("1,2,4,4").report(), "en")


def test_long_output_is_cut_unless_all_is_asked_for() -> None:
    short, whole = (
        text(made("1,1,28,28", "5,5", whole=whole).report(), "en") for whole in (False, True)
    )
    assert len(short.splitlines()) < 40 and "564 rows more; --all shows them" in short
    assert len(whole.splitlines()) > 1000 and "..." not in whole and "…" not in whole


def test_the_counts_of_col2im_are_one_two_four_at_corner_edge_and_middle() -> None:
    found = overlap_counts("1,1,4,4", "2,2", 1, 0, False)
    assert found.counts.tolist() == [[1, 2, 2, 1], [2, 4, 4, 2], [2, 4, 4, 2], [1, 2, 2, 1]]
    assert "\n" + np.array2string(found.counts) + "\n" in text(found.report(), "en")


def test_the_counts_are_those_of_the_rows_of_im2col() -> None:
    counts = np.zeros((6, 6), dtype=int)
    for row in made("1,1,6,6", "3,3", 2, 1).rows():
        for pixel in row.pixels:
            if pixel:
                counts[pixel[1:]] += 1
    assert overlap_counts("1,1,6,6", "3,3", 2, 1, False).counts.tolist() == counts.tolist()


def test_the_output_of_a_six_by_six_input_is_seven_by_seven() -> None:
    found = sizes([6, 6], "2", 1, 1)
    assert found.as_json()["output"] == [7, 7]
    said = text(found.report(), "en")
    assert "7 × 7" in said and said.count("(6 + 2·1 − 2)/1 + 1 = 7") == 2


def test_what_no_place_reaches_is_said() -> None:
    assert "rounded down = 3; never seen at the end: 1" in text(
        sizes([7], "2", 2, 0).report(), "en"
    )


@pytest.mark.parametrize(
    ("asked", "what"),
    [
        (("1,4", "2,2", 1, 0), "--input: '1,4' are not 4 whole numbers"),
        (("1,1,4,x", "2,2", 1, 0), "--input"),
        (("0,1,4,4", "2,2", 1, 0), "--input"),
        (("1,1,4,4", "2", 1, 0), "--filter: '2' are not 2 whole numbers"),
        (("1,1,4,4", "5,2", 1, 0), "a filter of 5 does not fit into 4"),
        (("1,1,4,4", "2,2", 0, 0), "--stride"),
        (("1,1,4,4", "2,2", 1, -1), "--pad"),
        (("1,1,4,4", "2,2", 1, 90_000), "at most 1,000,000 are shown"),
        (("9" * 400 + ",1,4,4", "2,2", 1, 0), "--input"),
    ],
)
def test_numbers_that_make_no_sense_are_refused(
    asked: tuple[str, str, int, int], what: str
) -> None:
    with pytest.raises(StudyError, match=what):
        made(*asked)
    with pytest.raises(StudyError, match=what):
        overlap_counts(*asked, False)


@pytest.mark.parametrize(
    ("inputs", "filter_size"), [([6, 6, 6], "2"), ([6], "2,2"), ([6], "x"), ([6], "7"), ([0], "1")]
)
def test_sizes_that_make_no_sense_are_refused(inputs: list[int], filter_size: str) -> None:
    with pytest.raises(StudyError):
        sizes(inputs, filter_size, 1, 0)


def test_of_a_large_matrix_the_first_rows_are_drawn_and_the_title_says_so() -> None:
    (chart,) = (block for block in made("1,1,28,28", "5,5").report().blocks if is_chart(block))
    assert str(chart.title) == "im2col: the first 32 × 25 of 576 × 25"
    assert chart.picture.values.shape == chart.picture.is_pad.shape == (32, 25)
    (chart,) = (block for block in made().report().blocks if is_chart(block))
    assert str(chart.title) == "im2col: 9 × 4"


def is_chart(block: object) -> TypeGuard[Chart]:
    return isinstance(block, Chart)
