"""The rows of docs/performance.md: what is promised, and from which series it is worked out.

A series is a list of numbers, one a round, under a name. Of ours the median counts, of a rival its
best round. What is not promised (`must` None) is shown beside.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from statistics import median

Series = Mapping[str, Sequence[float]]
"""The series of one workload by name."""


@dataclass(frozen=True)
class Value:
    """A row's figure, and the two that it is made of: ours, and the one it is held against."""

    figure: float
    ours: Sequence[float]
    other: Sequence[float]


@dataclass(frozen=True)
class Row:
    """One line: `must` and `aim` are bounds from below, or from above where `is_cost`."""

    workload: str
    title: str
    must: float | None
    aim: float | None
    work: Callable[[Series], Value]
    is_cost: bool = False

    def keeps(self, figure: float, bound: float | None) -> bool | None:
        """Return whether the figure keeps a bound; None where there is none."""
        if bound is None:
            return None
        return figure <= bound if self.is_cost else figure >= bound


class NotMeasuredError(Exception):
    """A series that a row needs is not there."""


def of(series: Series, name: str) -> Sequence[float]:
    """Return a series; raise `NotMeasuredError` where it is missing or empty."""
    if not series.get(name):
        raise NotMeasuredError(name)
    return series[name]


def against(*rivals: str, ours: str = "hikaku", times: int = 1) -> Callable[[Series], Value]:
    """Return how many times as long the fastest of these rivals takes, for `times` its work."""

    def work(series: Series) -> Value:
        best = min((of(series, name) for name in rivals), key=min)
        other = [times * seconds for seconds in best]
        return Value(min(other) / median(of(series, ours)), of(series, ours), other)

    return work


def share_of_peak(series: Series) -> Value:
    """Return our operations per second as a share of the best product of matrices seen."""
    rate, peak = of(series, "hikaku x 10 GFLOP/s"), of(series, "GEMM peak GFLOP/s")
    return Value(median(rate) / max(peak), rate, peak)


S1_GFLOP = 494.8
"""Operations of S1, in 10⁹: 32 networks, 191 updates of 56.0 million each, 20 evaluations."""


def at_the_limit(rival: str) -> Callable[[Series], Value]:
    """Return how many times as long a rival takes as products of matrices alone would."""

    def work(series: Series) -> Value:
        limit = S1_GFLOP / max(of(series, "GEMM peak GFLOP/s"))
        return Value(min(of(series, rival)) / limit, (limit,), of(series, rival))

    return work


def speed(slower: str, faster: str) -> Callable[[Series], Value]:
    """Return the speed of one of our arms as a share of another's, both by their medians."""

    def work(series: Series) -> Value:
        one, other = of(series, slower), of(series, faster)
        return Value(median(other) / median(one), one, other)

    return work


def best_plan(series: Series) -> Value:
    """Return the seconds of the best plan over those of the planner's, the worse study's share."""
    found = []
    for study in ("S1", "S2"):
        chosen = of(series, f"{study}: the planner's")
        plans = [name for name in series if name.startswith(f"{study}: ")]
        best = min((series[name] for name in plans if series[name]), key=median)
        found.append(Value(median(best) / median(chosen), chosen, best))
    return min(found, key=lambda value: value.figure)


def seconds(name: str) -> Callable[[Series], Value]:
    """Return the median of a series of seconds."""
    return lambda series: Value(median(of(series, name)), of(series, name), ())


KERAS = ("Keras 3 on JAX", "Keras 3 on torch")
TWO = "PyTorch in memory, 2 single-thread processes"
MEMORY = "PyTorch in memory"

ROWS = (
    Row("S1", "S1: a from-scratch NumPy loop in float64", 6, 10, against("NumPy, float64")),
    Row("S1", "S1: Lightning", 7, 12, against("Lightning")),
    Row("S1", "S1: skorch", 7, 12, against("skorch")),
    Row("S1", "S1: Keras 3", 12, 20, against(*KERAS)),
    Row("S1", "S1: PyTorch with a DataLoader", None, None, against("PyTorch, DataLoader")),
    Row("S1", "S1: plain PyTorch in memory", 3, 5, against(MEMORY)),
    Row("S1", "S1: the same in 2 single-thread processes", 1.6, 2.5, against(TWO)),
    Row("S1", "S1: NumPy against the machine's limit", None, None, at_the_limit("NumPy, float64")),
    Row("S1", "S1: PyTorch in memory against the limit", None, None, at_the_limit(MEMORY)),
    Row("S1", "S1 × 10 seeds, share of fp32 GEMM peak", 0.40, 0.65, share_of_peak),
    Row("S2", "S2 fp32: Lightning", 4.5, 6, against("Lightning", ours="hikaku fp32")),
    Row("S2", "S2 fp32: plain PyTorch in memory", 3, 4, against(MEMORY, ours="hikaku fp32")),
    Row(
        "S2", "S2 fp32: in 2 single-thread processes", None, None, against(TWO, ours="hikaku fp32")
    ),
    Row(
        "S2",
        "S2, batch-norm arm's speed against base, fp32",
        0.75,
        0.85,
        speed("batch-norm arm fp32", "base arm fp32"),
    ),
    Row(
        "S2",
        "S2 five arms, fp32: Lightning (5 × its base)",
        4,
        5.5,
        against("Lightning", ours="hikaku five arms fp32", times=5),
    ),
    Row("S2-bf16", "S2 bf16: Lightning (fp32)", 13, 20, against("Lightning", ours="hikaku bf16")),
    Row("S2-bf16", "S2 bf16: plain in memory (fp32)", 9, 14, against(MEMORY, ours="hikaku bf16")),
    Row(
        "S2-bf16",
        "S2 bf16: Lightning in bf16-mixed",
        None,
        None,
        against("Lightning bf16-mixed", ours="hikaku bf16"),
    ),
    Row(
        "S2-bf16",
        "S2, batch-norm arm's speed against base, bf16",
        0.75,
        0.85,
        speed("batch-norm arm bf16", "base arm bf16"),
    ),
    Row(
        "S2-bf16",
        "S2 five arms, bf16: Lightning (5 × its base, fp32)",
        11,
        17,
        against("Lightning", ours="hikaku five arms bf16", times=5),
    ),
    Row("S3", "S3: plain PyTorch loop", 1.5, 4, against(MEMORY)),
    Row("S3", "S3: in 2 single-thread processes", None, None, against(TWO)),
    Row("S4", "S4: plain PyTorch script of the same trials, cold", None, None, against(MEMORY)),
    Row("planner", "planner: its choice against the best plan", 0.93, 0.97, best_plan),
    Row(
        "start",
        "second run of a finished study, wall seconds",
        1.0,
        0.3,
        seconds("second run"),
        True,
    ),
    Row("start", "`hikaku --help`, wall seconds", 0.25, 0.1, seconds("hikaku --help"), True),
    Row("start", "`hikaku results`, wall seconds", 0.7, 0.5, seconds("hikaku results"), True),
)
