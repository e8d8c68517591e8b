"""The contrasts that a claim is made of, one file for all kinds.

Eats a `Claim` and `Results`. Makes `Contrast`s: one number per seed against 0, with an interval.

- difference, equality, gap and speed: each arm less the one in its place.
- order: each arm less the next one.
- threshold: each arm's figure less the value.
- gap that opens, grows or is none: the gap itself, or what it grew by in the second half.
- peak: what the curve has lost since the peak, and, with a value, how far from it the peak is.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from hikaku.analysis import claim_figures as of
from hikaku.analysis.figures import step
from hikaku.analysis.paired import Paired, pair
from hikaku.analysis.rule import Rule
from hikaku.analysis.sequence import Interval, Said, first_look, look
from hikaku.analysis.twin import alike
from hikaku.record import Results
from hikaku.records import Reading
from hikaku.study.study import Claim
from hikaku.words import Message, message

Words = frozenset[Said]
MORE: Words = frozenset({"helps"})
LESS: Words = frozenset({"hurts"})
NEITHER: Words = frozenset({"no-practical-difference"})
OF_BETTER: Mapping[str, Words] = {
    **dict.fromkeys(("helps", "faster", "narrows", "best first"), MORE),
    **dict.fromkeys(("hurts", "slower", "widens"), LESS),
    **dict.fromkeys(("does not help", "no faster"), LESS | NEITHER),
}
"""What differences must say for what is expected, where more of the figure is better."""
OF_FIGURE: Mapping[str, Words] = {
    **dict.fromkeys(("opens", "grows", "falls", "above"), MORE),
    "below": LESS,
    "does not fall": LESS | NEITHER,
    **dict.fromkeys(("no practical difference", "none"), NEITHER),
}
"""The same, whichever way is better."""


@dataclass(frozen=True)
class Contrast:
    """One comparison inside a claim: its numbers, one per seed, and their interval.

    The numbers are those of `figure`, as they are, not turned so that + is better. `interval` is
    at 1 - alpha of the claim, and so is what it `says`. It `holds` where that is
    what the claim expects, and is `against` the claim where it says another thing even at the
    error that is left to one contrast among all of the claim. Neither, where a seed has no number.
    """

    name: Message
    figure: str
    pairs: Paired
    interval: Interval
    says: Said
    holds: bool
    against: bool


@dataclass(frozen=True)
class _Planned:
    name: Message
    figure: str
    pairs: Paired
    worth: float
    holds: Words


def contrasts(
    claim: Claim, results: Results, reading: Reading, alpha: float
) -> tuple[Contrast, ...]:
    """Return the claim's contrasts at this error, train figures read so."""
    planned = tuple(_planned(claim, results, reading))
    return tuple(_contrast(one, len(results.seeds), alpha, len(planned)) for one in planned)


def couples(claim: Claim) -> tuple[tuple[str, str], ...]:
    """Return which arms the claim compares, each with its other; none where arms stand alone."""
    if claim.kind == "order":
        return tuple(pairwise(claim.arms))
    return tuple(zip(claim.arms, claim.against, strict=True)) if claim.against else ()


def _contrast(planned: _Planned, seeds: int, alpha: float, among: int) -> Contrast:
    pairs, worth = planned.pairs, planned.worth
    rule = Rule(pairs.seeds, auto=False, horizon=max(pairs.n, 1), worth=worth, family=among)
    seen = look(first_look(), pairs, rule, alpha)
    says = seen.says(worth)
    sure = look(first_look(), pairs, rule, alpha / among).says(worth)
    whole = pairs.n == seeds
    return Contrast(
        name=planned.name,
        figure=planned.figure,
        pairs=pairs,
        interval=seen.interval,
        says=says if whole else "undecided",
        holds=whole and says in planned.holds,
        against=whole and sure not in planned.holds and sure != "undecided",
    )


def _planned(claim: Claim, results: Results, reading: Reading) -> Iterator[_Planned]:
    holds, figure = _holds(claim), str(claim.figure)
    if claim.kind == "peak":
        yield from _peaks(claim, results)
        return
    compared = couples(claim)
    for arm, other in compared:
        name = message("{arm} − {other}", arm=arm, other=other)
        names = alike(results, arm, other)
        first, second = (of.figures(results, x, claim.figure, reading) for x in names)
        grain = step(results, claim.figure)
        paired = pair(results.seeds, first, second, "higher", grain)
        yield _Planned(name, figure, paired, claim.worth, holds)
    for arm in () if compared else claim.arms:
        name, found = _alone(arm, claim, results, reading)
        yield _Planned(name, figure, _against_nothing(results, found), claim.worth, holds)


def _holds(claim: Claim) -> Words:
    """Return what the differences, as they are, must say for the claim to hold."""
    if claim.expect in OF_FIGURE:
        return OF_FIGURE[claim.expect]
    found = OF_BETTER[claim.expect]
    turned = {**dict.fromkeys(MORE, LESS), **dict.fromkeys(LESS, MORE)}
    if claim.figure.better == "higher":
        return found
    return frozenset[Said]().union(*(turned.get(word, {word}) for word in found))


def _alone(arm: str, claim: Claim, results: Results, reading: Reading) -> tuple[Message, of.Array]:
    """Return what is said of an arm by itself, and its numbers, which are held against 0."""
    if claim.expect == "grows":
        name = message("{arm}: growth of the gap", arm=arm)
        return name, of.growth_of_gap(results, arm, claim.figure, reading)
    found = of.figures(results, arm, claim.figure, reading)
    if claim.value is None:
        return message("{arm}: the gap", arm=arm), found
    return message("{arm} − {value}", arm=arm, value=f"{claim.value:g}"), found - claim.value


def _peaks(claim: Claim, results: Results) -> Iterator[_Planned]:
    for arm in claim.arms:
        lost = of.after_the_peak(results, arm, claim.figure)
        name = message("{arm}: lost since the peak", arm=arm)
        # The margin is one of epochs; a fall is one of the metric.
        plain = f"{claim.figure.split} {claim.figure.name}"
        yield _Planned(name, plain, _against_nothing(results, lost), 0.0, _holds(claim))
        if claim.value is not None:
            epochs = of.figures(results, arm, claim.figure) - claim.value
            name = message("{arm}: peak epoch − {value}", arm=arm, value=f"{claim.value:g}")
            pairs = _against_nothing(results, epochs)
            yield _Planned(name, str(claim.figure), pairs, claim.worth, NEITHER)


def _against_nothing(results: Results, found: of.Array) -> Paired:
    return pair(results.seeds, found, np.zeros_like(found), "higher")
