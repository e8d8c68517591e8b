"""`show trajectories`: the ways of optimizers down x²/20 + y², a long narrow valley."""

from __future__ import annotations

import inspect
import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from hikaku.errors import Fault, StudyError
from hikaku.present.lessons import Trajectories, figure
from hikaku.present.report import Chart, Column, Heading, Report, Table, cells
from hikaku.read.lessons.lesson import counted, figures, finite
from hikaku.reference.arrays import Array
from hikaku.reference.toys import OPTIMIZERS, SETTINGS, START, STEPS, trajectory, valley
from hikaku.study.nearest import suggest
from hikaku.study.overrides import apply
from hikaku.words import Message, message

NAMES = {
    "sgd": "SGD",
    "momentum": "Momentum",
    "adagrad": "AdaGrad",
    "rmsprop": "RMSProp",
    "adam": "Adam",
}
SIZES = frozenset({"lr", "eps", "start"})
"""Settings that may be any size; all others are shares of the past that is kept, below 1."""

LEVELS = (0.05, 0.25, 0.75, 1.75, 3.5, 6.0, 10.0)
POINTS = 121
MOST_STEPS = 10_000
SEEN = (8.0, 2.6)
"""So far from 0 the picture reaches, at least."""


@dataclass(frozen=True, eq=False)
class Way:
    """One optimizer's way, (steps + 1, 2), with its settings."""

    id: str
    settings: Mapping[str, float]
    path: Array

    @property
    def end(self) -> float:
        """f where it ended; NaN where it went beyond all numbers."""
        with np.errstate(all="ignore"):
            return float(valley(self.path[-1, 0], self.path[-1, 1]))

    @property
    def said(self) -> Message:
        """Its name, and f where it ended."""
        return message("{name}: f = {f} at the end", name=NAMES[self.id], f=figure(self.end))


@dataclass(frozen=True, eq=False)
class Ways:
    """The ways of some optimizers from one start."""

    start: tuple[float, float]
    steps: int
    ways: tuple[Way, ...]

    def report(self) -> Report:
        """Return the table of their ends, the lowest first, and the ways as a picture."""
        picture = Trajectories(
            tuple((way.said, way.path) for way in self.ways),
            tuple(_contour(level) for level in LEVELS),
            (max(SEEN[0], 1.15 * abs(self.start[0])), max(SEEN[1], 1.3 * abs(self.start[1]))),
        )
        title = message("{n} steps down {f}", n=self.steps, f="f(x, y) = x²/20 + y²")
        chart = Chart(picture, title, message("the ways of the optimizers over the contours"))
        return Report((Heading(title, level=1), self._table(), chart))

    def as_json(self) -> dict[str, Any]:
        """Return every way, point by point, and f at its end."""
        return {
            "format": 1,
            "start": list(self.start),
            "steps": self.steps,
            "ways": [
                {
                    "optimizer": way.id,
                    "settings": dict(way.settings),
                    "end": finite(way.end),
                    "path": [[finite(x), finite(y)] for x, y in way.path.tolist()],
                }
                for way in self.ways
            ],
        }

    def _table(self) -> Table:
        ranked = sorted(self.ways, key=lambda way: (math.isnan(way.end), way.end))
        return Table(
            columns=(
                Column(message("optimizer"), "name"),
                Column(message("settings"), "words"),
                Column("x", "number"),
                Column("y", "number"),
                Column("f", "number"),
            ),
            rows=tuple(
                cells(
                    NAMES[way.id],
                    ", ".join(f"{key} {value:g}" for key, value in way.settings.items()),
                    *figures(way.path[-1]),
                    *figures([way.end]),
                )
                for way in ranked
            ),
            caption=message("Where they are after it, from ({x}, {y})",
                            x=f"{self.start[0]:g}", y=f"{self.start[1]:g}"),
        )  # fmt: skip  # the caption's two numbers are one point


def ways(
    names: Sequence[str] = (),
    changes: Iterable[str] = (),
    start: tuple[float, float] = START,
    steps: int = STEPS,
) -> Ways:
    """Return the ways of these optimizers, of all five where none is named.

    `changes` are settings such as "sgd.lr=0.5". Raises `StudyError` for a name, setting or number
    that is none of an optimizer's.
    """
    counted("--steps", steps, most=MOST_STEPS)
    chosen = tuple(dict.fromkeys(names)) or tuple(OPTIMIZERS)
    StudyError.gather(_unknown(name) for name in chosen if name not in OPTIMIZERS)
    settings = _changed(chosen, changes)
    with np.errstate(all="ignore"):  # a rate that is too large leads beyond all numbers
        found = tuple(
            Way(name, settings[name], trajectory(OPTIMIZERS[name](**settings[name]), start, steps))
            for name in chosen
        )
    return Ways(start, steps, found)


def _unknown(name: str) -> Fault:
    what = suggest(message("there is no optimizer '{name}'.", name=name[:60]), name, OPTIMIZERS)
    return Fault(what, mend=message("choose among {names}", names=", ".join(OPTIMIZERS)))


def _changed(names: Sequence[str], changes: Iterable[str]) -> dict[str, dict[str, float]]:
    base = {name: dict(SETTINGS[name]) for name in names}
    changed, paths, faults = apply(base, changes)
    keys = [".".join(map(str, path)) for path in paths]
    StudyError.gather((*faults, *_misnamed(base, keys)))
    StudyError.gather(_misfits(changed, keys))
    return {name: {key: float(value) for key, value in changed[name].items()} for name in names}


def _misnamed(base: Mapping[str, Any], keys: Iterable[str]) -> Iterator[Fault]:
    """Yield what is wrong with the name of each setting that was written."""
    for key in keys:
        where = f"--set {key}:"
        name, _, setting = key.partition(".")
        if name not in base:
            what = message("no optimizer '{name}' is drawn.", name=name[:60])
            mend = message("choose among {names}", names=", ".join(base))
            yield Fault(suggest(what, name, base), where, mend=mend)
            continue
        known = list(inspect.signature(OPTIMIZERS[name]).parameters)
        if setting not in known:
            what = message("{owner} has no setting '{key}'.", owner=NAMES[name], key=setting[:60])
            mend = message("choose among {names}", names=", ".join(known))
            yield Fault(suggest(what, setting, known), where, mend=mend)


def _misfits(changed: Mapping[str, Any], keys: Iterable[str]) -> Iterator[Fault]:
    """Yield what is wrong with the value of each setting that was written."""
    for key in keys:
        name, _, setting = key.partition(".")
        wanted = _misfit(setting, changed[name][setting])
        if wanted is not None:
            value = str(changed[name][setting])[:60]
            what = message("must be {allowed}, not {value}.", allowed=wanted, value=value)
            yield Fault(what, f"--set {key}:", mend=message("write {allowed}", allowed=wanted))


def _misfit(key: str, value: object) -> Message | None:
    """Return what is wanted of a setting, None where its value is that."""
    most = math.inf if key in SIZES else 1.0
    is_number = isinstance(value, (int, float)) and not isinstance(value, bool)
    if is_number and 0 <= value < most:  # type: ignore[operator]  # it is a number
        return None
    share = message("a number from 0 to below 1")
    return message("a number from 0 on") if key in SIZES else share


def _contour(level: float) -> Array:
    angle = np.linspace(0.0, 2.0 * np.pi, POINTS)
    return np.stack([np.sqrt(20.0 * level) * np.cos(angle), np.sqrt(level) * np.sin(angle)], 1)
