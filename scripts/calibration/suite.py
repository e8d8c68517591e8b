"""All that is measured, on two scales: that of the page, and that of every test run."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from calibration.command import commands
from calibration.divergence import divergence
from calibration.families import families
from calibration.forecasts import forecasts
from calibration.gates import Item
from calibration.invariance import invariance
from calibration.pool import real
from calibration.rates import coverage, equivalence, false_positives, power


@dataclass(frozen=True)
class Scale:
    """How many simulations: of single comparisons, of studies, and of what the real code judges."""

    paths: int
    families: int
    explored: int
    diverging: int
    pool: int
    foretold: int
    rare: int
    changed: int
    commands: int


FULL = Scale(200_000, 40_000, 600, 10_000, 2_000, 2_000, 5_000, 500, 200)
SMALL = Scale(40_000, 10_000, 40, 1_000, 1_000, 400, 500, 100, 10)

ITEMS: dict[str, Callable[[Scale], Item]] = {
    "coverage": lambda scale: coverage(scale.paths),
    "false positives": lambda scale: false_positives(scale.paths),
    "families": lambda scale: families(scale.families, scale.explored),
    "power": lambda scale: power(scale.paths),
    "equivalence": lambda scale: equivalence(scale.paths, scale.rare),
    "forecasts": lambda scale: forecasts(scale.foretold),
    "divergence": lambda scale: divergence(scale.diverging),
    "real trainings": lambda scale: real(scale.pool),
    "invariance": lambda scale: invariance(scale.changed),
    "commands": lambda scale: _commands(scale.commands),
}
"""By name, in the order of the page."""


def _commands(studies: int) -> Item:
    with tempfile.TemporaryDirectory() as folder:
        return commands(studies, Path(folder))
