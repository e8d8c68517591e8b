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

    Compared is every comparison taken to the horizon, base's trials counted once per seed, and so
    are those of each twin of base. All
    trials of the study count that have ended, whatever they ended with and whether or not they
    were judged: they were paid for. Enough they were only where every comparison is decided. None
    without automatic seeds, or where nothing is saved.
    """
    found = [one for one in findings if one.rule.auto and study.auto]
    if not found or not results.trials:
        return None
    lists = [one.rule.seeds[: one.rule.horizon] for one in found]
    of_base = {(one.base, seed) for one, seeds in zip(found, lists, strict=True) for seed in seeds}
    fixed = len(of_base) + sum(map(len, lists))
    arms = {name for one in found for name in (one.base, one.variant)}
    there = sum(arm in arms for arm, _ in results.trials)
    told = {"trials": there, "seeds": max(map(len, lists)), "fixed": fixed}
    if there >= fixed:
        return None
    if any(is_open(one) for one in found):
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
