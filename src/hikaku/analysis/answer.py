"""The answer of a whole study in one sentence: which variants help, which hurt, what is open.

Eats the findings of a study. Makes a `Message`.
"""

from __future__ import annotations

from collections.abc import Sequence

from hikaku.analysis.course import Verdict
from hikaku.analysis.finding import Finding
from hikaku.analysis.numbers import effect_texts
from hikaku.analysis.sentence import divergence, seeds_of
from hikaku.study.study import BASE
from hikaku.words import Message, message

CLAUSES: dict[Verdict, tuple[Message, Message]] = {
    "helps": (message("{who} helps"), message("{who} help")),
    "hurts": (message("{who} hurts"), message("{who} hurt")),
    "unstable": (message("{who} is unstable"), message("{who} are unstable")),
    "no-practical-difference": (
        message("{who} makes no practical difference"),
        message("{who} make no practical difference"),
    ),
    "undecided": (message("{who} is undecided"), message("{who} are undecided")),
}
"""What is said of one variant and of several, in this order."""

NAMED = {"helps": 3, "hurts": 3, "unstable": 3}
"""So many variants are called by name; of more, the one of which there is most to say."""


def answer(findings: Sequence[Finding]) -> Message:
    """Return one sentence about all variants; those that help or hurt bring what decided it.

    That is the effect with its interval and seeds, or at how many seeds each arm diverged. Names
    come by the size of it, divergences first, and of many alike only the first. Of no variant it
    says that nothing is compared.
    """
    if not findings:
        return message("This study has no variant, so nothing is compared.")
    clauses = [
        _clause(verdict, told, len(told) == len(findings) > 1)
        for verdict in CLAUSES
        if (told := sorted((f for f in findings if f.verdict == verdict), key=_size, reverse=True))
    ]
    what = _listed(clauses, last=message("{first}, and {last}"))
    if len(findings) > 1:
        what = message("Of {n} variants, {what}", n=len(findings), what=what)
    if any(_is_measured(finding) for finding in findings):
        metric = findings[0].figure
        return message("{what}; effects on {metric}, + is better.", what=what, metric=metric)
    return message("{what}.", what=what)


def _size(finding: Finding) -> tuple[bool, float]:
    """Return how large what decided is; less than any where it is not known."""
    if finding.by == "divergence":
        apart = finding.variant_endings.diverged - finding.base_endings.diverged
        return True, abs(apart)
    return False, abs(finding.effect) if finding.seeds else -1.0


def _is_measured(finding: Finding) -> bool:
    """Return whether it has a verdict that rests on an effect with an interval."""
    by_effect = finding.verdict in NAMED and finding.by == "differences"
    return by_effect and finding.ci_low <= finding.ci_high


def _clause(verdict: Verdict, told: Sequence[Finding], is_all: bool) -> Message:
    one, several = CLAUSES[verdict]
    if len(told) <= NAMED.get(verdict, 2):
        who = _listed([_named(finding) for finding in told], last=message("{first} and {last}"))
        return _filled(one if len(told) == 1 else several, who=who)
    number: Message | int = message("all") if is_all else len(told)
    counted = _filled(several, who=number)
    if verdict not in NAMED:
        return counted
    return message("{counted}, most of all {who}", counted=counted, who=_named(told[0]))


def _named(finding: Finding) -> Message:
    """Return the variant, what it is compared with if not base, and what decided its verdict."""
    name = message("{who}", who=finding.variant)
    if finding.against != BASE:
        name = message("{variant} against {arm}", variant=finding.variant, arm=finding.against)
    if finding.by == "divergence":
        return message("{who} ({divergence})", who=name, divergence=divergence(finding))
    if not _is_measured(finding):
        return name
    effect, low, high = effect_texts(finding.effect, finding.ci_low, finding.ci_high)
    return message(
        "{who} ({effect} [{low}, {high}], {seeds})",
        who=name,
        effect=effect,
        low=low,
        high=high,
        seeds=seeds_of(finding),
    )


def _listed(parts: Sequence[Message], last: Message) -> Message:
    """Return the parts one after another, the last one joined by the template of `last`."""
    *before, end = parts
    if not before:
        return end
    first = before[0]
    for part in before[1:]:
        first = message("{first}, {last}", first=first, last=part)
    return _filled(last, first=first, last=end)


def _filled(template: Message, **values: object) -> Message:
    return Message(template.id, tuple(values.items()))
