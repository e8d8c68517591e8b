"""What the charts of a design show: its cells side by side, in a heat map, or along one axis.

Eats a `Study` and its `Results`. Makes `View`s, a `Heat` or a `Sweep`, which know nothing of
colours.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

from hikaku.analysis.figures import judged
from hikaku.analysis.student import mean_interval
from hikaku.record import Results
from hikaku.study.design import Axis, Cell, Design
from hikaku.study.study import BASE, Metric, Study

Figure = tuple[float, float, float]
"""The mean of the judged figure over seeds, and its 95 % interval; NaN where unknown."""

FEW, MANY = 3, 4
"""So many views stand in a row; the second where there are many."""
SEVERAL = 9


@dataclass(frozen=True)
class View:
    """Two arms overlaid under a title; of one and the same arm, that alone."""

    title: str
    arm: str
    against: str = BASE


@dataclass(frozen=True)
class Views:
    """All views, how many stand in a row, and what the two arms of each are called, where known."""

    views: tuple[View, ...]
    columns: int = FEW
    sides: tuple[str, str] | None = None


@dataclass(frozen=True)
class Heat:
    """The judged figure over two axes: per cell its place on each of them, and its figure."""

    metric: Metric
    axes: tuple[Axis, Axis]
    cells: tuple[tuple[int, int, Figure], ...]

    @property
    def is_whole(self) -> bool:
        """Whether every cell has a figure."""
        return all(math.isfinite(figure[0]) for *_, figure in self.cells)


@dataclass(frozen=True)
class Sweep:
    """The judged figure along one axis: (series, level, figure), a series per value compared."""

    metric: Metric
    axis: Axis
    series: tuple[str, ...]
    points: tuple[tuple[str, int, Figure], ...]


def views(study: Study) -> Views:
    """Return a view per comparison; of a grid, each cell in its place, its setting as title.

    An arm that nothing is compared with, in a study without variants, stands alone.
    """
    design = study.design
    if design is None or design.kind != "grid":
        found = tuple(View(arm.name, arm.name, arm.against) for arm in study.compared)
        return Views(found or (View(BASE, BASE),), _columns(len(found)))
    written = {cell.arm for cell in design.cells}
    more = tuple(
        View(arm.name, arm.name, arm.against) for arm in study.compared if arm.name not in written
    )
    if not design.compare:
        cells = tuple(View(_title(design, cell), cell.arm) for cell in design.cells)
        wide = len(design.axes) == 2 and len(design.axes[1].texts) <= MANY
        return Views((*cells, *more), len(design.axes[1].texts) if wide else _columns(len(cells)))
    against = {arm.name: arm.against for arm in study.compared}
    sides = _sides(design, against)
    cells = tuple(
        View(_title(design, cell, without=sides is not None), cell.arm, against[cell.arm])
        for cell in design.cells
        if cell.arm in against
    )
    return Views((*cells, *more), _columns(len(cells)), None if more else sides)


def heat(study: Study, results: Results) -> Heat | None:
    """Return the heat map of a grid over two axes, None for any other study."""
    design = study.design
    if design is None or design.kind != "grid" or design.compare or len(design.axes) != 2:
        return None
    first, second = design.axes
    cells = tuple(
        (cell.levels[0], cell.levels[1], _figure(study, results, cell)) for cell in design.cells
    )
    return Heat(study.metric, (first, second), cells) if _any_known(cells) else None


def sweep(study: Study, results: Results) -> Sweep | None:
    """Return the curve over a swept axis, or over the other axis of two where one is compared."""
    design = study.design
    if design is None or not (design.kind == "sweep" or (design.compare and len(design.axes) == 2)):
        return None
    swept = next(n for n, axis in enumerate(design.axes) if axis.path != design.compare)
    points = tuple(
        (_series(design, cell), cell.levels[swept], _figure(study, results, cell))
        for cell in design.cells
    )
    series = tuple(dict.fromkeys(name for name, _, _ in points))
    return Sweep(study.metric, design.axes[swept], series, points) if _any_known(points) else None


def _columns(count: int) -> int:
    return MANY if count >= SEVERAL else FEW


def _title(design: Design, cell: Cell, *, without: bool = False) -> str:
    """Return the cell's setting; where it is told otherwise, without the compared axis."""
    return ", ".join(_texts(design, cell, design.compare if without else "")) or cell.arm


def _texts(design: Design, cell: Cell, left_out: str) -> Iterator[str]:
    for axis, level in zip(design.axes, cell.levels, strict=True):
        if axis.path != left_out and level >= 0:
            yield axis.texts[level]


def _sides(design: Design, against: dict[str, str]) -> tuple[str, str] | None:
    """Return what the two compared values are called, None where there are more than two."""
    (axis,) = (one for one in design.axes if one.path == design.compare)
    if len(axis.texts) != 2:
        return None
    (own,) = {_series(design, cell) for cell in design.cells if cell.arm not in against}
    other = next(text for text in axis.texts if text != own)
    return own, other


def _series(design: Design, cell: Cell) -> str:
    pairs = zip(design.axes, cell.levels, strict=True)
    return next((axis.texts[n] for axis, n in pairs if axis.path == design.compare), "")


def _figure(study: Study, results: Results, cell: Cell) -> Figure:
    return mean_interval(judged(results, cell.arm, study.metric))


def _any_known(points: tuple[tuple[str | int, int, Figure], ...]) -> bool:
    return any(figure[0] == figure[0] for *_, figure in points)
