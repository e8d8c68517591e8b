"""The verdict of a finding in one plain sentence."""

from __future__ import annotations

from hikaku.analysis.finding import Finding
from hikaku.analysis.forecast import UNLIKELY, Forecast
from hikaku.analysis.numbers import effect_texts, percent, seeds_text
from hikaku.analysis.power import MOST
from hikaku.analysis.rule import ALPHA
from hikaku.analysis.scope import WORDS as SCOPES
from hikaku.study.study import BASE, FEWEST
from hikaku.words import Message, message

CERTAIN = 0.995
"""From this chance on, which rounds to 100 %, no "if" stands before what seeds will decide."""


def sentence(finding: Finding) -> Message:
    """Return the verdict with effect, interval, seeds and level."""
    says = {
        "helps": _helps,
        "hurts": _hurts,
        "no-practical-difference": _no_difference,
        "undecided": _undecided,
        "unstable": _unstable,
    }
    return says[finding.verdict](finding)


def name_of(finding: Finding) -> str | Message:
    """Return what is judged, with what it is compared against where that is not base."""
    if finding.against == BASE:
        return finding.variant
    return message("{variant} (against {arm})", variant=finding.variant, arm=finding.against)


def _helps(finding: Finding) -> Message:
    name, measured, worth = name_of(finding), _measured(finding), f"{finding.worth:g}"
    if finding.by == "divergence":
        return message(
            "{variant} helps: {base} diverged at {base_diverged} of {seeds}, it at {diverged}; "
            "{measured}.",
            variant=name,
            base=finding.base,
            base_diverged=finding.base_endings.diverged,
            diverged=finding.variant_endings.diverged,
            seeds=seeds_text(len(finding.planned)),
            measured=_where_both_finished(finding),
        )
    if finding.ci_low > finding.worth:
        return message(
            "{variant} helps, by more than {worth}: {measured}.",
            variant=name,
            worth=worth,
            measured=measured,
        )
    return message("{variant} helps: {measured}.", variant=name, measured=measured)


def _hurts(finding: Finding) -> Message:
    name, measured, worth = name_of(finding), _measured(finding), f"{finding.worth:g}"
    if finding.ci_high < -finding.worth:
        return message(
            "{variant} hurts, by more than {worth}: {measured}.",
            variant=name,
            worth=worth,
            measured=measured,
        )
    return message("{variant} hurts: {measured}.", variant=name, measured=measured)


def _no_difference(finding: Finding) -> Message:
    if not any(finding.differences):
        return message(
            "{variant} makes no practical difference: {metric} is identical at all {n} seeds.",
            variant=name_of(finding),
            metric=finding.figure,
            n=len(finding.seeds),
        )
    low, high = finding.equivalence_low, finding.equivalence_high
    _, low_text, high_text = effect_texts(finding.effect, low, high, finding.worth)
    inside = message(
        "the equivalence interval [{low}, {high}] lies inside ±{worth}",
        low=low_text,
        high=high_text,
        worth=f"{finding.worth:g}",
    )
    if finding.ci_low > 0 or finding.ci_high < 0:
        return message(
            "{variant} makes no practical difference (real but negligible): {measured}; {inside}.",
            variant=name_of(finding),
            measured=_measured(finding),
            inside=inside,
        )
    return message(
        "{variant} makes no practical difference: {measured}; {inside}.",
        variant=name_of(finding),
        measured=_measured(finding),
        inside=inside,
    )


def _unstable(finding: Finding) -> Message:
    return message(
        "{variant} is unstable: it diverged at {diverged} of {seeds}, {base} at {base_diverged}; "
        "{measured}.",
        variant=name_of(finding),
        base=finding.base,
        seeds=seeds_text(len(finding.planned)),
        diverged=finding.variant_endings.diverged,
        base_diverged=finding.base_endings.diverged,
        measured=_where_both_finished(finding),
    )


def _undecided(finding: Finding) -> Message:
    name, measured = name_of(finding), _measured(finding)
    if finding.unfinished and not finding.rule.auto:
        return message(
            "{variant} is undecided: {unfinished} of {seeds} not finished.",
            variant=name,
            unfinished=finding.unfinished,
            seeds=seeds_text(len(finding.planned)),
        )
    if finding.unseen:
        return message(
            "{variant} is undecided: nobody has looked at it yet; `hikaku run` looks, and keeps "
            "in mind that it did.",
            variant=name,
        )
    more = _more(finding)
    if more is None:
        return message("{variant} is undecided: {measured}.", variant=name, measured=measured)
    if len(finding.seeds) < FEWEST:
        return message(
            "{variant} is undecided (too few seeds): {measured}; {more}.",
            variant=name,
            measured=measured,
            more=more,
        )
    return message(
        "{variant} is undecided: {measured}; {more}.", variant=name, measured=measured, more=more
    )


def _more(finding: Finding) -> Message | None:
    """Return what more seeds would do; None where that is not known, or not what is missing."""
    if finding.forecast:
        return more_words(finding.forecast)
    if is_one_sided(finding):
        if not finding.seeds and finding.variant_endings.diverged != finding.base_endings.diverged:
            return message("these are too few to say that one arm diverges more often")
        return message("more seeds are left out of one arm than of the other")
    if finding.enough is None or finding.unfinished:
        return None
    if finding.enough > MOST:
        return message("more than {most} unused seeds (`--fresh`) would be needed", most=MOST)
    return message("about {n} unused seeds (`--fresh`) would be needed", n=finding.enough)


def more_words(ahead: Forecast) -> Message:
    """Return what further seeds will probably do, in words."""
    chance = percent(ahead.chance)
    if ahead.chance < UNLIKELY:
        left = seeds_text(len(ahead.within) - 1)
        return message(
            "more seeds will hardly decide it ({left} left, chance {chance} %)",
            left=left,
            chance=chance,
        )
    more = message("1 more seed") if ahead.more == 1 else message("{n} more seeds", n=ahead.more)
    if ahead.chance >= CERTAIN:
        return _surely(ahead, more)
    if ahead.low == ahead.high:
        return message(
            "about {more}, if any number decides it (chance {chance} %)", more=more, chance=chance
        )
    return message(
        "about {more} ({low} to {high}), if any number decides it (chance {chance} %)",
        more=more,
        low=ahead.low,
        high=ahead.high,
        chance=chance,
    )


def _surely(ahead: Forecast, more: Message) -> Message:
    """Return how many further seeds will decide it, without an if."""
    if ahead.low == ahead.high:
        return message("about {more}", more=more)
    return message("about {more} ({low} to {high})", more=more, low=ahead.low, high=ahead.high)


def divergence(finding: Finding) -> Message:
    """Return at how many of the seeds each arm diverged: "diverged at 0 of 5 seeds, base at 5"."""
    return message(
        "diverged at {diverged} of {seeds}, {base} at {base_diverged}",
        diverged=finding.variant_endings.diverged,
        seeds=seeds_text(len(finding.planned)),
        base=finding.base,
        base_diverged=finding.base_endings.diverged,
    )


def is_one_sided(finding: Finding) -> bool:
    """Return whether one arm has lost other seeds than the other, which no more of them mend."""
    variant, base = finding.variant_endings, finding.base_endings
    return variant.diverged != base.diverged or variant.blank != base.blank


def _measured(finding: Finding) -> Message:
    effect, low, high = effect_texts(finding.effect, finding.ci_low, finding.ci_high)
    metric = finding.figure
    if finding.better == "lower":
        metric = message("{metric} (+ is better)", metric=finding.figure)
    if not finding.seeds:
        return message("no seed has a figure in both arms")
    if not finding.ci_low <= finding.ci_high:
        seeds = seeds_text(len(finding.seeds))
        return message("{metric} {effect}, {seeds}", metric=metric, effect=effect, seeds=seeds)
    measured = message(
        "{metric} {effect} [{low}, {high}], {seeds}, {family}",
        metric=metric,
        effect=effect,
        low=low,
        high=high,
        seeds=seeds_of(finding),
        family=_family(finding),
    )
    if finding.scope is None:
        return measured
    return message("{measured}, {scope}", measured=measured, scope=SCOPES[finding.scope])


def _where_both_finished(finding: Finding) -> Message:
    measured = _measured(finding)
    return (
        message("where both finished: {measured}", measured=measured) if finding.seeds else measured
    )


def seeds_of(finding: Finding) -> Message:
    """Return at how many seeds both arms have a figure, and of how many where some have none."""
    used, planned = len(finding.seeds), len(finding.planned)
    if used == planned:
        return seeds_text(used)
    return message("{n} of {planned} seeds", n=used, planned=planned)


def _family(finding: Finding) -> Message:
    level = f"{100 * (1 - ALPHA):g}"
    if finding.explores:
        return message(
            "exploratory over {variants} variants (of the effects found, {percent} % are expected "
            "to be false)",
            percent=f"{100 * ALPHA:g}",
            variants=finding.family,
        )
    if finding.family == 1:
        return message("{percent} % interval", percent=level)
    return message(
        "{percent} % family-wise over {variants} variants",
        percent=level,
        variants=finding.family,
    )
