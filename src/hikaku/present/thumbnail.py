"""A small image inside a page: as an address that holds all of it, and how large it is shown."""

from __future__ import annotations

import base64
from io import BytesIO

import numpy as np
from numpy.typing import NDArray

SIDE = 64
"""About so many pixels of the page for the longer side of an image."""


def address(image: NDArray[np.uint8]) -> str:
    """Return an image, (height, width) or (height, width, 3), as the data address of a PNG."""
    from PIL import Image

    written = BytesIO()
    Image.fromarray(image).save(written, "png", optimize=True)
    return "data:image/png;base64," + base64.b64encode(written.getvalue()).decode()


def tile_size(image: NDArray[np.uint8]) -> tuple[int, int]:
    """Return the width and height at which it is shown: whole multiples of its pixels.

    >>> tile_size(np.zeros((28, 28), np.uint8)), tile_size(np.zeros((64, 48), np.uint8))
    ((56, 56), (48, 64))
    """
    height, width = image.shape[:2]
    factor = max(1, SIDE // max(height, width))
    return width * factor, height * factor
