"""The words of `metric`: a figure by name, the split it is read on, and what is made of it.

"accuracy"   "train loss"   "validation accuracy"
{ name = "accuracy", split = "validation", of = "steps-to:0.9" }
{ name = "my_metric.py:cost", better = "lower" }
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal, cast, get_args

from hikaku.errors import StudyError
from hikaku.study.card import Real
from hikaku.study.catalogue import is_file_reference, own_file
from hikaku.study.nearest import suggest
from hikaku.study.node import Node
from hikaku.study.study import SPLITS, Better, Metric, Of, Published, Reading, Split
from hikaku.study.syntax import functions
from hikaku.words import message

BOTH = ("classification", "regression")
KEYS = ("name", "split", "of", "better")
OF_A_CURVE = ("area", "steps-to", "peak-epoch")
"""Figures of the whole curve, which is measured on train and validation only: test is read once."""


@dataclass(frozen=True)
class Standing:
    """A metric that hikaku knows: the kinds of data it fits, and which way is better."""

    kinds: tuple[str, ...]
    better: Better


SHARES = ("accuracy", "top-5")
"""Metrics that count samples: shares from 0 to 1."""

METRICS: Mapping[str, Standing] = {
    "accuracy": Standing(BOTH[:1], "higher"),
    "balanced-accuracy": Standing(BOTH[:1], "higher"),
    "f1-macro": Standing(BOTH[:1], "higher"),
    "top-5": Standing(BOTH[:1], "higher"),
    "auroc": Standing(BOTH[:1], "higher"),
    "loss": Standing(BOTH, "lower"),
    "rmse": Standing(BOTH[1:], "lower"),
    "mae": Standing(BOTH[1:], "lower"),
    "r2": Standing(BOTH[1:], "higher"),
}

LAST_BATCH = "last batch"
"""Stands among what evaluations add where a claim asks for the figures of the last batch."""

DEAR = ("auroc",)
"""Metrics that are too slow for every evaluation: measured at the end, unless a curve is judged."""


def is_added(metric: Metric) -> bool:
    """Return whether evaluations measure `metric` because it is judged, and only then."""
    dear = metric.name in DEAR and metric.of in OF_A_CURVE
    return dear or is_file_reference(metric.name)


def on_curve(kind: str, metric: Metric) -> tuple[str, ...]:
    """Return what every evaluation measures where `metric` is judged; `kind` is the data set's."""
    standing = (name for name in fitting(kind) if name not in DEAR)
    return (*standing, metric.name) if is_added(metric) else tuple(standing)


def fitting(kind: str) -> tuple[str, ...]:
    """Return the standing metrics that fit data of this kind, all of them where it is ""."""
    return tuple(name for name in METRICS if kind in ("", *METRICS[name].kinds))


def kind_of_metric(node: Node) -> Literal["classification", "regression"] | None:
    """Return the kind of data that a written metric fits, None where it fits both or is unknown."""
    value = as_table(node.value) if isinstance(node.value, str) else node.value
    name = value.get("name") if isinstance(value, dict) else None
    kinds = METRICS[name].kinds if isinstance(name, str) and name in METRICS else BOTH
    return cast(Any, kinds[0]) if len(kinds) == 1 else None


def as_table(text: str) -> dict[str, object]:
    """Return the table that a short form stands for: "train loss" names split and metric."""
    first, _, rest = text.strip().partition(" ")
    name = rest.strip()
    # A known metric after a strange word: then the split is what was mistyped.
    return {"name": name, "split": first} if first in SPLITS or name in METRICS else {"name": text}


def read_metric(node: Node, kind: str, folder: str) -> Metric:
    """Return the metric, every orientation filled in. `kind` is the data set's, "" if unknown."""
    return _read(node, lambda table, _: _name(table, kind, folder))


def read_reported(node: Node) -> Metric:
    """Return a metric that a training function of the user's reports, under whatever name.

    A name that hikaku knows keeps its orientation; of any other one, `better` must be written.
    """
    return _read(node, _reported)


def _read(node: Node, named: Callable[[Node, Of], tuple[str, Better]]) -> Metric:
    """Return the metric of a table or of its short form; `named` reads its name and orientation."""
    if isinstance(node.value, str):
        node = Node(as_table(node.value), node.path, node.mistakes)
    if not node.is_table(KEYS, message("metric has no key"), {}):
        return Metric("loss")
    # A short form is one value at one place; only a table has places inside.
    split: Split = node["split"].read(Split, "test")
    of, target = _of(node["of"])
    _check_split(node, split, of)
    name, of_better = named(node, of)
    return Metric(name, split, of, _better(node["better"], name, of, of_better), of_better, target)


def _reported(node: Node, of: Of) -> tuple[str, Better]:
    if of in ("best", "gap"):
        node["of"].fault(
            message("'{of}' is not worked out of what a training function reports.", of=of),
            message("report that figure under a name of its own, and judge it"),
        )
    name = node["name"].read(str, "loss").strip() if node["name"].required() else "loss"
    return name, METRICS[name].better if name in METRICS else _written_better(node, name)


def read_published(node: Node) -> tuple[Published, ...]:
    """Return the published figures of a table such as `"running train loss" = [1.13, 0.33]`."""
    found = []
    if node.written and not isinstance(node.value, dict):
        node.misfit(message("a table"))
    for key in node.names():
        words = key.split(" ")
        fits = len(words) == 3 and (
            words[0] in get_args(Reading) and words[1] in SPLITS and words[2] in METRICS
        )
        if not fits:
            node[key].fault(
                message("the key is no 'reading split metric'."),
                message('write as in "running train loss" or "last test accuracy"'),
            )
        values = node[key].read(tuple[Real, ...], (0.0,))
        if not values:
            node[key].misfit(message("a list of numbers, at least one"))
        if fits and values:
            found.append(Published(cast(Any, words[0]), cast(Any, words[1]), words[2], values))
    return tuple(found)


def _name(node: Node, kind: str, folder: str) -> tuple[str, Better]:
    """Return the metric's name and which way of it is better."""
    place = node["name"]
    if not place.required():
        return "loss", "lower"
    name = place.read(str, "loss")
    if is_file_reference(name):
        return _own(node, name, folder)
    if name not in METRICS:
        what = message("there is no metric '{name}'.", name=name[:60])
        place.fault(
            suggest(what, name.split(" ")[-1], fitting(kind)),
            message("one of: {names}", names=", ".join(fitting(kind))),
        )
        return "loss", "lower"
    if kind and kind not in METRICS[name].kinds:
        place.fault(
            message("'{name}' does not fit {kind}.", name=name, kind=kind),
            message("one of: {names}", names=", ".join(fitting(kind))),
        )
    return name, METRICS[name].better


def _own(node: Node, name: str, folder: str) -> tuple[str, Better]:
    """Return a metric of the user's: its function must be there, its orientation written."""
    try:
        name, path, function = own_file(name, folder)
        defined = functions(path)
        if function not in defined:
            what = message(
                "'{file}' defines no function '{function}'.", file=path.name, function=function
            )
            defines = message("it defines: {names}", names=", ".join(defined) or "-")
            node["name"].fault(suggest(what, function, defined), defines)
    except StudyError as error:
        node.mistakes.add_all(node["name"].path, error)
    return name, _written_better(node, name)


def _written_better(node: Node, name: str) -> Better:
    """Return which way of a metric is better that hikaku does not know; it must be written."""
    if not node["better"].written:
        node["better"].fault(
            message("a metric of your own must say which way is better."),
            message('metric = {{ name = "{name}", better = "higher" }}', name=name),
        )
    return node["better"].read(Better, "higher")


def _of(node: Node) -> tuple[Of, float | None]:
    """Return what is made of the figure, and the target of "steps-to:X"."""
    written = node.read(str, "last")
    word, colon, number = written.partition(":")
    if word == "steps-to":
        try:
            target = float(number)
        except ValueError:
            target = math.nan
        if math.isfinite(target):
            return "steps-to", target + 0.0
        node.fault(message("'steps-to' needs a number to reach."), message('of = "steps-to:0.9"'))
        return "last", None
    if colon or word not in get_args(Of):
        choices = [choice if choice != "steps-to" else "steps-to:X" for choice in get_args(Of)]
        wanted = message("one of: {choices}", choices=", ".join(choices))
        what = message("must be {allowed}, not {value}.", allowed=wanted, value=f"'{word[:60]}'")
        node.fault(suggest(what, word, get_args(Of)), message('leave it out, or of = "last"'))
        return "last", None
    return cast(Of, word), None


def _check_split(node: Node, split: Split, of: Of) -> None:
    if of in OF_A_CURVE and split == "test":
        node["split"].fault(
            message("'{of}' is a figure of the curve, and test is read only once.", of=of),
            message('split = "validation" or "train"'),
        )
    if of == "gap" and split == "train":
        node["split"].fault(
            message("the gap is measured to train, so train has none."),
            message('split = "test" or "validation"'),
        )


def _better(node: Node, name: str, of: Of, of_better: Better) -> Better:
    """Return which way of the judged figure is better: fewer steps, a smaller gap, an early peak.

    For a metric of the user's, a written `better` speaks of the metric itself.
    """
    same = of in ("last", "best", "area")
    if name not in METRICS or not node.written:
        return of_better if same else "lower"
    written = node.read(Better, of_better)
    if same and written != of_better:
        what = message("of {name}, {better} is better.", name=name, better=of_better)
        node.fault(what, message("leave it out"))
    return written
