"""`show derivatives`: the slopes of the activation functions, and the most that each passes on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hikaku.present.functions import Functions
from hikaku.present.report import Chart, Column, Heading, Report, Table, Text, cells
from hikaku.read.lessons.lesson import figures
from hikaku.reference.functions import ACTIVATIONS
from hikaku.words import Message, message

REACH, POINTS = 5.0, 2001
LAYERS = 10
NAMES: dict[str, Message] = {
    "sigmoid": message("sigmoid"),
    "tanh": message("tanh"),
    "relu": message("ReLU"),
    "leaky-relu": message("leaky ReLU, slope {slope}", slope=0.01),
}


@dataclass(frozen=True, eq=False)
class Slopes:
    """The slopes (functions, points) of the activation functions `NAMES`, read at `at`."""

    at: NDArray[np.float64]
    values: NDArray[np.float64]

    def report(self) -> Report:
        """Return the table of the largest slopes, and all of them as a picture."""
        chart = Chart(
            Functions(tuple(NAMES.values()), self.at, self.values),
            title=message("Slopes of the activation functions"),
            alt=message("dy/dx of sigmoid, tanh, ReLU and leaky ReLU from -5 to 5"),
        )
        return Report((Heading(chart.title, level=1), self._table(), self._lost(), chart))

    def as_json(self) -> dict[str, Any]:
        """Return each function's largest slope, where it is, and all slopes."""
        peaks = self.values.max(axis=1)
        return {
            "format": 1,
            "at": self.at.tolist(),
            "functions": [
                {
                    "name": name,
                    "peak": float(peak),
                    "peak_from": float(self._peaked(row).min()),
                    "peak_to": float(self._peaked(row).max()),
                    "slopes": row.tolist(),
                }
                for name, peak, row in zip(NAMES, peaks, self.values, strict=True)
            ],
        }

    def _peaked(self, row: NDArray[np.float64]) -> NDArray[np.float64]:
        peaked: NDArray[np.float64] = self.at[row == row.max()]
        return peaked

    def _table(self) -> Table:
        rows = []
        for name, row in zip(NAMES.values(), self.values, strict=True):
            at = self._peaked(row)
            where = f"x = {at[0] + 0.0:g}" if len(at) == 1 else "x > 0"
            rows.append(cells(name, *figures([row.max()]), where, *figures(row[[0, -1]])))
        return Table(
            columns=(
                Column(message("function"), "name"),
                Column(message("largest slope"), "number"),
                Column(message("where"), "number"),
                Column(message("at {x}", x="x = -5"), "number"),
                Column(message("at {x}", x="x = 5"), "number"),
            ),
            rows=tuple(rows),
        )

    def _lost(self) -> Text:
        peak = float(self.values[list(NAMES).index("sigmoid")].max())
        return Text(
            message(
                "Backpropagation multiplies by such a slope at every layer. Through {n} sigmoids "
                "at most {peak}^{n} = {share} of a gradient comes back, the weights left aside.",
                n=LAYERS,
                peak=f"{peak:g}",
                share=f"{peak**LAYERS:.2g}",
            )
        )


def slopes() -> Slopes:
    """Return the slopes of sigmoid, tanh, ReLU and leaky ReLU from -5 to 5."""
    at = np.linspace(-REACH, REACH, POINTS)
    return Slopes(at, np.array([ACTIVATIONS[name][1](at) for name in NAMES]))
