"""How far from the machine's limit trials are computed, and how long that takes, in words."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from statistics import median

from hikaku.execution.arithmetic import BY_AMX
from hikaku.execution.orders import Peak, Pool
from hikaku.execution.plan import Batch, Plan
from hikaku.execution.workers import answered
from hikaku.run.allocate import measured
from hikaku.run.identify import Identified
from hikaku.run.sizes import duration, share, work
from hikaku.store.store import Store
from hikaku.words import Message, message

EXPECTED = {"dense": 0.5, "plain": 0.35, "stacked": 0.1, "book": 0.2}
"""The share of the limit that an engine reaches where nothing was measured yet: about what
`docs/performance.md` found on one machine; of the book it is a guess."""
EXPECTED_BY_AMX = 1.2
"""The same of convolutions in bf16 by AMX: the limit is that of products in fp32."""

BESIDE = 0.05
"""Seconds that a trial takes beside its updates, at the least: to begin, to be read, to be kept."""


def speeds(known: Identified, kept: Store) -> dict[str, float]:
    """Return by arithmetic the operations that a process made in a second, over its trials here."""
    found: dict[str, list[float]] = defaultdict(list)
    for one in measured(known, kept).trials.values():
        cost = one.outcome.cost
        if cost.get("flops") and cost.get("seconds"):
            found[one.outcome.arithmetic].append(cost["flops"] / cost["seconds"])
    return {text: median(rates) for text, rates in found.items()}


def peak_of(pool: Pool) -> float:
    """Return the operations a second at which one process here multiplies large matrices."""
    return float(answered(pool, Peak()))


def work_of(batch: Batch, rate: float, peak: float, workers: int) -> Iterator[Message]:
    """Yield how much work a batch is, at which share of the limit, and how long it takes.

    `rate` is what was measured of such trials, 0 where nothing was.
    """
    if not sum(batch.flops) or not peak:
        return
    values = {
        "flops": work(sum(batch.flops)),
        "time": duration(minutes_of(batch, rate, peak, workers)),
        "share": share((rate or _expected(batch, peak)) / peak),
    }
    if rate:
        yield message(
            "{flops} of updates: {time} at {share} of the limit, as trials like these were "
            "measured",
            **values,
        )
    else:
        yield message("{flops} of updates: {time} if they reach {share} of the limit", **values)


def minutes_of(batch: Batch, rate: float, peak: float, workers: int) -> float:
    """Return how long a batch takes in minutes; 0 where its operations are not known."""
    if not sum(batch.flops) or not peak:
        return 0.0
    at_once = min(workers, len(batch.stacks))
    return sum(batch.flops) / (rate or _expected(batch, peak)) / at_once / 60


def rate_of(batch: Batch, rates: Mapping[str, float]) -> float:
    """Return the operations a second that were measured of such trials, 0 where none were."""
    return rates.get(batch.group.arithmetic, 0.0)


def minutes_of_all(plan: Plan, rates: Mapping[str, float], peak: float, workers: int) -> float:
    """Return how long a plan takes in minutes; 0 where the operations of a batch are not known."""
    each = [minutes_of(one, rate_of(one, rates), peak, workers) for one in plan.batches]
    return sum(each) + len(plan.trials) * BESIDE / 60 / workers if each and all(each) else 0.0


def _expected(batch: Batch, peak: float) -> float:
    group = batch.group
    return (EXPECTED_BY_AMX if BY_AMX in group.arithmetic else EXPECTED[group.engine]) * peak


def limit_of(batches: Iterable[Batch], peak: float) -> Iterator[Message]:
    """Yield what the limit is that `work_of` tells shares of; nothing where it tells none."""
    if peak and any(sum(batch.flops) for batch in batches):
        yield message(
            "the limit: a process here multiplies fp32 matrices at {peak} GFLOP/s",
            peak=f"{peak / 1e9:,.0f}",
        )
