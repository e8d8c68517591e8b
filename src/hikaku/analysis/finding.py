"""`Finding`: what one comparison came to, with everything needed to say so in a full sentence.

Eats: the numbers of a comparison. Makes: a value that knows its `sentence`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from hikaku.analysis.endings import Endings
from hikaku.analysis.numbers import effect_texts, seeds_text
from hikaku.analysis.power import FEWEST, MOST
from hikaku.words import Message, message

Verdict = Literal["helps", "hurts", "no-practical-difference", "undecided", "unstable"]

ALPHA = 0.05
"""The share of studies without any true effect in which some variant may be called an effect."""

WORDS: dict[Verdict, Message] = {
    "helps": message("helps"),
    "hurts": message("hurts"),
    "no-practical-difference": message("no practical difference"),
    "undecided": message("undecided"),
    "unstable": message("unstable"),
}
"""How each verdict is said."""


@dataclass(frozen=True)
class Finding:
    """What a variant does to the judged metric, compared with `base` over paired seeds.

    `effect` is the mean of `differences`, one per entry of `seeds`: the seeds where both arms
    have a figure. It is oriented so that + is better, in the metric's unit, like its interval
    `ci_low` to `ci_high` at `level` and the narrower one that is compared with ± `worth`,
    `equivalence_low` to `equivalence_high`. Numbers that cannot be known (no pair; an interval of
    one pair) are NaN.

    `family` is the number of variants among which the study's errors are shared. `planned` are
    the study's seeds, `unfinished` of them are neither done nor diverged in both arms;
    `variant_endings` and `base_endings` say how trials without a figure ended. `more_seeds` is
    about how many seeds are missing to a verdict (`power.more_seeds`), None where more seeds are
    not what is missing.
    """

    variant: str
    base: str
    metric: str
    seeds: tuple[int, ...]
    effect: float
    ci_low: float
    ci_high: float
    verdict: Verdict
    cautions: tuple[Message, ...]
    differences: tuple[float, ...]
    equivalence_low: float
    equivalence_high: float
    worth: float
    better: Literal["higher", "lower"]
    family: int
    planned: tuple[int, ...]
    unfinished: int = 0
    variant_endings: Endings = field(default_factory=Endings)
    base_endings: Endings = field(default_factory=Endings)
    more_seeds: int | None = None

    @property
    def level(self) -> float:
        """The confidence of `ci_low` to `ci_high`: 1 - .05 / `family`."""
        return 1 - ALPHA / self.family

    @property
    def is_look(self) -> bool:
        """Whether showing this verdict is a look at the `planned` seeds that must be remembered.

        An unfinished comparison and one of too few pairs cannot come out as anything but
        undecided, so they spend nothing.
        """
        return not self.unfinished and len(self.seeds) >= FEWEST

    @property
    def sentence(self) -> Message:
        """The verdict in one plain sentence, with effect, interval, seeds and level."""
        says = {
            "helps": _helps,
            "hurts": _hurts,
            "no-practical-difference": _no_difference,
            "undecided": _undecided,
            "unstable": _unstable,
        }
        return says[self.verdict](self)

    def _repr_html_(self) -> str:
        """Return it for a notebook: the sentence, and what must be known before believing it."""
        cautions = (message("caution: {caution}", caution=caution) for caution in self.cautions)
        return "".join(f"<p>{said._repr_html_()}</p>" for said in (self.sentence, *cautions))


def _helps(finding: Finding) -> Message:
    name, measured, worth = finding.variant, _measured(finding), f"{finding.worth:g}"
    if finding.ci_low > finding.worth:
        return message(
            "{variant} helps, by more than {worth}: {measured}.",
            variant=name,
            worth=worth,
            measured=measured,
        )
    return message("{variant} helps: {measured}.", variant=name, measured=measured)


def _hurts(finding: Finding) -> Message:
    name, measured, worth = finding.variant, _measured(finding), f"{finding.worth:g}"
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
            variant=finding.variant,
            metric=finding.metric,
            n=len(finding.seeds),
        )
    low, high = finding.equivalence_low, finding.equivalence_high
    _, low_text, high_text = effect_texts(finding.effect, low, high)
    inside = message(
        "the equivalence interval [{low}, {high}] lies inside ±{worth}",
        low=low_text,
        high=high_text,
        worth=f"{finding.worth:g}",
    )
    if low > 0 or high < 0:
        return message(
            "{variant} makes no practical difference (real but negligible): {measured}; {inside}.",
            variant=finding.variant,
            measured=_measured(finding),
            inside=inside,
        )
    return message(
        "{variant} makes no practical difference: {measured}; {inside}.",
        variant=finding.variant,
        measured=_measured(finding),
        inside=inside,
    )


def _unstable(finding: Finding) -> Message:
    return message(
        "{variant} is unstable: it diverged at {diverged} of {seeds}, {base} at {base_diverged}; "
        "where both finished: {measured}.",
        variant=finding.variant,
        base=finding.base,
        seeds=seeds_text(len(finding.planned)),
        diverged=finding.variant_endings.diverged,
        base_diverged=finding.base_endings.diverged,
        measured=_measured(finding),
    )


def _undecided(finding: Finding) -> Message:
    name, measured = finding.variant, _measured(finding)
    if finding.unfinished:
        return message(
            "{variant} is undecided: {unfinished} of {seeds} not finished.",
            variant=name,
            unfinished=finding.unfinished,
            seeds=seeds_text(len(finding.planned)),
        )
    if not finding.seeds:
        return message("{variant} is undecided: {measured}.", variant=name, measured=measured)
    if finding.more_seeds is None:
        return message(
            "{variant} is undecided, because more seeds are left out of one arm than of the "
            "other: {measured}.",
            variant=name,
            measured=measured,
        )
    if len(finding.seeds) < FEWEST:
        return message(
            "{variant} is undecided (too few seeds): {measured}; {more}.",
            variant=name,
            measured=measured,
            more=_more(finding.more_seeds),
        )
    return message(
        "{variant} is undecided: {measured}; {more}.",
        variant=name,
        measured=measured,
        more=_more(finding.more_seeds),
    )


def _more(seeds: int) -> Message:
    if seeds > MOST:
        return message("more than {most} more seeds", most=MOST)
    return (
        message("about 1 more seed")
        if seeds == 1
        else message("about {more} more seeds", more=seeds)
    )


def _measured(finding: Finding) -> Message:
    effect, low, high = effect_texts(finding.effect, finding.ci_low, finding.ci_high)
    metric: str | Message = finding.metric
    if finding.better == "lower":
        metric = message("{metric} (+ is better)", metric=finding.metric)
    if not finding.seeds:
        return message("no seed has a figure in both arms")
    if len(finding.seeds) == 1:
        return message("{metric} {effect}, 1 seed", metric=metric, effect=effect)
    return message(
        "{metric} {effect} [{low}, {high}], {seeds}, {family}",
        metric=metric,
        effect=effect,
        low=low,
        high=high,
        seeds=_seeds(finding),
        family=_family(finding.family),
    )


def _seeds(finding: Finding) -> Message:
    used, planned = len(finding.seeds), len(finding.planned)
    if used == planned:
        return seeds_text(used)
    return message("{n} of {planned} seeds", n=used, planned=planned)


def _family(variants: int) -> Message:
    percent = f"{100 * (1 - ALPHA):g}"
    if variants == 1:
        return message("{percent} % interval", percent=percent)
    return message(
        "{percent} % family-wise over {variants} variants", percent=percent, variants=variants
    )
