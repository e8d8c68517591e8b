"""Patches: the golden matrices, and the way back."""

from __future__ import annotations

import numpy as np
import pytest

from hikaku.reference.arrays import Array
from hikaku.reference.patches import col2im, im2col, output_size, overlaps

GOLDEN = {
    (4, 2, 1, 0): (
        (9, 4),
        "0 1 4 5 · 1 2 5 6 · 2 3 6 7 · 4 5 8 9 · 5 6 9 10",
        "0 1 2 4 · 5 6 8 9 · 10 1 2 3 · 5 6 7 9 · 10 11 4 5",
    ),
    (4, 2, 1, 1): (
        (25, 4),
        "0 0 0 0 · 0 0 0 1 · 0 0 1 2 · 0 0 2 3 · 0 0 3 0",
        "0 0 0 0 · 0 0 0 1 · 2 3 0 4 · 5 6 7 0 · 8 9 10 11",
    ),
    (6, 3, 2, 0): (
        (4, 9),
        "0 1 2 6 7 8 12 13 14 · 2 3 4 8 9 10 14 15 16 · "
        "12 13 14 18 19 20 24 25 26 · 14 15 16 20 21 22 26 27 28",
        "0 2 12 14 1 3 13 15 2 · 4 14 16 6 8 18 20 7 9 · "
        "19 21 8 10 20 22 12 14 24 · 26 13 15 25 27 14 16 26 28",
    ),
    (6, 4, 1, 0): (
        (9, 16),
        "0 1 2 3 6 7 8 9 12 13 14 15 18 19 20 21 · 1 2 3 4 7 8 9 10 13 14 15 16 19 20 21 22",
        "",
    ),
}
"""By side, filter, stride and pad: the shape, and the first rows with and without the transpose."""


def counted(*shape: int) -> Array:
    return np.arange(np.prod(shape), dtype=np.float64).reshape(shape)


@pytest.mark.parametrize("asked", GOLDEN)
def test_the_matrices_are_the_published_ones(asked: tuple[int, int, int, int]) -> None:
    side, filter_size, stride, pad = asked
    shape, *wanted = GOLDEN[asked]
    for rows, transpose in zip(wanted, (True, False), strict=True):
        found = im2col(counted(1, 1, side, side), filter_size, filter_size, stride, pad, transpose)
        assert found.shape == shape
        for row, text in zip(found, filter(None, rows.split(" · ")), strict=False):
            assert row.tolist() == [float(word) for word in text.split()]


@pytest.mark.parametrize(("pad", "stride"), [(0, 1), (1, 2), (2, 3)])
def test_rows_are_what_loops_find(pad: int, stride: int) -> None:
    x = counted(2, 3, 7, 6)
    padded = np.pad(x, ((0, 0), (0, 0), (pad, pad), (pad, pad)))
    rows = []
    for n in range(2):
        for top in range(0, 7 + 2 * pad - 3 + 1, stride):
            for left in range(0, 6 + 2 * pad - 2 + 1, stride):
                rows.append(padded[n, :, top : top + 3, left : left + 2].ravel())
    np.testing.assert_array_equal(im2col(x, 3, 2, stride, pad), np.array(rows))


@pytest.mark.parametrize(("pad", "stride"), [(0, 1), (1, 2), (2, 3)])
def test_col2im_is_the_gradient_of_im2col(pad: int, stride: int) -> None:
    """<im2col(x), c> = <x, col2im(c)> for all x and c."""
    x = np.cos(counted(2, 3, 7, 6))
    col = im2col(x, 3, 2, stride, pad)
    c = np.sin(counted(*col.shape))
    back = col2im(c, (2, 3, 7, 6), 3, 2, stride, pad)
    assert float((col * c).sum()) == pytest.approx(float((x * back).sum()), rel=1e-12)


def test_pixels_in_the_middle_lie_under_most_patches() -> None:
    assert overlaps((4, 4), 2, 2).tolist() == [
        [1, 2, 2, 1],
        [2, 4, 4, 2],
        [2, 4, 4, 2],
        [1, 2, 2, 1],
    ]
    assert overlaps((6, 6), 3, 3, stride=3).tolist() == np.ones((6, 6), dtype=int).tolist()


def test_the_size_of_an_output_is_that_of_the_formula() -> None:
    assert output_size(6, 2, stride=1, pad=1) == 7
    assert output_size(28, 5) == 24
    with pytest.raises(ValueError, match="does not fit"):
        output_size(3, 5)
    with pytest.raises(ValueError, match="at least 1"):
        output_size(3, 2, stride=0)
