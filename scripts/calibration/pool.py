"""Real trainings: a pool of a small network's figures, and studies drawn from it by chance."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from calibration import gates
from calibration.gates import Gate, Item, Line, rate
from calibration.handmade import judged
from calibration.looks import Array, automatic
from hikaku.study.study import BASE, HORIZON

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "tests" / "simulation"
STUDIES = (FOLDER / "arms" / "pool.toml", FOLDER / "arms" / "planted.toml")
TABLE = FOLDER / "pool.csv"
STORE = ROOT / ".hikaku-calibration"

TWIN, NOISE, SLOW = "twin", "label-noise", "lr-tenth"
ARMS = (BASE, TWIN, NOISE, SLOW)
WORTH = 0.01
"""In the studies with a planted effect: one point of accuracy, as one would ask for."""
HEAD = """\
# Final test accuracies of short trainings by hikaku itself, one line a seed: `make pool` makes
# this from tests/simulation/arms. `{base}` and `{twin}` are one recipe and differ in their first
# weights alone. Empty: not trained.
"""


def train() -> None:
    """Train the pool, as far as it is not in its store, and write the table."""
    import hikaku

    found: dict[str, dict[int, float]] = {}
    for study in STUDIES:
        answer = hikaku.run(study, store=str(STORE / "store.db"))
        for arm in answer.study.arms:
            values = answer.results.values(arm.name, "accuracy", "test", "last")
            found[arm.name] = dict(zip(answer.results.seeds, values.tolist(), strict=True)) | (
                found.get(arm.name, {})
            )
    with TABLE.open("w", encoding="utf-8", newline="") as out:
        out.write(HEAD.format(base=BASE, twin=TWIN))
        rows = csv.writer(out, lineterminator="\n")
        rows.writerow(("seed", *ARMS))
        for seed in sorted(found[BASE]):
            row = (found[arm].get(seed) for arm in ARMS)
            rows.writerow((seed, *("" if value is None else f"{value:.6f}" for value in row)))


def pool() -> dict[str, Array]:
    """Return the figures of each arm, by seed; an arm's array ends with its last seed."""
    with TABLE.open(encoding="utf-8") as lines:
        rows = list(csv.DictReader(line for line in lines if not line.startswith("#")))
    return {arm: np.array([float(row[arm]) for row in rows if row[arm]]) for arm in ARMS}


def real(studies: int) -> Item:
    """Measure how often the real code errs and finds among really trained networks."""
    figures = pool()
    base, twin = figures[BASE], figures[TWIN]
    rho = np.corrcoef(base, twin)[0, 1]
    return Item(
        "And with networks that were really trained?",
        f"A pool of {len(base)} pairs of short trainings of a small network on handwritten digits. "
        f"A study is {HORIZON} disjoint pairs drawn from it by chance, judged by the code that "
        "judges everybody's studies. In the first two kinds both arms are the same recipe, and "
        "`worth` hides nothing: once with two unlike seeds in a pair, once with the same seed, and "
        f"so the same split, where the arms' figures correlate with {rho:.2f}. In the others the "
        "variant learns from labels of which a fifth is wrong, or with a tenth of the learning "
        f"rate, over {len(figures[NOISE])} pairs; `worth` is one point of accuracy. Studies share "
        "trainings, and the standard error is that of the drawing alone.",
        (
            _unlike_seeds(base, studies),
            _same_seeds(base, twin, studies),
            _planted(figures, NOISE, "label noise", studies),
            _planted(figures, SLOW, "learning rate / 10", studies),
        ),
    )


def _unlike_seeds(base: Array, studies: int) -> Line:
    rng = np.random.default_rng((8, 1))
    drawn = [rng.choice(base, 2 * HORIZON, replace=False) for _ in range(studies)]
    said = [_verdict(one[:HORIZON], one[HORIZON:], 1e-9) for one in drawn]
    return _share("same recipe, unlike seeds: declared different", said, gates.REAL_POOL)


def _same_seeds(base: Array, twin: Array, studies: int) -> Line:
    rng, said = np.random.default_rng((8, 2)), []
    for _ in range(studies):
        seeds = rng.choice(len(base), HORIZON, replace=False)
        # Which of two equal arms is called the variant is a coin, so that no arm is the lucky one.
        swapped = rng.random(HORIZON) < 0.5
        one, other = base[seeds], twin[seeds]
        arms = np.where(swapped, one, other), np.where(swapped, other, one)
        said.append(_verdict(*arms, 1e-9))
    return _share("same recipe, same seeds: declared different", said, gates.REAL_POOL)


def _planted(figures: dict[str, Array], arm: str, what: str, studies: int) -> Line:
    rng, said = np.random.default_rng((9, ARMS.index(arm))), []
    for _ in range(studies):
        seeds: NDArray[np.int64] = rng.choice(len(figures[arm]), HORIZON, replace=False)
        said.append(_verdict(figures[arm][seeds], figures[BASE][seeds], WORTH))
    hurts = np.array(said) == "hurts"
    return rate(f"{what}: hurts", hurts, gates.PLANTED)


def _verdict(variant: Array, base: Array, worth: float) -> str:
    return judged(variant.tolist(), base.tolist(), automatic(worth=worth)).verdict


def _share(what: str, said: list[str], gate: Gate) -> Line:
    return rate(what, np.isin(said, ("helps", "hurts", "unstable")), gate)
