"""Verdicts: does a variant help, hurt, make no practical difference, or is it not known yet?

Eats: a `Study` and its `Results`. Makes: one `Finding` per variant.
"""

from __future__ import annotations

from dataclasses import replace

from hikaku.analysis.cautions import cautions
from hikaku.analysis.endings import Endings, endings, unfinished
from hikaku.analysis.figures import judged
from hikaku.analysis.finding import ALPHA, Finding, Verdict
from hikaku.analysis.paired import Paired, pair
from hikaku.analysis.power import FEWEST, more_seeds
from hikaku.record import Results
from hikaku.study.study import BASE, Study

__all__ = ["Finding", "Verdict", "compare", "decide", "judge"]


def compare(study: Study, results: Results) -> tuple[Finding, ...]:
    """Return one finding per variant, in the order of the study."""
    return tuple(_finding(arm.name, study, results) for arm in study.variants)


def decide(pairs: Paired, worth: float, family: int) -> Verdict:
    """Return what the differences alone say, with the study's errors shared by `family` variants.

    - Fewer than 5 pairs: undecided.
    - No practical difference: all differences are 0, or the t interval at 1 - 2 · .05 / family
      lies strictly inside ± worth. That is two one-sided tests (Schuirmann 1987) at .05 / family.
      It comes first, so an effect that is real but negligible is not called a help.
    - Else helps or hurts: the t interval at 1 - .05 / family excludes 0.
    - Else undecided.

    For normal differences a study without any true effect says helps or hurts of some variant in
    at most .05 of cases, and a variant whose effect is `worth` or more is called no practical
    difference in at most .05 / family of cases (Bonferroni).
    """
    if pairs.n < FEWEST:
        return "undecided"
    alpha = ALPHA / family
    low, high = pairs.interval(1 - 2 * alpha)
    if pairs.identical or (-worth < low and high < worth):
        return "no-practical-difference"
    low, high = pairs.interval(1 - alpha)
    if low > 0:
        return "helps"
    return "hurts" if high < 0 else "undecided"


def judge(said: Verdict, variant: Endings, base: Endings) -> Verdict:
    """Return the verdict when the seeds without a figure are counted too.

    `said` is what the pairs say by `decide`. They are the seeds where both arms have a figure, so
    what they say is one-sided when one arm lost more seeds than the other:

    - The variant diverged more often than base: unstable, whatever the pairs say.
    - Base diverged more often, or was left without a figure more often (it never reached the
      target): the lost seeds speak for the variant, so hurts and no practical difference are
      withheld. Helps stands.
    - The variant was left without a figure more often: helps and no practical difference are
      withheld. Hurts stands.

    A withheld verdict is undecided, and more seeds are not what it waits for.
    """
    if variant.diverged > base.diverged:
        return "unstable"
    withheld: set[Verdict] = set()
    if base.diverged > variant.diverged or base.blank > variant.blank:
        withheld |= {"hurts", "no-practical-difference"}
    if variant.blank > base.blank:
        withheld |= {"helps", "no-practical-difference"}
    return "undecided" if said in withheld else said


def _finding(variant: str, study: Study, results: Results) -> Finding:
    metric, worth, family = study.metric, study.worth, len(study.variants)
    alpha = ALPHA / family
    figures, base_figures = judged(results, variant, metric), judged(results, BASE, metric)
    pairs = pair(results.seeds, figures, base_figures, metric.better)
    ends, base_ends = endings(results, variant, figures), endings(results, BASE, base_figures)
    holes = unfinished(results, variant, BASE)
    said = decide(pairs, worth, family)
    # While the plan has holes nothing is decided and nothing is looked at.
    verdict = "undecided" if holes else judge(said, ends, base_ends)
    seeds_would_do = verdict == said == "undecided" and pairs.n > 0 and not holes
    low, high = pairs.interval(1 - alpha)
    equivalence_low, equivalence_high = pairs.interval(1 - 2 * alpha)
    finding = Finding(
        variant=variant,
        base=BASE,
        metric=str(metric),
        seeds=pairs.seeds,
        effect=pairs.mean,
        ci_low=low,
        ci_high=high,
        verdict=verdict,
        cautions=(),
        differences=pairs.differences,
        equivalence_low=equivalence_low,
        equivalence_high=equivalence_high,
        worth=worth,
        better=metric.better,
        family=family,
        planned=results.seeds,
        unfinished=holes,
        variant_endings=ends,
        base_endings=base_ends,
        more_seeds=more_seeds(pairs, worth, alpha) if seeds_would_do else None,
    )
    return replace(finding, cautions=cautions(finding, metric, results))
