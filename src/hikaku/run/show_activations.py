"""`show activations`: the activation functions over [-5, 5], drawn by the techniques themselves."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from hikaku.models.calling import Calling
from hikaku.models.surgery import Surgery
from hikaku.models.watch import probe
from hikaku.present.functions import Functions
from hikaku.present.picture_file import check_kind, write_picture
from hikaku.present.report import Chart, Report
from hikaku.study.catalogue import techniques
from hikaku.study.recipe import Use, Value
from hikaku.techniques import registry
from hikaku.words import Message, message

REACH = 5.0
POINTS = 401


def _drawn() -> tuple[tuple[Message | str, Use], ...]:
    """Return what is drawn: the five functions of the tutorials, with their slopes."""

    def use(name: str, **settings: Value) -> Use:
        return techniques()[name].use(settings)

    return (
        ("sigmoid", use("sigmoid")),
        ("ReLU", use("relu")),
        ("tanh", use("tanh")),
        (message("leaky ReLU, slope {slope}", slope=0.01), use("leaky-relu", slope=0.01)),
        # Its slope is learnt; where that stands, it is a leaky ReLU of this slope.
        (message("PReLU, learnt slope {slope}", slope=0.08), use("leaky-relu", slope=0.08)),
    )


def activations() -> Functions:
    """Return the activation functions, each as its technique puts it in the place of a ReLU."""
    at = np.linspace(-REACH, REACH, POINTS)
    drawn = _drawn()
    values = np.array([_values(use, at) for _, use in drawn])
    return Functions(tuple(name for name, _ in drawn), at, values)


def show_activations(output: Path) -> Path:
    """Write the picture of the activation functions, SVG, PNG or HTML, and return its path.

    Raises `StudyError` for a file of another kind.
    """
    check_kind(output)
    chart = Chart(
        activations(),
        title=message("Activation functions"),
        alt=message("sigmoid, ReLU, tanh, leaky ReLU and PReLU from -5 to 5"),
    )
    return write_picture(Report((chart,)), output)


def _values(use: Use, at: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the function that this technique puts in the place of a ReLU, read at `at`."""
    model, x = nn.ReLU(), torch.from_numpy(at)[:, None]
    sites = probe(model, x, Calling(outputs=1))
    surgery = Surgery(model, sites)
    registry.build(use).edit(surgery, sites)
    with torch.no_grad():
        found: NDArray[np.float64] = surgery.finish(record_activations=False)(x)[:, 0].numpy()
    return found
