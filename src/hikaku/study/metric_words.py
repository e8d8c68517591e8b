"""What figures are called where people read them; study files, CSV and JSON keep their names.

Eats names of metrics and splits, and `Metric`s. Makes messages whose English is `str(metric)`.
"""

from __future__ import annotations

from hikaku.study.study import Metric
from hikaku.words import Message, message

Words = Message | str

SPLIT_WORDS = {
    "train": message("train"),
    "validation": message("validation"),
    "test": message("test"),
}
METRIC_WORDS = {
    "accuracy": message("accuracy"),
    "balanced-accuracy": message("balanced-accuracy"),
    "loss": message("loss"),
}
"""Metrics that other languages have a word for; the others are called alike in all of them."""


def metric_words(name: str) -> Words:
    """Return how a metric is called; one of the user's own by its name alone."""
    return METRIC_WORDS.get(name, name.rpartition(":")[2])


def figure_words(split: str, name: str) -> Message:
    """Return how a metric that is read on a split is called: "test accuracy".

    >>> str(figure_words("test", "my_metric.py:cost"))
    'test cost'
    """
    words, on = metric_words(name), SPLIT_WORDS.get(split, split)
    if isinstance(words, Message):
        return message("{split} {metric}", split=on, metric=words)
    return message("{split} {name}", split=on, name=words)


def judged_words(metric: Metric) -> Message:
    """Return how the judged figure is called: "test accuracy", "mean validation loss"."""
    figure = figure_words(metric.split, metric.name)
    return {
        "last": figure,
        "best": message("best-epoch {figure}", figure=figure),
        "area": message("mean {figure}", figure=figure),
        "steps-to": message("steps to {target} {figure}", target=metric.target, figure=figure),
        "gap": message("gap in {figure}", figure=figure),
        "peak-epoch": message("peak epoch of {figure}", figure=figure),
    }[metric.of]
