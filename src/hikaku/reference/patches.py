"""Patches: what a filter sees at each place, as the rows of a matrix.

A convolution is a dot product of the filter with every patch. With the patches as rows of one
matrix it is one matrix product, which is fast; `im2col` writes that matrix, and `col2im` is its
way back: it adds every number where it came from.
"""

from __future__ import annotations

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from hikaku.reference.arrays import Array, Index


def output_size(size: int, filter_size: int, stride: int = 1, pad: int = 0) -> int:
    """Return (H + 2P − F) / S + 1, the places that a filter has along one side, rounded down.

    Raises `ValueError` where the filter is larger than the padded input, or numbers make no sense.
    """
    if min(size, filter_size, stride) < 1 or pad < 0:
        raise ValueError("sizes and stride are at least 1, and pad is at least 0")
    if filter_size > size + 2 * pad:
        raise ValueError(f"a filter of {filter_size} does not fit into {size} + 2·{pad}")
    return (size + 2 * pad - filter_size) // stride + 1


def im2col(
    x: Array, height: int, width: int, stride: int = 1, pad: int = 0, transpose: bool = True
) -> Array:
    """Return every patch of `height` × `width` as a row.

    x is (N, C, H, W), the result (N · OH · OW, C · height · width): samples, then places row by
    row; in a row channels, then the filter's rows. Without the `transpose` numbers of different
    patches share a row: it is there to show what that step is for.
    """
    if x.ndim != 4:
        raise ValueError(f"x is {x.shape}, not (N, C, H, W)")
    n, _, h, w = x.shape
    rows, columns = output_size(h, height, stride, pad), output_size(w, width, stride, pad)
    padded = np.pad(x, ((0, 0), (0, 0), (pad, pad), (pad, pad)))
    windows = sliding_window_view(padded, (height, width), axis=(2, 3))[:, :, ::stride, ::stride]
    if transpose:
        # (N, C, OH, OW, height, width) to (N, OH, OW, C, height, width).
        return windows.transpose(0, 2, 3, 1, 4, 5).reshape(n * rows * columns, -1)
    # The book's loop fills (N, C, height, width, OH, OW), and would be read in that order.
    return windows.transpose(0, 1, 4, 5, 2, 3).reshape(n * rows * columns, -1)


def col2im(
    col: Array,
    shape: tuple[int, int, int, int],
    height: int,
    width: int,
    stride: int = 1,
    pad: int = 0,
) -> Array:
    """Return an array of `shape`, (N, C, H, W), in which every number of `col` is added up.

    A pixel under k patches gets k numbers: this is the gradient of `im2col`, and no inverse.
    """
    n, c, h, w = shape
    rows, columns = output_size(h, height, stride, pad), output_size(w, width, stride, pad)
    six = col.reshape(n, rows, columns, c, height, width).transpose(0, 3, 4, 5, 1, 2)
    padded = np.zeros((n, c, h + 2 * pad, w + 2 * pad))
    for y in range(height):
        for x in range(width):
            down, right = y + stride * rows, x + stride * columns
            padded[:, :, y:down:stride, x:right:stride] += six[:, :, y, x]
    return padded[:, :, pad : pad + h, pad : pad + w]


def overlaps(
    size: tuple[int, int], height: int, width: int, stride: int = 1, pad: int = 0
) -> Index:
    """Return, for an input of size (H, W), under how many patches each pixel lies: (H, W)."""
    shape = (1, 1, *size)
    ones = im2col(np.ones(shape), height, width, stride, pad)
    counts: Index = col2im(ones, shape, height, width, stride, pad)[0, 0].astype(np.int64)
    return counts
