"""What a technique watches: its setting `monitor`, which names a score of the evaluations.

Eats the techniques as they were written and the study's metric; notes a score that no evaluation
measures, and a `mode` that leaves open which way of a score is better. In any technique, ours or
the user's, `monitor = "validation loss"` and `mode` mean this.
"""

from __future__ import annotations

from collections.abc import Iterator

from hikaku.study.fill import Draft, Filled
from hikaku.study.metrics import DEAR, METRICS, on_curve
from hikaku.study.nearest import suggest
from hikaku.study.node import Node, shown
from hikaku.study.study import Data, Metric
from hikaku.words import Message, message

WATCHED = ("train", "validation")
"""The splits that are read at every evaluation."""


def check_monitors(draft: Draft, data: Data, kind: str, metric: Metric) -> None:
    """Note every technique of `draft` that watches what is not measured at evaluations.

    `kind` is the data set's, "" for an unknown one; `metric` is the one that the study judges.
    """
    names = on_curve(kind, metric)
    for filled, watched in _monitors(draft):
        place = _place(filled, "monitor")
        if not check_score(place, filled.use.name, watched, names, data):
            continue
        name = watched.partition(" ")[2]
        if name not in METRICS and dict(filled.use.settings).get("mode") == "auto":
            _place(filled, "mode").fault(
                message("which way of '{name}' is better must be written.", name=name),
                message('mode = "{mode}"', mode="max" if metric.of_better == "higher" else "min"),
            )


def check_score(place: Node, who: str, watched: str, names: tuple[str, ...], data: Data) -> bool:
    """Return whether every evaluation measures the score `watched`; note it where none does.

    `names` are the metrics that evaluations measure; `who` watches.
    """
    split, _, name = watched.partition(" ")
    if split not in WATCHED or name not in names:
        place.fault(_unmeasured(watched, names), _measured(names))
        return False
    if split == "validation" and data.validation == 0:
        place.fault(
            message(
                "'{name}' watches the {watched}, and there is no validation split.",
                name=who,
                watched=watched,
            ),
            message("data.validation = 0.2"),
        )
        return False
    return True


def _monitors(draft: Draft) -> Iterator[tuple[Filled, str]]:
    for filled in draft.filled():
        watched = dict(filled.use.settings).get("monitor")
        if isinstance(watched, str):
            yield filled, watched


def _place(filled: Filled, setting: str) -> Node:
    """Return where a setting is written, or the technique where it stands at its default."""
    node = filled.node[setting]
    return node if node.written else filled.node


def _unmeasured(watched: str, names: tuple[str, ...]) -> Message:
    split, _, name = watched.partition(" ")
    if split == "test" and name in (*names, *DEAR):
        return message("the test split is read once, at the end: nothing may watch it.")
    if split in WATCHED and name in DEAR:
        return message(
            "'{name}' is measured at the end only, unless the study judges its curve.", name=name
        )
    what = message("there is no score {watched}.", watched=shown(watched))
    return suggest(what, watched, [f"{split} {name}" for split in WATCHED for name in names])


def _measured(names: tuple[str, ...]) -> Message:
    return message('"train" or "validation", then one of: {names}', names=", ".join(names))
