"""What every rival is given, and how it answers: arrays in a file, one line of JSON.

A rival is called `python RIVAL DATA.npz SPEC`, SPEC being JSON. It trains what SPEC says, times
its own training and evaluations (no import, no decoding), and tells seconds and final accuracies.
"""

from __future__ import annotations

import json
import sys
from typing import Any

import numpy as np


def given() -> tuple[dict[str, np.ndarray], dict[str, Any]]:
    """Return the arrays by name, images as uint8, and SPEC."""
    with np.load(sys.argv[1]) as arrays:
        return {name: arrays[name] for name in arrays.files}, json.loads(sys.argv[2])


def floats(images: np.ndarray) -> np.ndarray:
    """Return images as numbers from 0 to 1."""
    return images.astype(np.float32) / 255


def tell(accuracies: list[float], **seconds: float) -> None:
    """Print the answer: seconds of training, and of evaluating where they are timed apart."""
    print(json.dumps({"accuracies": [round(value, 4) for value in accuracies], **seconds}))
