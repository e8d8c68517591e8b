"""Measure how often the verdicts err and find, and write docs/calibration.md.

`python scripts/calibrate.py` simulates; with `--pool` it trains the pool of real figures again,
tests/simulation/pool.csv, which the simulations draw from.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path

from calibration import pool
from calibration.page import page
from calibration.suite import FULL, ITEMS

PAGE = Path(__file__).parents[1] / "docs" / "calibration.md"


def main() -> None:
    """Write the page; end with an error where a limit is not kept."""
    found = []
    for name, measure in ITEMS.items():
        started = time.perf_counter()
        found.append(measure(FULL))
        seconds = time.perf_counter() - started
        print(f"{name}: {seconds:.0f} s", file=sys.stderr, flush=True)
    PAGE.write_text(page(found), encoding="utf-8")
    missed = [line for item in found for line in item.lines if not line.holds]
    for line in missed:
        print(f"not kept: {line.what}: {line.value:.4f}, {line.gate}", file=sys.stderr)
    sys.exit(bool(missed))


if __name__ == "__main__":
    pool.train() if "--pool" in sys.argv[1:] else main()
