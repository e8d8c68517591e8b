"""What the workloads share: one run of ours as series, in a folder that is gone afterwards."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from contest.called import Ran, hikaku

Contestant = Callable[[], Mapping[str, float]]
"""One round of a contestant: numbers by the name of their series.

Most are seconds of the *whole* workload: who does a share of it is scaled up, linearly.
"""

CORES = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
S1, S2, S3, S4 = "batch-norm-scale", "cifar10-techniques", "lenet-dropout", "digits"


@contextmanager
def fresh(folder: Path) -> Iterator[Path]:
    """Yield a folder that is gone afterwards, with whatever was stored in it."""
    with tempfile.TemporaryDirectory(dir=folder) as name:
        yield Path(name)


def ours(
    folder: Path, label: str, study: str, *words: str, per_trial: bool = False
) -> dict[str, float]:
    """Return the series of one run of ours; seconds of training for one trial where asked."""
    with fresh(folder) as place:
        ran = hikaku(study, place, *words)
    return series_of(ran, label, ran.trials if per_trial else 1)


def series_of(ran: Ran, label: str, share: int = 1) -> dict[str, float]:
    """Return the series of a run: training, all the rest of the process, its memory."""
    found = {
        label: ran.training / share,
        f"{label}: the rest of the process": ran.wall - ran.training,
        f"{label}: trials' own clocks / cores": ran.busy / min(CORES, ran.trials) / share,
        f"{label}: memory, MiB": ran.mib,
    }
    if all("update_seconds" in cost for cost in ran.costs):
        updates = sum(cost["update_seconds"] for cost in ran.costs)
        found[f"{label}: updates alone"] = updates / min(CORES, ran.trials) / share
    return found
