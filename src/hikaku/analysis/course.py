"""`Course`: how one comparison went, seed by seed, up to the seed that decided it.

Eats the judged figures of two arms, how their trials ended, and a `Rule`. Makes: a `Course`.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import takewhile
from typing import Literal

import numpy as np

from hikaku.analysis.divergence import diverges_more
from hikaku.analysis.endings import Endings, end, endings
from hikaku.analysis.figures import judged, step
from hikaku.analysis.paired import Paired, pair
from hikaku.analysis.rule import Rule
from hikaku.analysis.sequence import Look, Said, first_look, look, p_value
from hikaku.record import Results, Spent
from hikaku.study.study import FEWEST, Metric

Verdict = Literal["helps", "hurts", "no-practical-difference", "undecided", "unstable"]


@dataclass(frozen=True)
class Course:
    """One comparison up to its verdict: what was judged, all looks, and what decided.

    `judged` are the seeds of the rule, in its order, as far as both arms have ended at each of
    them and up to the one that decided; `pairs` those of them where both arms have a figure.
    `holes` counts seeds that stand in the way: the next one, where it failed, or, where there is
    one look, all that have not ended. `said` is what the differences alone say; `verdict` is
    undecided instead where that is withheld, because more seeds of one arm have no figure. `by` is
    what decided: the differences, or that one arm diverges more often. `unseen` stands for a
    verdict that could be read, and that nobody has looked at.
    """

    rule: Rule
    alpha: float
    judged: tuple[int, ...]
    pairs: Paired
    looks: tuple[Look, ...]
    said: Said
    verdict: Verdict
    by: Literal["differences", "divergence"]
    variant_endings: Endings
    base_endings: Endings
    holes: int = 0
    unseen: bool = False

    @property
    def is_open(self) -> bool:
        """Whether further seeds of the rule can still change the verdict."""
        if not self.rule.auto:
            return self.holes > 0
        return not self.holes and self.verdict == "undecided" and len(self.judged) < self.rule.most

    @property
    def is_look(self) -> bool:
        """Whether a verdict could have come out, so that showing this one spends the error.

        An unfinished comparison and one of too few seeds cannot be anything but undecided.
        """
        if not self.rule.auto and self.holes:
            return False
        return len(self.judged) >= FEWEST

    @property
    def spent(self) -> Spent:
        """What a verdict here binds the comparison to, with differences by which to know it."""
        pairs = zip(self.pairs.seeds, self.pairs.differences, strict=True)
        return replace(self.rule.spent, differences=tuple(pairs)[:FEWEST])

    @property
    def p(self) -> float:
        """The p value of "no effect" over all looks up to the verdict; 1 without any.

        At most `alpha` exactly where a look's own interval excludes 0.
        """
        if not self.is_look:
            return 1.0
        lists = [self.pairs.differences[:n] for n in range(1, self.pairs.n + 1)]
        return p_value(lists if self.rule.auto else lists[-1:], self.rule)

    @property
    def latest(self) -> Look:
        """The last look; of none, that nothing is known."""
        return self.looks[-1] if self.looks else first_look()


@dataclass(frozen=True)
class Figures:
    """What there is of a comparison: by seed, the figures of both arms and how their trials ended.

    A figure is NaN where there is none; an end is "missing", "failed", "done" or "diverged".
    `step` is the smallest difference that the metric can show, 0 where that is not known.
    """

    metric: Metric
    by_seed: dict[int, tuple[float, float]]
    ends: dict[int, tuple[str, str]]
    step: float = 0.0

    def ended(self, seed: int) -> bool:
        """Whether both arms are done with this seed, with or without a figure."""
        return all(how in ("done", "diverged") for how in self.ends.get(seed, ("missing",)))

    def pairs(self, seeds: tuple[int, ...]) -> Paired:
        """Return the differences over these seeds."""
        variant, base = np.array([self.by_seed[seed] for seed in seeds]).reshape(-1, 2).T
        return pair(seeds, variant, base, self.metric.better, self.step)

    @property
    def differences(self) -> dict[int, float]:
        """The difference at each seed where both arms have a figure."""
        pairs = self.pairs(tuple(seed for seed in self.by_seed if self.ended(seed)))
        return dict(zip(pairs.seeds, pairs.differences, strict=True))

    def endings(self, seeds: tuple[int, ...]) -> tuple[Endings, Endings]:
        """Return how the trials of variant and base ended at these seeds."""
        variant, base = (
            endings(
                [self.ends.get(seed, ("missing",) * 2)[arm] for seed in seeds],
                [self.by_seed.get(seed, (np.nan,) * 2)[arm] for seed in seeds],
            )
            for arm in (0, 1)
        )
        return variant, base


def figures(results: Results, variant: str, metric: Metric) -> Figures:
    """Return the figures of this comparison at the seeds of the results."""
    base = results.base_of(variant)
    pairs = zip(judged(results, variant, metric), judged(results, base, metric), strict=True)
    return Figures(
        metric,
        {seed: (float(a), float(b)) for seed, (a, b) in zip(results.seeds, pairs, strict=True)},
        {seed: (end(results, variant, seed), end(results, base, seed)) for seed in results.seeds},
        step(results, metric),
    )


def course(found: Figures, rule: Rule, alpha: float) -> Course:
    """Return how the comparison went under this rule, its error `alpha`.

    With automatic seeds it is looked at after each seed at which both arms have ended, in the
    order of the list whatever order they ended in, and it ends with the first verdict. What was
    trained beyond that is not judged, so the answer does not hang on how many trials ran at once.
    """
    if not rule.auto:
        holes = sum(not found.ended(seed) for seed in rule.seeds)
        seeds = tuple(seed for seed in rule.seeds if found.ended(seed))
        return _at(found, rule, alpha, seeds, (), holes)
    prefix = tuple(takewhile(found.ended, rule.seeds))
    latest = _at(found, rule, alpha, (), (), 0)
    for count in range(1, len(prefix) + 1):
        latest = _at(found, rule, alpha, prefix[:count], latest.looks, 0)
        if latest.verdict != "undecided":
            return latest
    return _stopped(latest, found)


def _stopped(went: Course, found: Figures) -> Course:
    """Return the course with a hole in it where its next seed failed, for it waits for that one."""
    following = went.rule.seeds[len(went.judged) :]
    variant, base = found.ends.get(following[0], ("", "")) if following else ("", "")
    if "failed" not in (variant, base):
        return went
    return replace(
        went,
        holes=1,
        variant_endings=replace(went.variant_endings, failed=int(variant == "failed")),
        base_endings=replace(went.base_endings, failed=int(base == "failed")),
    )


def unseen(found: Figures, rule: Rule, alpha: float) -> Course:
    """Return the course of a comparison that nobody has looked at: as before its first seed."""
    before = _at(found, rule, alpha, (), (), 0)
    # How often trials of a fixed plan diverged would tell what nobody has looked at.
    return replace(before, variant_endings=Endings(), base_endings=Endings(), unseen=True)


def _at(
    found: Figures,
    rule: Rule,
    alpha: float,
    seeds: tuple[int, ...],
    before: tuple[Look, ...],
    holes: int,
) -> Course:
    """Return the course as it stands when these seeds have ended."""
    pairs = found.pairs(seeds)
    variant, base = found.endings(rule.seeds if not rule.auto else seeds)
    looks = before
    # A seed that brings no pair brings no look at the differences either, and a plan with holes
    # none at all: whoever saw its interval could choose to stop there.
    is_whole = rule.auto or not holes
    if is_whole and pairs.n > (before[-1].n if before else 0):
        latest = before[-1] if before else first_look()
        looks = (*before, look(latest, pairs, rule, alpha))
    said: Said = looks[-1].says(rule.worth) if looks else "undecided"
    verdict: Verdict = "undecided"
    more = None
    if is_whole:
        more = diverges_more(*_alone(found, seeds), rule.most, alpha, auto=rule.auto)
        verdict = judge(said, variant, base, more)
    return Course(
        rule=rule,
        alpha=alpha,
        judged=seeds,
        pairs=pairs,
        looks=looks,
        said=said,
        verdict=verdict,
        by="divergence" if more and verdict in ("unstable", "helps") else "differences",
        variant_endings=variant,
        base_endings=base,
        holes=holes,
    )


def _alone(found: Figures, seeds: tuple[int, ...]) -> tuple[int, int]:
    """Return at how many seeds the variant alone diverged, and base alone."""
    ends = [found.ends[seed] for seed in seeds]
    return ends.count(("diverged", "done")), ends.count(("done", "diverged"))


def judge(
    said: Said, variant: Endings, base: Endings, more: Literal["variant", "base"] | None
) -> Verdict:
    """Return the verdict when the seeds without a figure are counted too.

    `said` is what the differences say, `more` the arm that diverges more often, where that is
    decided. Differences are known only where both arms have a figure, so what they say is
    one-sided when one arm lost more seeds than the other:

    - The variant diverges more often, decided: unstable, whatever the differences say.
    - Base diverges more often, decided: the variant helps, for it trains where base does not;
      unless the differences say that it hurts, or more of its own seeds have no figure though they
      finished, which leaves it undecided.
    - Not decided, and yet more often in the variant, or more of its seeds have no figure (it never
      reached the target): helps and no practical difference are withheld. Hurts stands.
    - The same of base: hurts and no practical difference are withheld. Helps stands.

    A withheld verdict is undecided.
    """
    if more == "variant":
        return "unstable"
    if more == "base":
        return "undecided" if said == "hurts" or variant.blank > base.blank else "helps"
    withheld: set[Verdict] = set()
    if base.diverged > variant.diverged or base.blank > variant.blank:
        withheld |= {"hurts", "no-practical-difference"}
    if variant.diverged > base.diverged or variant.blank > base.blank:
        withheld |= {"helps", "no-practical-difference"}
    return "undecided" if said in withheld else said
