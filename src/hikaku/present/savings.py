"""What automatic seeds have saved: the trials there are, beside those of a fixed number of seeds.

Eats a `Study`, its `Results` and `Finding`s. Makes one sentence.
"""

from __future__ import annotations

from collections.abc import Sequence

from hikaku.analysis.finding import Finding
from hikaku.record import Results
from hikaku.study.study import Study
from hikaku.words import Message, message


def savings(study: Study, results: Results, findings: Sequence[Finding]) -> Message | None:
    """Return how many trials were enough and how many fixed seeds would have taken.

    Compared are all arms up to the horizon, each twin of base among them, a trial of two
    comparisons once. Trials count that have ended at the seeds of these comparisons, whatever
    they ended with and whether or not they were judged: they were paid for. Enough they were only
    where every comparison is decided. None without automatic seeds, where an earlier study holds
    a comparison to other seeds than the rest, or where nothing is saved.
    """
    rules = {(one.rule.auto, one.rule.seeds, one.rule.horizon) for one in findings}
    if not study.auto or len(rules) != 1 or not results.trials:
        return None
    ((auto, seeds, horizon),) = rules
    if not auto:
        return None
    arms = {name for one in findings for name in (one.base, one.variant)}
    there = sum(arm in arms and seed in seeds for arm, seed in results.trials)
    told = {"trials": there, "seeds": horizon, "fixed": len(arms) * horizon}
    fixed = told["fixed"]
    if there >= fixed:
        return None
    if any(is_open(one) for one in findings):
        return message(
            "{trials} trials so far; {seeds} fixed seeds would take {fixed}.",
            **told,
        )
    if any(one.verdict == "undecided" for one in findings):
        return message("{trials} trials; {seeds} fixed seeds would have taken {fixed}.", **told)
    return message(
        "{trials} trials were enough for these verdicts; {seeds} fixed seeds would have taken "
        "{fixed} ({share} % saved).",
        share=round(100 * (1 - there / fixed)),
        **told,
    )


def is_open(finding: Finding) -> bool:
    """Return whether further seeds may still come and decide this comparison."""
    waits = finding.verdict == "undecided" and len(finding.planned) < finding.rule.most
    return finding.rule.auto and waits
