"""The limit of a test set: what no number of seeds can say about new data.

Eats: which test samples each trial had right. Makes: `Limit`, the noise of the difference split
into that of the seeds, which more seeds average out, and that of the samples, which they do not.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hikaku.analysis.numbers import decimals, plain
from hikaku.analysis.scope import Scope
from hikaku.record import Results
from hikaku.study.study import Metric
from hikaku.words import Message, message

NORMAL_95 = 1.96
"""The two-sided 95 % quantile of a normal: test sets are large enough for it."""


@dataclass(frozen=True)
class Parts:
    """Variances of one difference in correctness: from the seed, the example, and the rest."""

    seed: float
    example: float
    residual: float


@dataclass(frozen=True)
class Limit:
    """How far a difference in accuracy on these `examples` can be from that on new data.

    `half_width` is that of its 95 % interval with endlessly many seeds, in shares of right answers
    (0.01 is one point): 1.96 √(σ²_example / examples). With n seeds σ²_seed / n and
    σ²_residual / (n · examples) come on top, which is what the finding's interval is made of.
    """

    examples: int
    seeds: int
    parts: Parts
    half_width: float

    @property
    def said(self) -> Message | None:
        """The limit in words; None where the arms differ by as much on every sample."""
        if not self.half_width:
            return None
        return message(
            "more seeds will not help beyond this: a test set of {m} samples limits what can be "
            "said of new data to ±{x}",
            m=f"{self.examples:,}",
            x=plain(self.half_width, decimals(self.half_width, self.half_width)),
        )


def limit(results: Results, variant: str, metric: Metric, scope: Scope | None) -> Limit | None:
    """Return the limit that the test set sets to the comparison of a variant with base.

    None where it cannot be known: the judged figure is not the accuracy on test at the end, seeds
    do not share their test samples, or fewer than two seeds have both arms' answers.
    """
    is_accuracy = (metric.name, metric.split, metric.of) == ("accuracy", "test", "last")
    if not is_accuracy or scope not in ("split", "test-set"):
        return None
    found = (_differences(results, variant, seed) for seed in results.seeds)
    rows = [row for row in found if row is not None]
    if len(rows) < 2 or len({len(row) for row in rows}) > 1 or len(rows[0]) < 2:
        return None
    parts, examples = variance_parts(np.array(rows)), len(rows[0])
    return Limit(examples, len(rows), parts, NORMAL_95 * math.sqrt(parts.example / examples))


def variance_parts(differences: NDArray[np.floating]) -> Parts:
    """Return the variances of crossed random effects, e_ij = μ + seed_i + example_j + rest_ij.

    `differences` is (seeds, examples), two or more of each. By the method of moments: of the mean
    squares of the two-way analysis of variance without replication, (MS_seed - MS_rest) / examples
    and (MS_example - MS_rest) / seeds, unbiased but for being cut at 0, and MS_rest
    (Searle, Casella and McCulloch, Variance Components, 1992, section 4.7).
    """
    seeds, examples = differences.shape
    # Sums: of whole numbers they are exact, so that equal ones have no variance at all.
    of_seeds, of_examples = differences.sum(axis=1), differences.sum(axis=0)
    rest = differences - of_seeds[:, None] / examples - of_examples / seeds + differences.mean()
    mean_square = float((rest**2).sum()) / ((seeds - 1) * (examples - 1))
    return Parts(
        seed=max(0.0, float(of_seeds.var(ddof=1)) / examples**2 - mean_square / examples),
        example=max(0.0, float(of_examples.var(ddof=1)) / seeds**2 - mean_square / seeds),
        residual=mean_square,
    )


def _differences(results: Results, variant: str, seed: int) -> NDArray[np.float64] | None:
    """Return correctness of the variant less base's, (examples,); None where one has none."""
    base = results.base_of(variant)
    after, before = (results.sheet(arm, seed, "correct") for arm in (variant, base))
    if after is None or before is None or after.shape != before.shape:
        return None
    return after.astype(np.float64) - before.astype(np.float64)
