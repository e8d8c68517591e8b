"""A source's claims beside what was measured: what became of each, its figures, its gaps.

Eats what `analysis.claims` has judged. Makes blocks; none where a study has no claim.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from hikaku.analysis.claims import Judged, Resolution
from hikaku.analysis.contrasts import Contrast
from hikaku.analysis.lens import Lens
from hikaku.analysis.levels import Level
from hikaku.analysis.numbers import decimals, effect_texts, plain, seeds_text, signed
from hikaku.present.report import (
    Block,
    Column,
    Heading,
    Point,
    Points,
    Report,
    Table,
    Text,
    Tone,
    cells,
    short,
    title,
)
from hikaku.study.claims import OURS
from hikaku.study.study import Claim, Study
from hikaku.words import Message, catalogued, message

RESOLVED: Mapping[Resolution, Message] = {
    "reproduced": message("reproduced"),
    "contradicted": message("contradicted"),
    "not-resolved": message("not resolved"),
    "not-comparable": message("not comparable"),
}
"""How each verdict on a claim is said."""

TONES: Mapping[Resolution, Tone] = {
    "reproduced": "helps",
    "contradicted": "hurts",
    "not-resolved": "undecided",
    "not-comparable": "plain",
}

MOST = 6
"""So many contrasts of a claim are told one by one; of more, those that do not hold."""


def claims_report(study: Study, judged: Sequence[Judged]) -> Report:
    """Return the claims alone, for a terminal."""
    if not judged:
        return Report((Text(message("This study makes no claim.")),))
    return Report((Heading(title(study.question, study.name), 1), *claim_blocks(judged)))


def claim_blocks(judged: Sequence[Judged]) -> Iterator[Block]:
    """Yield the section of a report: the claims in words, published figures, gaps taken apart."""
    if not judged:
        return
    yield Heading(message("Published claims"))
    yield Points(tuple(map(_point, judged)))
    # Several claims may give one figure; it stands there once.
    every = ((_figure(one.claim, level), level) for one in judged for level in one.levels)
    if levels := list(dict.fromkeys(every)):
        yield _levels_table(levels)
    if lenses := [(one.claim, lens) for one in judged for lens in one.lenses]:
        yield _lens_table(lenses, elsewhere=any(one.elsewhere for one in judged))
        yield Points(tuple(Point(_lens_sentence(claim, lens)) for claim, lens in lenses))


def _point(one: Judged) -> Point:
    told = message(
        "{text}: {verdict}", text=catalogued(one.claim.text), verdict=RESOLVED[one.verdict]
    )
    cautions = [one.why] if one.why else []
    if one.claim.source == OURS:
        cautions.append(message("this claim is ours, not the source's"))
    if one.claim.moved and not one.why:
        cautions.append(message("the settings are not those of the study file"))
    if one.by_convention not in (None, one.verdict):
        assert one.by_convention is not None
        by = RESOLVED[one.by_convention]
        cautions.append(message("read as the source read it, it is {verdict}", verdict=by))
    return Point(told, TONES[one.verdict], tuple(cautions), tuple(_evidence(one)))


def _evidence(one: Judged) -> Iterator[Message]:
    if one.claim.kind == "level":
        if one.levels and one.verdict != "not-comparable":
            inside = sum(level.inside for level in one.levels)
            yield message(
                "{n} of {all} published figures lie where one run may",
                n=inside,
                all=len(one.levels),
            )
        return
    told = one.contrasts
    if len(told) > MOST:
        holding = sum(contrast.holds for contrast in told)
        yield message("{n} of {all} comparisons hold", n=holding, all=len(told))
        told = tuple(contrast for contrast in told if not contrast.holds)
    for contrast in told:
        yield _contrast(one, contrast)


def _contrast(one: Judged, contrast: Contrast) -> Message:
    effect, low, high = effect_texts(
        contrast.pairs.mean, contrast.interval.low, contrast.interval.high
    )
    return message(
        "{name}: {effect} [{low}, {high}] in {figure}, {level} %, {seeds}",
        name=contrast.name,
        effect=effect,
        low=low,
        high=high,
        figure=contrast.figure,
        level=f"{100 * one.level:.4g}",
        seeds=seeds_text(contrast.pairs.n),
    )


def _levels_table(levels: Sequence[tuple[Message, Level]]) -> Table:
    return Table(
        columns=(
            Column(message("figure"), "name"),
            Column(message("published"), "number"),
            Column(message("ours, read so"), "number"),
            Column(message("one run lies in"), "number"),
            Column(message("honest"), "number"),
        ),
        rows=tuple(cells(figure, *_numbers(level)) for figure, level in levels),
        caption=message("Published figures beside ours"),
        notes=(
            message(
                "a published figure is one run; 95 of 100 runs of ours lie in the interval; "
                "honest: read at the end, in evaluation mode, on all of the split"
            ),
        ),
    )


def _figure(claim: Claim, level: Level) -> Message:
    figure, arm = str(claim.figure), short(level.arm)
    if claim.reading != "last":
        figure = f"{figure} ({claim.reading})"
    if level.epoch:
        return message("{arm}, {figure}, epoch {n}", arm=arm, figure=figure, n=level.epoch)
    return message("{arm}, {figure}", arm=arm, figure=figure)


def _numbers(level: Level) -> tuple[str, str, str, str]:
    low, high = level.interval.low, level.interval.high
    places = decimals((high - low) / 2, level.measured)
    within = f"[{plain(low, places)}, {plain(high, places)}]"
    return (
        f"{level.published:g}",
        plain(level.measured, places),
        within if low <= high and high - low < float("inf") else plain(float("nan"), 0),
        plain(level.honest, places),
    )


def _lens_table(lenses: Sequence[tuple[Claim, Lens]], *, elsewhere: bool) -> Table:
    return Table(
        columns=(
            Column(message("published gap"), "name"),
            Column(message("published"), "number"),
            Column(message("technique"), "number"),
            Column(message("measuring"), "number"),
            Column(message("luck"), "number"),
        ),
        rows=tuple(cells(_gap(claim, lens), *_shares(lens)) for claim, lens in lenses),
        caption=message("What each published gap is made of"),
        notes=(
            message(
                "technique: our paired effect; measuring: what the same trials show more when read "
                "as the source did; luck: what is left to one seed, ± where 95 of 100 such gaps lie"
            ),
            *(
                [message("luck holds, too, what other pixels or settings than the source's change")]
                if elsewhere
                else []
            ),
        ),
    )


def _gap(claim: Claim, lens: Lens) -> Message:
    arm, other = short(lens.arm), short(lens.other)
    return message("{arm} − {other}, {figure}", arm=arm, other=other, figure=str(claim.figure))


def _shares(lens: Lens) -> tuple[str, str, str, str]:
    places = decimals(lens.spread, lens.published)
    luck = f"{signed(lens.luck, places)} ± {plain(lens.spread, places)}"
    published, technique, measuring = (
        signed(value, places) for value in (lens.published, lens.technique, lens.measuring)
    )
    return published, technique, measuring, luck


def _lens_sentence(claim: Claim, lens: Lens) -> Message:
    published, technique, measuring, _ = _shares(lens)
    places = decimals(lens.spread, lens.published)
    told = {
        "published": published,
        "figure": str(claim.figure),
        "technique": technique,
        "measuring": measuring,
        "luck": signed(lens.luck, places),
    }
    if lens.is_luck:
        return message(
            "Of the published {published} in {figure}, {technique} is the technique, {measuring} "
            "the way of measuring and {luck} no more than the luck of one seed.",
            **told,
        )
    return message(
        "Of the published {published} in {figure}, {technique} is the technique, {measuring} the "
        "way of measuring; the other {luck} is more than the luck of one seed explains.",
        **told,
    )
