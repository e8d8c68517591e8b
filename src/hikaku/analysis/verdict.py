"""Verdicts: does a variant help, hurt, make no practical difference, or is it not known yet?

Eats: a `Study` and its `Results`. Makes: one `Finding` per variant.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace

from hikaku.analysis.binding import rules
from hikaku.analysis.cautions import cautions
from hikaku.analysis.course import Course, Figures, Verdict, course, figures, unseen
from hikaku.analysis.finding import Finding, finding
from hikaku.analysis.rule import ALPHA, FAMILY, Rule
from hikaku.analysis.sentence import sentence
from hikaku.record import Results
from hikaku.study.study import Study

__all__ = ["Finding", "Verdict", "compare", "courses"]


def compare(study: Study, results: Results, *, seen: bool = False) -> tuple[Finding, ...]:
    """Return one finding per variant, in the order of the study.

    With `seen`, only verdicts that are remembered as shown: whoever cannot remember a look, such as
    a reader of the store, must not be shown a new one.
    """
    found = (finding(*went, study, results) for went in courses(study, results, seen=seen).items())
    return tuple(
        replace(one, sentence=sentence(one), cautions=cautions(one, study, results))
        for one in found
    )


def courses(
    study: Study, results: Results, *, seen: bool = False, only: Collection[str] | None = None
) -> dict[str, Course]:
    """Return how each variant's comparison went, in the order of the study.

    With `seen`, one that was never looked at stands as before its first seed. `only` these are
    worked out, where a study does not explore: then each hangs on all.

    The errors of a study are shared (Bonferroni): for normal differences and without any true
    effect, some variant is called a help or a hurt in at most .05 of studies, however often one
    looks; and a variant whose effect is `worth` or more is called no practical difference in at
    most .05 / family of cases. With more than 15 variants the study explores instead: of the
    variants that are called an effect, .05 are expected to be none.
    """
    found = {arm.name: figures(results, arm.name, study.metric) for arm in study.compared}
    bound = rules(study, results, {name: each.differences for name, each in found.items()})
    family = max((each.family for each in bound.values()), default=1)
    if family > FAMILY:
        # A study explores as a whole, and each of its sentences says so.
        bound = {name: replace(each, family=family) for name, each in bound.items()}
        went = _discoveries(bound, found, family)
    else:
        names = [name for name in bound if only is None or name in only]
        went = {
            name: course(found[name], bound[name], ALPHA / bound[name].family) for name in names
        }
    return {
        name: unseen(found[name], one.rule, one.alpha)
        if seen and one.is_look and one.rule.bound is None
        else one
        for name, one in went.items()
    }


def _discoveries(
    rules: Mapping[str, Rule], found: Mapping[str, Figures], family: int
) -> dict[str, Course]:
    """Return the courses of a study that explores, all at one error.

    It is .05 · R / family with R the largest number of variants, at least 1, of which so many are
    called an effect at this very error (Benjamini and Hochberg 1995, with p = 1 for what is found
    negligible, which is no discovery). The intervals at this level are those of Benjamini and
    Yekutieli (2005), so that p, interval and verdict agree. Each variant counts as it stands where
    it was decided, so nothing hangs on what was trained beyond that.
    """
    discovered = len(rules)
    while True:
        level = ALPHA * max(discovered, 1) / family
        went = {name: course(found[name], each, level) for name, each in rules.items()}
        effects = sum(_is_discovery(one) for one in went.values())
        if effects >= discovered:
            return went
        discovered = effects


def _is_discovery(went: Course) -> bool:
    called = went.verdict in ("helps", "hurts") and went.by == "differences"
    return called and went.p <= went.alpha
