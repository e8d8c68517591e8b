"""Verdicts: does a variant help, hurt, make no practical difference, or is it not known yet?

Eats: a `Study` and its `Results`. Makes: one `Finding` per variant.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from hikaku.analysis.cautions import cautions
from hikaku.analysis.course import Course, Figures, Verdict, course, figures
from hikaku.analysis.finding import Finding, finding
from hikaku.analysis.rule import ALPHA, FAMILY, Rule, rule
from hikaku.analysis.sentence import sentence
from hikaku.record import Results
from hikaku.study.study import Study

__all__ = ["Finding", "Verdict", "compare", "courses"]


def compare(study: Study, results: Results) -> tuple[Finding, ...]:
    """Return one finding per variant, in the order of the study."""
    found = (finding(*went, study, results) for went in courses(study, results).items())
    return tuple(
        replace(one, sentence=sentence(one), cautions=cautions(one, study, results))
        for one in found
    )


def courses(study: Study, results: Results) -> dict[str, Course]:
    """Return how each variant's comparison with base went, in the order of the study.

    The errors of a study are shared (Bonferroni): for normal differences and without any true
    effect, some variant is called a help or a hurt in at most .05 of studies, however often one
    looks; and a variant whose effect is `worth` or more is called no practical difference in at
    most .05 / family of cases. With more than 15 variants the study explores instead: of the
    variants that are called an effect, .05 are expected to be none.
    """
    names = [arm.name for arm in study.variants]
    rules = {name: rule(study, results, name) for name in names}
    found = {name: figures(results, name, study.metric) for name in names}
    family = max((each.family for each in rules.values()), default=1)
    if family > FAMILY:
        # A study explores as a whole, and each of its sentences says so.
        rules = {name: replace(each, family=family) for name, each in rules.items()}
        return _discoveries(rules, found, family)
    return {name: course(found[name], each, ALPHA / each.family) for name, each in rules.items()}


def _discoveries(
    rules: Mapping[str, Rule], found: Mapping[str, Figures], family: int
) -> dict[str, Course]:
    """Return the courses of a study that explores, all at one error.

    It is .05 · R / family with R the largest number of variants, at least 1, of which so many are
    an effect at this very error (Benjamini and Hochberg 1995). The intervals at this level are
    those of Benjamini and Yekutieli (2005), so that p, interval and verdict agree. Each variant
    counts as it stands where it was decided, so nothing hangs on what was trained beyond that.
    """
    discovered = len(rules)
    while True:
        level = ALPHA * max(discovered, 1) / family
        went = {name: course(found[name], each, level) for name, each in rules.items()}
        effects = sum(one.p <= level for one in went.values())
        if effects >= discovered:
            return went
        discovered = effects
