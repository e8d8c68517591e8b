"""The ablation table of a paper, as plain values: arms by metrics, effects and verdicts beside.

Eats a `Study`, its `Results` and `Finding`s. Makes an `Ablation`, which `latex` and `markdown`
write; it knows nothing of either.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from hikaku.analysis.figures import judged
from hikaku.analysis.finding import WORDS, Finding
from hikaku.analysis.numbers import NOTHING, effect_texts, mean_texts
from hikaku.analysis.sentence import divergence
from hikaku.analysis.student import mean_interval
from hikaku.analysis.summary import summarize
from hikaku.present.report import Words, title
from hikaku.present.tables import shown_metrics
from hikaku.present.verdict_table import levels
from hikaku.record import Results
from hikaku.study.metric_words import figure_words, judged_words
from hikaku.study.recipe import spoken_name
from hikaku.study.study import BASE, Outside, Study
from hikaku.words import Message, message

CLOSED = (".", "?", "!", "。", "？", "！")


@dataclass(frozen=True)
class Mean:
    """A mean over seeds and half the width of its interval, "–" where unknown.

    `stands_out`: it is the best of all arms, and the verdict says that this arm helps.
    """

    mean: str
    half: str
    stands_out: bool = False


@dataclass(frozen=True)
class Contrast:
    """What an arm does against the one that it is compared with, over so many pairs of trials."""

    effect: str
    low: str
    high: str
    pairs: int
    verdict: Words
    against: str


@dataclass(frozen=True)
class Row:
    """One arm: a mean per metric, over so many seeds; base has no contrast."""

    arm: str
    means: tuple[Mean, ...]
    seeds: int
    contrast: Contrast | None


@dataclass(frozen=True)
class Ablation:
    """The table with its caption; `metrics` are the heads of the means, the judged one first."""

    name: str
    caption: tuple[Words, ...]
    metrics: tuple[Words, ...]
    rows: tuple[Row, ...]
    judged: Words

    @property
    def many_bases(self) -> bool:
        """Whether not every variant is compared with base itself, so that it must be said."""
        return any(row.contrast and row.contrast.against != BASE for row in self.rows)

    @property
    def heads(self) -> tuple[Words, ...]:
        """The heads of all columns: arm, means, seeds, effect, pairs, verdict, against."""
        effect = message("effect on {metric}", metric=self.judged)
        against = (message("against"),) if self.many_bases else ()
        told = (effect, message("pairs"), message("verdict"))
        return (message("arm"), *self.metrics, message("seeds"), *told, *against)


def ablation(study: Study, results: Results, findings: Sequence[Finding]) -> Ablation:
    """Return the table: the judged figure, then accuracy and loss on the test split.

    Only the judged figure can stand out, for only of it there is a verdict.
    """
    found = {finding.variant: finding for finding in findings}
    others = _others(study, results)
    best = _best(study, results)
    rows = (
        Row(
            arm.name,
            (
                _mean(study, results, arm.name, found.get(arm.name), best),
                *(_plain(results.values(arm.name, name, "test", "last")) for name in others),
            ),
            _seeds(study, results, arm.name),
            _contrast(found[arm.name]) if arm.name in found else None,
        )
        for arm in study.arms
    )
    heads = (figure_words("test", name) for name in others)
    caption = (_asked(study), *trained(study, results), *_read(findings))
    first = judged_words(study.metric)
    return Ablation(study.name, caption, (first, *heads), tuple(rows), first)


def _asked(study: Study) -> Words:
    """Return the question, or the name, as a sentence."""
    asked = title(study.question, study.name)
    return asked if str(asked).endswith(CLOSED) else message("{title}.", title=asked)


def _others(study: Study, results: Results) -> tuple[str, ...]:
    known = shown_metrics(study, summarize(study, results))
    is_first = (study.metric.of, study.metric.split) == ("last", "test")
    return tuple(name for name in known if not (is_first and name == study.metric.name))


def _best(study: Study, results: Results) -> str:
    """Return the arm with the best mean of the judged figure; "" where none is known."""
    upwards = 1 if study.metric.better == "higher" else -1
    means = {arm.name: mean_interval(judged(results, arm.name, study.metric))[0]
             for arm in study.arms}  # fmt: skip  # one thought
    known = {arm: upwards * mean for arm, mean in means.items() if math.isfinite(mean)}
    return max(known, key=known.__getitem__, default="")


def _mean(study: Study, results: Results, arm: str, finding: Finding | None, best: str) -> Mean:
    helps = finding is not None and finding.verdict == "helps"
    return _plain(judged(results, arm, study.metric), stands_out=helps and arm == best)


def _plain(values: np.typing.NDArray[np.float64], *, stands_out: bool = False) -> Mean:
    return Mean(*mean_texts(*mean_interval(values)), stands_out)


def _seeds(study: Study, results: Results, arm: str) -> int:
    return int(np.isfinite(judged(results, arm, study.metric)).sum())


def _contrast(finding: Finding) -> Contrast:
    effect, low, high = effect_texts(finding.effect, finding.ci_low, finding.ci_high)
    verdict = WORDS[finding.verdict]
    if finding.by == "divergence":
        verdict = message("{verdict} (by divergence)", verdict=verdict)
    return Contrast(effect, low, high, len(finding.seeds), verdict, finding.against)


def trained(study: Study, results: Results) -> Iterator[Words]:
    """Yield what was trained, for how long, over how many seeds."""
    seeds = sorted({_seeds(study, results, arm.name) for arm in study.arms})
    over = "–".join(dict.fromkeys(str(n) for n in (seeds[0], seeds[-1])))
    if isinstance(study.base, Outside):
        what = spoken_name(study.base.train) or study.base.command
        yield message("Trained: {what}, over {n} seeds.", what=what, n=over)
        return
    recipe, data = study.base.recipe, study.base.data
    long = (
        message("{n} steps", n=recipe.steps)
        if recipe.steps
        else message("{n} epochs", n=recipe.epochs)
    )
    yield message(
        "Trained: {model} on {data}, {long}, over {n} seeds.",
        model=study.base.model.name,
        data=data.use.name,
        long=long,
        n=over,
    )


def _read(findings: Sequence[Finding]) -> Iterator[Words]:
    yield message("Mean ± half of the 95 % t interval over seeds.")
    if not findings:
        return
    yield effects_read(findings)
    if any(found.seeds and not found.ci_low <= found.ci_high for found in findings):
        yield message("Effects without brackets have no interval yet.")
    for found in findings:
        if found.variant_endings.diverged or found.base_endings.diverged:
            yield message("{arm}: {divergence}.", arm=found.variant, divergence=divergence(found))
    yield message("Bold: the best mean, where the verdict is that it helps.")


def effects_read(findings: Sequence[Finding]) -> Message:
    """Return what an effect is, and at which level its interval holds."""
    return message(
        "Effect: mean of the paired differences, + is better; {levels}.", levels=levels(findings)
    )


def interval(contrast: Contrast) -> str:
    """Return the interval in brackets; nothing before there is one."""
    return "" if contrast.low == NOTHING else f"[{contrast.low}, {contrast.high}]"
