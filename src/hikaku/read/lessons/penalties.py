"""`show penalty`: where L1, L2 and an elastic net hold two weights whose best lies further out.

To pay for the size of weights is to keep them within a region: L1's has corners on the axes, L2's
is round, and the elastic net's lies between. The lowest loss within is where a contour first
meets the region; at a corner one weight is 0, exactly.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from hikaku.present.lessons import Constraint, Constraints
from hikaku.present.report import Chart, Column, Heading, Report, Table, Text, cells
from hikaku.reference.arrays import Array
from hikaku.reference.penalties import shrunk_to_zero
from hikaku.words import Message, message

BEST = np.array([0.5, 1.8])
CURVATURE = np.array([[1.0, 0.3], [0.3, 1.0]])
"""The loss is ½ (w − BEST)ᵀ CURVATURE (w − BEST): its lowest point lies outside all regions."""

REGIONS: tuple[tuple[str, Message, float], ...] = (
    ("l1", message("L1: |w1| + |w2| ≤ 1"), 1.0),
    ("elastic-net", message("elastic net: half of each"), 0.5),
    ("l2", message("L2: w1² + w2² ≤ 1"), 0.0),
)
"""By name the share of L1 in share · Σ |w| + (1 − share) · Σ w² ≤ 1."""

POINTS = 361
STEP = 0.5
"""Of the proximal gradient; anything below 1 / 1.3, the largest curvature, comes to rest."""


@dataclass(frozen=True)
class Meeting:
    """Where a region meets the lowest contour of the loss, and the loss there."""

    id: str
    name: Message
    share: float
    weights: tuple[float, float]
    loss: float


@dataclass(frozen=True)
class Penalties:
    """The meetings of all regions."""

    meetings: tuple[Meeting, ...]

    def report(self) -> Report:
        """Return the table of the points, and regions and contours as a picture."""
        picture = Constraints(
            tuple(
                Constraint(m.name, edge(m.share), m.weights, contour(m.loss)) for m in self.meetings
            ),
            tuple(contour(level) for level in (0.02, 0.12, 0.3, 0.9, 1.5)),
            (float(BEST[0]), float(BEST[1])),
        )
        title = message("Where each penalty holds two weights")
        chart = Chart(picture, title, message("regions of L1, elastic net and L2 with contours"))
        return Report((Heading(title, level=1), self._table(), self._why(), chart))

    def as_json(self) -> dict[str, Any]:
        """Return the best weights of all, and those within each region."""
        return {
            "format": 1,
            "best": BEST.tolist(),
            "penalties": [
                {"name": m.id, "weights": list(m.weights), "loss": m.loss} for m in self.meetings
            ],
        }

    def _table(self) -> Table:
        free = cells(message("none"), *(f"{w:.3f}" for w in BEST), f"{0:.3f}")
        rows = (
            cells(m.name, *("0" if w == 0 else f"{w:.3f}" for w in m.weights), f"{m.loss:.3f}")
            for m in self.meetings
        )
        return Table(
            columns=(
                Column(message("penalty"), "name"),
                Column("w1", "number"),
                Column("w2", "number"),
                Column(message("loss"), "number"),
            ),
            rows=(free, *rows),
        )

    def _why(self) -> Text:
        return Text(
            message(
                "L1's region has a corner where w1 is 0, and the contour meets it there: the "
                "weight is 0 exactly. The elastic net's corner is blunter, and this contour "
                "misses it; L2 has none."
            )
        )


def penalties() -> Penalties:
    """Return where L1, elastic net and L2, each with an edge through (0, 1), meet the loss."""
    return Penalties(tuple(_meeting(*region) for region in REGIONS))


def _meeting(id: str, name: Message, share: float) -> Meeting:
    w = _held(share)
    return Meeting(id, name, share, (float(w[0]), float(w[1])), _loss(w))


def _loss(w: Array) -> float:
    away = w - BEST
    return float(away @ CURVATURE @ away) / 2.0


def size(w: Array, share: float) -> float:
    """Return share · Σ |w| + (1 − share) · Σ w²: at most 1 within the region."""
    return float(share * np.abs(w).sum() + (1.0 - share) * (w**2).sum())


def _held(share: float) -> Array:
    """Return the weights of lowest loss within the region: the strength that just reaches it."""
    low, high = 0.0, 4.0
    for _ in range(60):
        middle = (low + high) / 2.0
        low, high = (middle, high) if size(_paid(middle, share), share) > 1.0 else (low, middle)
    return _paid(high, share)


def _paid(strength: float, share: float) -> Array:
    """Return the weights of the lowest loss + strength · size, by proximal gradient steps."""
    w = np.zeros(2)
    for _ in range(80):
        moved = w - STEP * CURVATURE @ (w - BEST)
        small = shrunk_to_zero(moved, STEP * strength * share)
        w = small / (1.0 + 2.0 * STEP * strength * (1.0 - share))
    return w


def edge(share: float) -> Array:
    """Return the edge of a region, (points, 2): in every direction the length of size 1."""
    return np.array(list(_edge(share)))


def _edge(share: float) -> Iterator[Array]:
    for angle in np.linspace(0.0, 2.0 * np.pi, POINTS):
        way = np.array([np.cos(angle), np.sin(angle)])
        a, b = 1.0 - share, share * np.abs(way).sum()
        # a r² + b r = 1, written so that a may be 0.
        yield way * 2.0 / (b + np.sqrt(b**2 + 4.0 * a))


def contour(level: float) -> Array:
    """Return the line where the loss is `level`, (points, 2)."""
    angle = np.linspace(0.0, 2.0 * np.pi, POINTS)
    circle = np.stack([np.cos(angle), np.sin(angle)], axis=1) * np.sqrt(2.0 * level)
    # With CURVATURE = L Lᵀ, the loss of BEST + L⁻ᵀ z is ½ |z|².
    line: Array = BEST + circle @ np.linalg.inv(np.linalg.cholesky(CURVATURE))
    return line
