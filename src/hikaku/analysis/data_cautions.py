"""Cautions about what is behind a finding: a base that learnt nothing, a test that was seen."""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np

from hikaku.analysis.curves import confusion
from hikaku.analysis.finding import Finding
from hikaku.record import IDLE, READS, SEEN, Results
from hikaku.study.study import Study, Training
from hikaku.words import Message, message


def data_cautions(finding: Finding, results: Results) -> tuple[Message, ...]:
    """Return what must be said of the data and of what base made of them."""
    return (
        *_seen(finding, results),
        *_chance(finding, results),
        *_softmax(finding, results),
        *_idle(finding, results),
        *_reads(finding, results),
    )


def validated_on_test(study: Study) -> Iterator[Message]:
    """Yield a caution where the validation set is the test set, whatever looks at it."""
    if isinstance(study.base, Training) and study.base.data.validation == "test":
        yield message(
            "validation is the test set: early stopping, schedules and the best epoch look at the "
            "samples that judge, so figures are better than on new data"
        )


def _seen(finding: Finding, results: Results) -> Iterator[Message]:
    """Yield a caution where test samples stand in training too; the largest count of any seed."""
    words = [
        str(word).removeprefix(SEEN)
        for seed in results.seeds
        for word in _noticed(results, finding.base, seed)
        if str(word).startswith(SEEN)
    ]
    if words:
        worst = max(words, key=lambda said: int(said.partition(" ")[0]))
        yield message(
            "{count} test samples equal a training sample: scores are better than on new data, "
            "and techniques that remember look good",
            count=worst,
        )


def _said_of(word: str, finding: Finding, results: Results) -> list[str]:
    """Return those of both arms of which this was noticed at any seed."""
    return [
        arm
        for arm in (finding.base, finding.variant)
        if any(word in _noticed(results, arm, seed) for seed in results.seeds)
    ]


def _idle(finding: Finding, results: Results) -> Iterator[Message]:
    """Yield a caution where a schedule begins with an epoch at a rate of 0."""
    if arms := _said_of(IDLE, finding, results):
        yield message(
            "{arms}: the learning rate is 0 in the whole first epoch, which learns nothing; "
            'warmup-cosine with every = "update" begins to climb at once',
            arms=", ".join(arms),
        )


def _softmax(finding: Finding, results: Results) -> Iterator[Message]:
    """Yield a caution where a model seems to end in a softmax."""
    if arms := _said_of("softmax", finding, results):
        yield message(
            "{arms}: the model's outputs look like probabilities; the loss wants the numbers "
            "before any softmax",
            arms=", ".join(arms),
        )


def _reads(finding: Finding, results: Results) -> Iterator[Message]:
    """Yield a caution where models are built from files that no key holds."""
    files = {
        str(word).removeprefix(READS)
        for arm in (finding.base, finding.variant)
        for seed in results.seeds
        for word in _noticed(results, arm, seed)
        if str(word).startswith(READS)
    }
    if files:
        yield message(
            "the model is built from {files}, which no key holds: when it changes, nothing is "
            "trained again; name weights as the model's `weights`",
            files=", ".join(sorted(files)),
        )


def _noticed(results: Results, arm: str, seed: int) -> list[object]:
    found = results.sheet(arm, seed, "noticed")
    return [] if found is None else list(found.tolist())


def _chance(finding: Finding, results: Results) -> Iterator[Message]:
    """Yield a caution where base is right no more often than the commonest class is true.

    Within two standard errors of a share, over the test samples of all seeds.
    """
    counts = confusion(results, finding.base)
    total = 0 if counts is None else int(counts.sum())
    if counts is None or not total:
        return
    right, share = int(np.trace(counts)), float(counts.sum(axis=1).max()) / total
    if right <= share * total + 2 * math.sqrt(total * share * (1 - share)):
        yield message(
            "{base} is right no more often than always answering the commonest class: it has "
            "learnt next to nothing, so train it longer or otherwise before comparing",
            base=finding.base,
        )
