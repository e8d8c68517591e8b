"""Cautions: what a reader should know before believing a finding.

Eats: a `Finding` without them, the metric and the `Results`. Makes: messages, gravest first.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from hikaku.analysis.data_cautions import data_cautions, validated_on_test
from hikaku.analysis.finding import Finding
from hikaku.analysis.numbers import seeds_text
from hikaku.analysis.outside_cautions import outside_cautions
from hikaku.analysis.student import spread
from hikaku.record import Results
from hikaku.study.study import FEWEST, Metric, Study
from hikaku.words import Message, message

SKEWED = 1.0
"""The |skewness| of the differences from which on the t interval is doubted."""

FAR = 4.0
"""How many MADs, scaled to a normal standard deviation, make a difference an outlier."""


def cautions(finding: Finding, study: Study, results: Results) -> tuple[Message, ...]:
    """Return what must be said beside the finding, gravest first."""
    return (
        *_holes(finding),
        *_aside(finding, results),
        *_left_out(finding, study.metric),
        *_bound(finding, study),
        *_shared(finding, study),
        *_before(finding, study, results),
        *outside_cautions(study),
        *_surroundings(finding, results),
        *_outside(finding, results),
        *validated_on_test(study),
        *data_cautions(finding, results),
        *_shape(finding),
        *_early(finding),
        *_clock(study),
        *_worth(finding),
    )


def skewness(values: Sequence[float]) -> float:
    """Return g1 = m3 / m2^(3/2), the moments over n; 0 where the values do not spread."""
    centred = np.asarray(values) - np.mean(values)
    size = np.abs(centred).max()
    # Scaled first: the third power of a small difference would underflow.
    unit = centred / size if size > 0 else centred
    second = float(np.mean(unit**2))
    return float(np.mean(unit**3)) / second**1.5 if second else 0.0


def has_outlier(values: Sequence[float]) -> bool:
    """Return whether a value lies more than `FAR` MADs from the median.

    The median absolute deviation is scaled by 1.4826 to a normal's standard deviation. Where more
    than half the values are the same it is 0 and says nothing: False.
    """
    away = np.abs(np.asarray(values) - np.median(values))
    deviation = 1.4826 * float(np.median(away))
    return deviation > 0 and bool(away.max() > FAR * deviation)


def _holes(finding: Finding) -> Iterator[Message]:
    if finding.rule.auto:
        yield from _stop(finding)
        return
    failed, base_failed = finding.variant_endings.failed, finding.base_endings.failed
    if failed or base_failed:
        yield message(
            "failed: {variant} at {failed} of {seeds}, {base} at {base_failed}",
            variant=finding.variant,
            failed=failed,
            seeds=seeds_text(len(finding.planned)),
            base=finding.base,
            base_failed=base_failed,
        )


def _aside(finding: Finding, results: Results) -> Iterator[Message]:
    """Yield that some trials were computed in another way than most, and so do not count here."""
    found = [way for (arm, _), way in results.aside.items() if arm == finding.variant]
    if found:
        yield message(
            "{variant} was trained by {engines} too, at {seeds}: left out, for a comparison has "
            "one arithmetic; the next run trains what is missing",
            variant=finding.variant,
            engines=" / ".join(dict.fromkeys(found)),
            seeds=seeds_text(len(found)),
        )


def _stop(finding: Finding) -> Iterator[Message]:
    """Yield at which seed an automatic comparison stopped, for a trial of it failed."""
    ends = {finding.variant: finding.variant_endings, finding.base: finding.base_endings}
    for arm in (arm for arm, ended in ends.items() if ended.failed):
        yield message(
            "{arm} failed at seed {seed}: the comparison goes no further until that is trained; "
            "the next run tries it again",
            arm=arm,
            seed=finding.rule.seeds[len(finding.planned)],
        )


def _left_out(finding: Finding, metric: Metric) -> Iterator[Message]:
    variant, base = finding.variant_endings, finding.base_endings
    seeds = seeds_text(len(finding.planned))
    names = {"variant": finding.variant, "base": finding.base, "seeds": seeds}
    if variant.diverged or base.diverged:
        yield message(
            "diverged: {variant} at {diverged} of {seeds}, {base} at {base_diverged}; "
            "these pairs are left out",
            diverged=variant.diverged,
            base_diverged=base.diverged,
            **names,
        )
    if (variant.blank or base.blank) and metric.of == "steps-to":
        yield message(
            "never reached {target}: {variant} at {blank} of {seeds}, {base} at {base_blank}; "
            "these pairs are left out",
            target=metric.target,
            blank=variant.blank,
            base_blank=base.blank,
            **names,
        )
    elif variant.blank or base.blank:
        yield message(
            "no figure: {variant} at {blank} of {seeds}, {base} at {base_blank}; "
            "these pairs are left out",
            blank=variant.blank,
            base_blank=base.blank,
            **names,
        )


def _bound(finding: Finding, study: Study) -> Iterator[Message]:
    """Yield what an earlier verdict has settled, where the study now asks otherwise."""
    bound, rule = finding.rule.bound, finding.rule
    if bound is None:
        return
    if rule.worth != study.worth:
        yield message(
            "judged with worth = {worth}, as when its verdict was first shown, and not with "
            "{asked}: `--fresh` starts on unused seeds",
            worth=f"{rule.worth:g}",
            asked=f"{study.worth:g}",
        )
    asked = len(set(study.seeds) & set(rule.seeds))
    if not rule.auto and asked < rule.most:
        yield message(
            "its first verdict was shown for a plan of {seeds}, of which this study has {asked}: "
            "ask for all of them, or start on unused seeds by `--fresh`",
            seeds=seeds_text(rule.most),
            asked=asked,
        )
    elif not rule.auto and (study.auto or set(study.seeds) - set(rule.seeds)):
        yield message(
            "a verdict was shown for {seeds}, and no later seed can change it: `--fresh` starts "
            "on unused seeds",
            seeds=seeds_text(len(rule.seeds)),
        )
    elif rule.auto and len(study.seeds) > rule.most:
        yield message(
            "its seeds end at {most}, as when its verdict was first shown: `--fresh` starts on "
            "unused seeds",
            most=rule.most,
        )
    elif rule.auto and not study.auto:
        yield message(
            "looked at after each of its seeds, as when its verdict was first shown, and not once: "
            "`--fresh` starts on unused seeds"
        )


def _shared(finding: Finding, study: Study) -> Iterator[Message]:
    """Yield among how many the error is shared, where these are not just the study's variants."""
    bound, rule = finding.rule.bound, finding.rule
    if rule.family > len(study.compared):
        yield message(
            "its error is shared among {family} variants: with so many has this study shown a "
            "verdict",
            family=rule.family,
        )
    elif bound and 0 < bound.family < rule.family:
        yield message(
            "judged again, its error now shared among {family} variants and not {before}",
            family=rule.family,
            before=bound.family,
        )


def _before(finding: Finding, study: Study, results: Results) -> Iterator[Message]:
    """Yield what else was looked at: other seeds of the comparison, other figures of its trials."""
    mine = {*study.seeds, *finding.rule.seeds}
    others = sum(mine.isdisjoint(row.seeds) for row in results.spent.get(finding.variant, ()))
    if others:
        yield message(
            "a verdict was shown {times} before, over other seeds: who begins afresh until one is "
            "found will find one",
            times=message("once") if others == 1 else message("{n} times", n=others),
        )
    if figures := results.other_figures.get(finding.variant, 0):
        yield message(
            "these trials were judged by {figures} too: who chooses the figure after a look errs "
            "more often",
            figures=message("another figure")
            if figures == 1
            else message("{n} other figures", n=figures),
        )


def _early(finding: Finding) -> Iterator[Message]:
    """Yield a caution where seeds ended with the verdict: it came when the effect looked large."""
    stopped = finding.rule.auto and len(finding.planned) < finding.rule.most
    if stopped and finding.by == "differences" and finding.verdict in ("helps", "hurts"):
        yield message(
            "decided early, when the effect looked large: its true size is probably smaller"
        )


def _clock(study: Study) -> Iterator[Message]:
    if study.equal == "seconds":
        yield message(
            "how long each arm trains was settled by one timing on one machine, which another "
            "would make a little otherwise"
        )


def _worth(finding: Finding) -> Iterator[Message]:
    """Yield a caution where `worth` is finer than the seeds can tell, at the spread so far."""
    rule = finding.rule
    if len(finding.seeds) < FEWEST or finding.verdict != "undecided":
        return
    last = min(rule.horizon, rule.most)
    half = rule.critical(last, 2 * (1 - finding.level)) * spread(finding.differences) / last**0.5
    if half >= finding.worth:
        yield message(
            "worth = {worth} is finer than {seeds} with this spread can tell (±{half}), so it "
            "cannot be shown that there is no practical difference",
            worth=f"{finding.worth:g}",
            seeds=seeds_text(last),
            half=f"{half:.3g}",
        )


def _surroundings(finding: Finding, results: Results) -> Iterator[Message]:
    """Yield a caution where trials of the two arms ran under different versions or processors."""
    found = {
        measured.outcome.environment
        for (arm, seed), measured in results.trials.items()
        if arm in (finding.variant, finding.base) and measured.outcome.status != "failed"
    }
    if len(found) > 1:
        yield message(
            "trained under different environments, so the pairs differ in more than the "
            "treatment: {environments}",
            environments=" / ".join(sorted(found)),
        )


def _outside(finding: Finding, results: Results) -> Iterator[Message]:
    """Yield a caution where the code of an arm drew random numbers that we do not hand out."""
    arms = [
        arm
        for arm in (finding.base, finding.variant)
        if any(_noticed(results, arm, seed) for seed in results.seeds)
    ]
    if arms:
        yield message(
            "{arms}: the code draws random numbers of its own; each step is seeded, but the two "
            "arms need not draw the same ones",
            arms=", ".join(arms),
        )


def _noticed(results: Results, arm: str, seed: int) -> bool:
    found = results.sheet(arm, seed, "noticed")
    return found is not None and "outside-randomness" in found.tolist()


def _shape(finding: Finding) -> Iterator[Message]:
    differences = finding.differences
    if len(differences) < FEWEST:
        return
    if len(set(differences)) == 1:
        if differences[0]:
            yield message(
                "all differences are identical, so their spread is not known: check that the "
                "seeds really differ"
            )
        else:
            yield message("all differences are 0: check that the variant changes anything")
    elif abs(skewness(differences)) > SKEWED:
        yield message("the differences are skewed: the interval may be optimistic")
    elif has_outlier(differences):
        yield message("one difference lies far from the others: the interval may be optimistic")
