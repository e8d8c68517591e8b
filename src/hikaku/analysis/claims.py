"""What became of a source's claims, read from paired seeds: reproduced, contradicted, not resolved.

Eats a `Study` with its claims, and its `Results`. Makes one `Judged` per claim. No verdict comes
from a point value: each claim is one or more contrasts with an interval each.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from itertools import chain
from typing import Literal

from hikaku.analysis.claim_figures import on_other_pixels
from hikaku.analysis.contrasts import Contrast, contrasts, couples
from hikaku.analysis.lens import Lens, lenses
from hikaku.analysis.levels import Level, levels
from hikaku.analysis.rule import ALPHA
from hikaku.analysis.twin import alike, unlike
from hikaku.record import Results
from hikaku.study.study import FEWEST, Claim, Study
from hikaku.words import Message, message

Resolution = Literal["reproduced", "contradicted", "not-resolved", "not-comparable"]


@dataclass(frozen=True)
class Judged:
    """A claim, what became of it, and on what that rests.

    `contrasts` are the honest ones; `by_convention` is the verdict where the same trials are read
    as the source read them, None where that is the same reading. `elsewhere` says that pixels or
    settings are not the source's, so that levels do not compare. `levels` are published figures
    beside those of one run, `lenses` the published gaps taken apart. `level` is that of each
    contrast's interval. `why` says what stands in the way of a verdict.
    """

    claim: Claim
    verdict: Resolution
    seeds: tuple[int, ...]
    level: float
    contrasts: tuple[Contrast, ...] = ()
    by_convention: Resolution | None = None
    levels: tuple[Level, ...] = ()
    lenses: tuple[Lens, ...] = ()
    elsewhere: bool = False
    why: Message | None = None


def judge(study: Study, results: Results) -> tuple[Judged, ...]:
    """Return what became of each claim, in the order of the study.

    The claims of a study are a family of their own: each that is no level has .05 / claims of
    error, so that in at most .05 of studies any is called reproduced or contradicted wrongly. One
    with several contrasts is reproduced where all hold, which needs no further correction
    (intersection-union), and contradicted where one is against it at its share of the error.
    """
    seeds = _bound(study, results)
    kept = replace(results, seeds=seeds)
    family = max(1, sum(claim.kind != "level" for claim in study.claims))
    return tuple(_judged(claim, study, kept, family) for claim in study.claims)


def _bound(study: Study, results: Results) -> tuple[int, ...]:
    """Return the seeds that claims may use: those that verdicts of these arms are bound to.

    More seeds after a look would be peeking, for claims as for verdicts.
    """
    rows = [row for rows in results.spent.values() for row in rows if not row.auto]
    shared = [row.seeds for row in rows if set(row.seeds) & set(study.seeds)]
    return shared[0] if shared else study.seeds


def _judged(claim: Claim, study: Study, results: Results, family: int) -> Judged:
    alpha = ALPHA if claim.kind == "level" else ALPHA / family
    found = Judged(claim, "not-resolved", results.seeds, 1 - alpha)
    if why := _in_the_way(claim, study, results):
        return replace(found, why=why)
    found = replace(
        found,
        levels=levels(claim, results),
        lenses=lenses(claim, results),
        elsewhere=claim.moved or on_other_pixels(results),
    )
    if claim.kind == "level":
        return _levelled(found)
    honest = contrasts(claim, results, "last", alpha)
    verdict = _verdict(honest)
    why = _without_spread(honest) if verdict == "not-resolved" else None
    found = replace(found, contrasts=honest, verdict=verdict, why=why)
    if claim.reading == "last":
        return found
    theirs = contrasts(claim, results, claim.reading, alpha)
    return replace(found, by_convention=_verdict(theirs))


def _in_the_way(claim: Claim, study: Study, results: Results) -> Message | None:
    """Return why there is no verdict: claims are read once, when all their trials have ended."""
    looks = [row for rows in results.spent.values() for row in rows if row.auto]
    if study.auto or any(set(row.seeds) & set(results.seeds) for row in looks):
        return message(
            "automatic seeds are looked at one by one; claims need a fixed number of fresh ones, "
            "as in hikaku run --seeds 5 --fresh"
        )
    pairs = [alike(results, *pair) for pair in couples(claim)]
    arms = {*claim.arms, *claim.against, *(arm for arm, _ in claim.published), *chain(*pairs)}
    ends = [results.outcome(arm, seed) for arm in arms for seed in results.seeds]
    left = sum(end is None or end.status == "failed" for end in ends)
    if left:
        return message("{n} of {all} trials are still to come", n=left, all=len(ends))
    seeds = len(results.seeds)
    if seeds < FEWEST:
        return message("{n} seeds are too few; it takes {fewest}", n=seeds, fewest=FEWEST)
    return next(filter(None, (unlike(results, *pair) for pair in pairs)), None)


def _without_spread(contrasts: tuple[Contrast, ...]) -> Message | None:
    """Return what leaves a claim open though its seeds agree: they agree to the last digit."""
    equal = [one for one in contrasts if one.pairs.equal and one.pairs.n >= FEWEST]
    stuck = [one for one in equal if one.pairs.mean and not one.holds]
    if not stuck:
        return None
    return message(
        "{n} seeds give the very same number ({name}), as they do where all diverge; without any "
        "spread so few resolve nothing, more seeds may",
        n=stuck[0].pairs.n,
        name=stuck[0].name,
    )


def _levelled(found: Judged) -> Judged:
    if found.elsewhere:
        why = (
            message("the settings are not those of the study file")
            if found.claim.moved
            else message("the pixels are not those of the source's data")
        )
        return replace(found, verdict="not-comparable", why=why)
    if any(math.isinf(one.interval.low) for one in found.levels):
        return replace(found, why=message("some figure was not measured"))
    if all(one.inside for one in found.levels):
        return replace(found, verdict="reproduced")
    far = any(one.far for one in found.levels)
    return replace(found, verdict="contradicted" if far else "not-resolved")


def _verdict(contrasts: tuple[Contrast, ...]) -> Resolution:
    if all(one.holds for one in contrasts):
        return "reproduced"
    return "contradicted" if any(one.against for one in contrasts) else "not-resolved"
