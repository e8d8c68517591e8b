"""`[keep]`: which weights stay after training, and the names of their files.

Eats what was written; makes `Keep`, complete: the way in which its monitor is better is worked
out, and where there is no validation split, the train loss is watched instead.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Literal

from hikaku.study.card import PositiveCount
from hikaku.study.metric_words import figure_words
from hikaku.study.metrics import METRICS, on_curve
from hikaku.study.monitor import check_score
from hikaku.study.node import Node
from hikaku.study.recipe import Evaluation
from hikaku.study.study import Data, Keep, Metric
from hikaku.words import Message, message

KEYS = ("weights", "seeds", "monitor", "mode", "every", "what")
ENDING = ".safetensors"
MARK = "hikaku"
"""The entry of a file's metadata that says what the weights belong to."""
STATE = re.compile(rf"\d.*{re.escape(ENDING)}")
"""The names of the states that a trial on its way is saved in; weights begin with a letter."""
LAST = f"last{ENDING}"
BEST = f"best{ENDING}"

_Weights = Literal["best", "last", "all", "none"]
_Mode = Literal["auto", "min", "max"]


def read_keep(node: Node, kind: str, data: Data, metric: Metric) -> Keep:
    """Return what is kept; `kind` is the data set's, "" if unknown, `metric` the judged one."""
    default = Keep(monitor="validation loss" if data.validation else "train loss")
    if not node.written or not node.is_table(KEYS, message("[keep] has no key"), {}):
        return default
    monitor = node["monitor"].read(str, default.monitor)
    place = node["monitor"] if node["monitor"].written else node
    known = check_score(place, "keep", monitor, on_curve(kind, metric), data)
    return Keep(
        weights=node["weights"].read(_Weights, default.weights),
        seeds=node["seeds"].read(Literal["best", "all"], default.seeds),
        monitor=monitor,
        mode=_mode(node["mode"], monitor.partition(" ")[2], metric) if known else default.mode,
        every=node["every"].read(PositiveCount, default.every),
        what=node["what"].read(Literal["weights", "model"], default.what),
        asks=True,
    )


def _mode(node: Node, name: str, metric: Metric) -> Literal["min", "max"]:
    """Return which way of the metric `name` is better; the study says it of its own metric."""
    better = METRICS[name].better if name in METRICS else metric.of_better
    right: Literal["min", "max"] = "max" if better == "higher" else "min"
    written = node.read(_Mode, "auto")
    if written not in ("auto", right):
        what = message("of {name}, {better} is better.", name=name, better=better)
        node.fault(what, message('mode = "{right}", or leave it out', right=right))
    return right


def sentence(keep: Keep) -> Message:
    """Return what stays, in words."""
    if keep.weights == "none":
        return message("none")
    split, _, name = keep.monitor.partition(" ")
    best = message("best {monitor}", monitor=figure_words(split, name))
    what = best if keep.weights == "best" else message("{which}", which=keep.weights)
    if keep.every > 1 and keep.weights != "last":
        what = message("{what}, every {k}", what=what, k=keep.every)
    seeds = {"best": message("of each arm's best seed"), "all": message("of every seed")}
    what = message("{what}; {seeds}", what=what, seeds=seeds[keep.seeds])
    return message("{what}; with the source files", what=what) if keep.what == "model" else what


def counts(keep: Keep, when: Evaluation, update: int, steps_per_epoch: int) -> bool:
    """Return whether the evaluation after `update` counts; the one at the end always does."""
    if when.unit == "epoch":
        return update % (keep.every * steps_per_epoch) == 0
    return (update - when.start) // when.every % keep.every == keep.every - 1


def best_file(keep: Keep) -> str:
    """Return the name of the file of the best weights; another monitor's is another file."""
    plain = Keep()
    if (keep.monitor, keep.every) == (plain.monitor, plain.every):
        return BEST
    every = f"-every-{keep.every}" if keep.every > 1 else ""
    return f"best-{re.sub(r'[^a-z0-9]+', '-', keep.monitor.lower())}{every}{ENDING}"


def evaluation_file(when: Evaluation, update: int, steps_per_epoch: int) -> str:
    """Return the name of the file of one evaluation's weights."""
    if when.unit == "epoch":
        return f"epoch-{-(-update // steps_per_epoch):04}{ENDING}"
    return f"step-{update:06}{ENDING}"


def wanted(
    keep: Keep, when: Evaluation, updates: Iterable[int], steps_per_epoch: int
) -> tuple[str, ...]:
    """Return the names of the files that stay of a trial that was evaluated after `updates`."""
    if keep.weights == "last":
        return (LAST,)
    if keep.weights == "best":
        return (best_file(keep),)
    if keep.weights == "none":
        return ()
    known = sorted(set(updates))
    return tuple(
        evaluation_file(when, update, steps_per_epoch)
        for update in known
        if update == known[-1] or counts(keep, when, update, steps_per_epoch)
    )
