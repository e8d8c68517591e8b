"""Make the table of sequential t boundaries, src/hikaku/analysis/boundaries.csv, by Monte Carlo.

The t statistics of the first 2, 3, … of independent normal values with mean 0 follow the same law
whatever their spread, so one simulation serves every experiment. With p_k the two-sided one-sample
t p-value of the first k values, the table holds quantiles of

    M_N = min of p_k / (k / N) over k = 5 … N        for every horizon N = 5 … 20.

The alpha-quantile a of M_N is the constant with which "reject as soon as p_k <= a · k / N" is wrong
with probability alpha. `python scripts/boundaries.py` takes a minute or two.
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.special import stdtr

from hikaku.analysis.boundary import LONGEST
from hikaku.study.study import FEWEST

TABLE = Path(__file__).parents[1] / "src" / "hikaku" / "analysis" / "boundaries.csv"
SEED = 20
PATHS = 10_000_000
CHUNK = 50_000

LEVELS = (0.05, 0.10, 0.04, 0.08)
"""The level of a verdict and of its equivalence, alone and beside an open-ended tail of .01."""

LARGEST_FAMILY = 15
"""The levels of families up to this size stand in the table; all others are interpolated."""

HEAD = """\
# Boundary constants a of the sequential t test.
# Made by scripts/boundaries.py: paths {paths}, seed {seed}.
# A row is a level alpha, a column a horizon N: P(p_n <= a n / N for some n = {first} ... N) = alpha
# under the null hypothesis. N = {first} is a single look, where a = alpha.
# Monte Carlo standard error of the level that an a really holds, sqrt(alpha (1 - alpha) / paths):
# {errors}.
# alpha,{horizons}
"""


def minima(rng: np.random.Generator, paths: int) -> NDArray[np.float64]:
    """Return M_N of new paths under the null hypothesis, (paths, horizons from 5 to 20)."""
    k = np.arange(FEWEST, LONGEST + 1)
    values = rng.standard_normal((paths, LONGEST))
    sums = values.cumsum(axis=1)[:, FEWEST - 1 :]
    squares = (values**2).cumsum(axis=1)[:, FEWEST - 1 :]
    t = sums / np.sqrt((squares - sums**2 / k) / (k - 1) * k)
    p = 2 * stdtr(k - 1, -np.abs(t))
    found: NDArray[np.float64] = np.minimum.accumulate(p / k, axis=1) * k
    return found


def simulate(paths: int, seed: int) -> NDArray[np.float32]:
    """Return M_N of `paths` paths, a multiple of `CHUNK`; prints how far it is."""
    rng = np.random.default_rng(seed)
    found = np.empty((paths, LONGEST - FEWEST + 1), dtype=np.float32)
    for start in range(0, paths, CHUNK):
        found[start : start + CHUNK] = minima(rng, CHUNK)
        print(f"\r{start + CHUNK:,} of {paths:,} paths", end="", file=sys.stderr, flush=True)
    print(file=sys.stderr)
    return found


def levels() -> NDArray[np.float64]:
    """Return the levels of the rows, ascending: the verdicts' own, and a grid for all others."""
    own = [level / size for level in LEVELS for size in range(1, LARGEST_FAMILY + 1)]
    grid = [*np.geomspace(1e-4, 0.1, 31), *np.arange(0.15, 0.95, 0.05)]
    # M_N is hardly ever near 1, so the levels crowd there.
    grid += [*(1 - np.geomspace(0.05, 1e-4, 28)), 1.0]
    # As they will be written: .10 / 6 and .05 / 3 are one row, whatever their last bits.
    return np.array(sorted({float(f"{alpha:.6g}") for alpha in (*own, *grid)}))


def table(found: NDArray[np.floating]) -> NDArray[np.float64]:
    """Return the table of these M_N: alpha and the constants of each horizon, one row a level."""
    alphas = levels()
    rows = np.column_stack([alphas, *(np.quantile(column, alphas) for column in found.T)])
    rows[:, 1] = alphas  # one look needs no simulation
    rows[-1] = 1  # M_N cannot pass p_N, so it cannot pass 1
    return rows


def text(rows: NDArray[np.float64], paths: int, seed: int) -> str:
    """Return the table as it is shipped."""
    errors = ", ".join(
        f"{np.sqrt(alpha * (1 - alpha) / paths):.1e} at {alpha}"
        for alpha in (0.1, 0.05, 0.01, 0.001, 0.0001)
    )
    horizons = ",".join(str(n) for n in range(FEWEST, LONGEST + 1))
    head = HEAD.format(paths=paths, seed=seed, first=FEWEST, errors=errors, horizons=horizons)
    return head + "".join(",".join(f"{value:.6g}" for value in row) + "\n" for row in rows)


if __name__ == "__main__":
    TABLE.write_text(text(table(simulate(PATHS, SEED)), PATHS, SEED), encoding="utf-8")
