"""The limits that the verdicts are held to, and what a measurement is held against them.

Written here once: the tests assert them and `docs/calibration.md` prints them.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class Gate:
    """What a measured number may be, both ends included."""

    low: float = -math.inf
    high: float = math.inf

    def holds(self, value: float) -> bool:
        """Return whether the number may be that; rounding of the last bits is forgiven."""
        return self.low - 1e-12 <= value <= self.high + 1e-12

    def __str__(self) -> str:
        """Return it as a table shows it."""
        if math.isinf(self.low) and math.isinf(self.high):
            return "stated"
        if self.low == self.high:
            return f"{self.low:.3g}"
        if math.isinf(self.low):
            return f"at most {self.high:.3g}"
        if math.isinf(self.high):
            return f"at least {self.low:.3g}"
        return f"{self.low:.3g} to {self.high:.3g}"


def near(value: float, by: float) -> Gate:
    """Return the gate `value` ± `by`."""
    return Gate(value - by, value + by)


def at_least(value: float) -> Gate:
    """Return the limit that a value is not below this one."""
    return Gate(low=value)


STATED = Gate()
"""Measured and printed; nothing is promised."""

COVERAGE = near(0.95, 0.005)
COVERAGE_WITH_RESERVE = Gate(low=0.945)
FALSE_POSITIVES = Gate(high=0.055)
FALSE_POSITIVES_NOT_NORMAL = Gate(high=0.06)
NAIVE = Gate(0.25, 0.28)
FAMILY_WISE = Gate(high=0.055)
FALSE_DISCOVERIES = Gate(high=0.055)
FALSE_EQUIVALENCE = Gate(high=0.055)
DIVERGENCE = Gate(high=0.05)
REAL_POOL = Gate(high=0.06)
PLANTED = Gate(low=0.95)
NEVER = Gate(high=0)
OF_FORECAST = 0.05
"""How far the chance that was foretold may be from the share that came true."""

POWER = {0.5: 0.46, 0.8: 0.86, 1.0: 0.97, 1.5: 1.0, 3.0: 1.0}
"""By effect in standard deviations of the differences: the power that the method was chosen for."""
MEAN_SEEDS = {0.5: 17.0, 0.8: 13.1, 1.0: 10.9, 1.5: 7.7, 3.0: 5.3}
"""By the same effect: the seeds that it takes on average."""
FOUND_EQUAL = {0.5: 0.16, 0.75: 0.77, 1.0: 0.95}
"""By `worth` in the same unit: the chance of "no practical difference" where there is none.

Of single looks, for which the method was chosen; what all looks have in common is held to at
least these, less the tolerance below.
"""
OF_POWER, OF_SEEDS = 0.03, 0.5
"""How far a measurement may be from these three tables: shares, and seeds."""

ALWAYS_DIVERGES = {1: 6, 5: 8}
"""By the number of variants: at which seed a base that always diverges decides the comparison."""


@dataclass(frozen=True)
class Line:
    """One measurement: `value` over `n` simulations, its standard error, and its limit."""

    what: str
    value: float
    error: float
    n: int
    gate: Gate

    @property
    def holds(self) -> bool:
        """Whether the value keeps its limit."""
        return self.gate.holds(self.value)


@dataclass(frozen=True)
class Item:
    """What was measured together: a table of the page, and a test."""

    title: str
    about: str
    lines: tuple[Line, ...]


def rate(what: str, hits: NDArray[np.bool_] | Sequence[bool], gate: Gate) -> Line:
    """Return the share of hits, with the binomial standard error √(p (1 - p) / n)."""
    share, n = float(np.mean(hits)), len(hits)
    return Line(what, share, math.sqrt(share * (1 - share) / n), n, gate)


def mean(what: str, values: NDArray[np.number], gate: Gate) -> Line:
    """Return the mean, with its standard error s / √n."""
    error = float(np.std(values, ddof=1)) / math.sqrt(len(values))
    return Line(what, float(np.mean(values)), error, len(values), gate)
