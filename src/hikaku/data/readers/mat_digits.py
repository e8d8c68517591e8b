"""Reads the cropped digits of SVHN from MATLAB's files, version 5.

Layout: `X`, uint8 (32, 32, 3, n), row, column, colour, image; `y`, (n, 1), the digits 1 to 9, and
10 for 0. Source: the page of the data set, Y. Netzer et al., 2011.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from hikaku.data.readers.contents import MOST_BYTES, stamp
from hikaku.errors import DataError
from hikaku.words import message

IMAGE = (32, 32, 3)


def read(path: Path) -> tuple[NDArray[np.uint8], NDArray[np.int64]]:
    """Return (images, digits): (n, 3, 32, 32) uint8 and (n,) int64, 0 to 9.

    What the file says it holds is looked at before anything large is read. Raises DataError where
    that is something else, or the file is damaged.
    """
    from scipy.io import loadmat, whosmat

    stamp(path)
    try:
        held = {name: (tuple(shape), kind) for name, shape, kind in whosmat(path)}
        shape, kind = held["X"]
        count = shape[-1]
        fits = kind == "uint8" and shape == (*IMAGE, count) and held["y"][0] == (count, 1)
        if not fits or np.prod(shape) > MOST_BYTES:
            raise ValueError(f"X {kind} {shape}, y {held['y'][0]}")
        found = loadmat(path, variable_names=["X", "y"])
        digits = found["y"][:, 0].astype(np.int64)
        if digits.min() < 1 or digits.max() > 10:
            raise ValueError(f"digits from {digits.min()} to {digits.max()}")
    except Exception as error:  # a file that is cut, or is none, fails in many ways
        raise DataError.of(
            message("no file of SVHN's cropped digits: {error}", error=error),
            where=f"{path}:",
            mend=message("fetch the file again"),
        ) from error
    return found["X"].transpose(3, 2, 0, 1), digits % 10
