"""Measure hikaku against its rivals, and write docs/performance.md and docs/performance.json.

`python benchmarks/run.py --only S1,S2 --rounds 5` measures a part; what was measured before of
the rest stays. Ends with an error where something that is promised is not kept.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import sys
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from contest import material
from contest.called import FailedError
from contest.machine import machine, versions
from contest.ours import Contestant
from contest.page import missed, page
from contest.workloads import WORKLOADS, Workload
from hikaku.training.tiles import avoiding

DOCS = Path(__file__).parents[1] / "docs"
NUMBERS, PAGE = "performance.json", "performance.md"


def main() -> None:
    """Measure what is asked for, and write both files after each workload."""
    asked = arguments()
    # Else a rival's process would end at its first product in bf16.
    os.environ.update(avoiding())
    file = asked.output / NUMBERS
    measured = json.loads(file.read_text("utf-8")) if file.exists() else {"workloads": {}}
    with tempfile.TemporaryDirectory(prefix="hikaku-bench-") as name:
        folder = Path(name)
        data = material.given(folder / "data")
        for workload in (WORKLOADS[one] for one in asked.only):
            found = measure(workload, asked.rounds, folder / workload.name, data)
            measured = kept(measured, workload.name, found)
            file.write_text(json.dumps(measured, indent=1) + "\n", encoding="utf-8")
            (asked.output / PAGE).write_text(page(measured), encoding="utf-8")
    lacking = missed(measured)
    for line in lacking:
        print(f"not kept: {line}", file=sys.stderr)
    sys.exit(bool(lacking))


def arguments() -> argparse.Namespace:
    """Return what was asked for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", type=lambda text: text.split(","), default=list(WORKLOADS))
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--output", type=Path, default=DOCS, help="the folder of both files")
    asked = parser.parse_args()
    if unknown := [name for name in asked.only if name not in WORKLOADS]:
        parser.error(f"no workload {', '.join(unknown)}; there are {', '.join(WORKLOADS)}")
    return asked


def kept(measured: Mapping[str, Any], name: str, found: dict[str, Any]) -> dict[str, Any]:
    """Return all that was measured, this workload anew, in the order of the workloads."""
    workloads = {**measured["workloads"], name: found}
    return {
        "format": 1,
        "workloads": {one: workloads[one] for one in WORKLOADS if one in workloads},
    }


def measure(workload: Workload, rounds: int, folder: Path, data: str) -> dict[str, Any]:
    """Return every series of a workload; contestants take turns, each round beginning elsewhere."""
    folder.mkdir()
    say(f"{workload.name}: preparing")
    contestants = workload.contestants(folder)
    series: dict[str, list[float]] = {}
    absent: dict[str, str] = {}
    for number in range(min(rounds, workload.most_rounds or rounds)):
        for name, contestant in turned(contestants, number):
            say(f"{workload.name}, round {number + 1}: {name}", end=" ... ")
            started = time.perf_counter()
            try:
                found = contestant()
            except FailedError as error:
                absent[name] = str(error)
                say(f"failed: {error}")
                continue
            for one, value in found.items():
                series.setdefault(one, []).append(float(f"{value:.5g}"))
            first = next(iter(found), None)
            if first is None:
                say("left out")
                continue
            say(f"{first}: {found[first]:.3g} ({time.perf_counter() - started:.0f} s)")
    shutil.rmtree(folder)
    return {
        "about": workload.about,
        "data": data,
        "machine": machine(),
        "versions": versions(),
        "series": series,
        "absent": absent,
    }


def turned(contestants: dict[str, Contestant], number: int) -> list[tuple[str, Contestant]]:
    """Return the contestants in turn; the first, which others may need, stays the first."""
    first, *rest = contestants.items()
    by = number % len(rest) if rest else 0
    return [first, *rest[by:], *rest[:by]]


def say(text: str, end: str = "\n") -> None:
    """Print progress."""
    print(text, end=end, file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
