"""Scope: what a verdict speaks about, which is whatever the seeds draw anew.

Eats: how a study divides its data, and the `Results`. Makes: a word, and how to say it.
"""

from __future__ import annotations

from typing import Literal

from hikaku.record import Results
from hikaku.study.study import BASE, Data
from hikaku.words import Message, message

Scope = Literal["splits", "test-set", "split"]

WORDS: dict[Scope, Message] = {
    "splits": message("each seed on its own split"),
    "test-set": message("each seed on its own split, one given test set"),
    "split": message("on this one split"),
}
"""How each is said at the end of a sentence about seeds."""


def scope(data: Data | None, results: Results) -> Scope | None:
    """Return what the seeds draw anew besides initial weights, order and noise.

    - splits: train, validation and test sets. The verdict speaks of new splits of this data set.
    - test-set: train or validation sets, and all are tested on the given test set.
    - split: nothing. The verdict speaks of this one split.

    What base's trials met decides. Before two seeds have said it, `data` does, as far as it can:
    None where only the data know whether they bring a test set, and where there are none (`data`
    None: what a seed means is then up to the user's own training function).
    """
    met = [
        tuple(words.tolist())
        for seed in results.seeds
        if (words := results.sheet(BASE, seed, "split")) is not None
    ]
    if len(met) < 2:
        return None if data is None else _planned(data)
    if len(set(met)) == 1:
        return "split"
    return "test-set" if len({test for _, _, test in met}) == 1 else "splits"


def _planned(data: Data) -> Scope | None:
    if data.take == "first" or data.resample == "init":
        return "split"
    if data.test == "auto":
        return None
    if data.test != "official":
        return "splits"
    return (
        "split"
        if data.train == "all" and data.validation in (0, "official", "test")
        else "test-set"
    )
