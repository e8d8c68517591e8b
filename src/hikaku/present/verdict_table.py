"""The table of verdicts, and how it is to be read.

Eats a `Study`, its `Results` and `Finding`s. Makes a `Table` that fits in 80 columns.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

from hikaku.analysis.cost import overhead
from hikaku.analysis.finding import WORDS, Finding
from hikaku.analysis.forecast import UNLIKELY
from hikaku.analysis.numbers import NOTHING, effect_texts, plain
from hikaku.analysis.power import MOST
from hikaku.analysis.rule import ALPHA
from hikaku.analysis.sentence import is_one_sided
from hikaku.present.interval_bar import bars
from hikaku.present.report import Bar, Cell, Column, Table, Words, short
from hikaku.record import Results
from hikaku.study.metric_words import judged_words
from hikaku.study.study import Study
from hikaku.words import Message, message


def verdict_table(study: Study, results: Results, findings: Sequence[Finding]) -> Table:
    """Return a row per variant: verdict, effect with its interval, seeds, time beside base's.

    Where there is room, it also says how many seeds are still needed, and at how many each arm
    diverged.

    Operations stand in the place of time, in every row, where any comparison was trained in a
    stack, whose trials' times are not told apart. `findings` holds at least one.
    """
    costs = [overhead(results, finding.variant, finding.base) for finding in findings]
    by_flops = any(cost.in_stack for cost in costs)
    ratios = [cost.flops_ratio if by_flops else cost.seconds_ratio for cost in costs]
    return Table(
        columns=(
            Column(message("variant"), "name"),
            Column(message("verdict")),
            Column(message("effect"), "number"),
            Column(message("interval"), "number"),
            Column(message("seeds"), "number"),
            Column(message("still needed"), "number", roomy=True),
            Column(message("FLOPs") if by_flops else message("time"), "number"),
            Column(message("diverged"), "number", roomy=True),
        ),
        rows=tuple(map(_row, findings, ratios, bars(findings))),
        caption=message(
            "Verdicts: effect on {metric}, + is better", metric=judged_words(study.metric)
        ),
        notes=(*_how_read(findings), *_cost_read(ratios, by_flops=by_flops)),
    )


def interval_text(finding: Finding) -> str:
    """Return the interval in brackets; "–" before there is one."""
    _, low, high = effect_texts(finding.effect, finding.ci_low, finding.ci_high)
    return f"[{low}, {high}]" if finding.ci_low <= finding.ci_high else NOTHING


def ratio_text(value: float, places: int) -> str:
    """Return a multiple of base's cost, "–" where it is not known.

    >>> ratio_text(1.284, 1), ratio_text(float("nan"), 1)
    ('×1.3', '–')
    """
    text = plain(value, places)
    return text if text == NOTHING else f"×{text}"


def _row(finding: Finding, ratio: float, bar: Bar) -> tuple[Cell, ...]:
    effect, _, _ = effect_texts(finding.effect, finding.ci_low, finding.ci_high)
    return (
        Cell(short(finding.variant)),
        Cell(WORDS[finding.verdict], finding.verdict),
        Cell(effect),
        Cell(interval_text(finding), bar=bar),
        Cell(_seeds(finding)),
        Cell(_needed(finding)),
        Cell(ratio_text(ratio, 1)),
        Cell(_diverged(finding)),
    )


def _needed(finding: Finding) -> Words:
    """Return about how many more seeds decide, in as few words as a column holds."""
    ahead = finding.forecast
    if ahead and ahead.chance < UNLIKELY:
        return f">{len(ahead.within) - 1}"
    if ahead:
        return f"≈{ahead.more}"
    if is_one_sided(finding) or finding.enough is None or finding.unfinished:
        return NOTHING
    if finding.enough > MOST:
        return f">{MOST}"
    return message("≈{n} unused", n=finding.enough)


def _diverged(finding: Finding) -> Words:
    own, of_base = finding.variant_endings.diverged, finding.base_endings.diverged
    return message("{n} (base {of_base})", n=own, of_base=of_base) if of_base else str(own)


def _seeds(finding: Finding) -> str:
    """Return how many seeds the verdict rests on, of those that there are.

    These have a figure in both arms; where it was decided that an arm diverges more often, they
    are all that were judged.
    """
    decided = finding.planned if finding.by == "divergence" else finding.seeds
    used, there = len(decided), finding.rule.most
    return f"{used}/{there}" if finding.rule.auto or used != there else str(used)


def _how_read(findings: Sequence[Finding]) -> Iterator[Message]:
    yield levels(findings)
    if most := max((found.rule.most for found in findings if found.rule.auto), default=0):
        yield message(
            "seeds: those used, of at most {most}; a comparison that is decided takes no more",
            most=most,
        )
    if diverged := [short(found.variant) for found in findings if found.by == "divergence"]:
        yield message("decided by divergence: {variants}", variants=", ".join(diverged))


def _cost_read(ratios: Sequence[float], *, by_flops: bool) -> Iterator[Message]:
    if by_flops:
        yield message(
            "FLOPs: of training, beside those of base; in a stack of trials, time is not told apart"
        )
        if any(map(math.isnan, ratios)):
            yield message("FLOPs –: at no seed both arms trained to the end")
        return
    yield message("time: of training, beside that of base")


def levels(findings: Sequence[Finding]) -> Message:
    """Return at which level the intervals hold, each and together, and beside which worth."""
    family = max(found.family for found in findings)
    levels = [found.level for found in findings]
    ends = dict.fromkeys(f"{100 * level:.4g}" for level in (min(levels), max(levels)))
    told = {
        "level": "–".join(ends),
        "n": family,
        "worth": ", ".join(dict.fromkeys(f"{found.worth:g}" for found in findings)),
    }
    if findings[0].explores:
        return message(
            "exploratory: of the effects found among so many ({n}) variants, {share} % are "
            "expected to be none; intervals at {level} % each; worth {worth}",
            share=f"{100 * ALPHA:g}",
            **told,
        )
    if family > 1:
        return message(
            "intervals at {level} % each, so that all {n} hold together at {family} %; "
            "worth {worth}",
            family=f"{100 * (1 - ALPHA):g}",
            **told,
        )
    return message(
        "intervals at {level} %; worth {worth}", level=told["level"], worth=told["worth"]
    )
