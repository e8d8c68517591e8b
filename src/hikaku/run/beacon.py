"""`Beacon`: writes beside the store how far a run is, for whoever looks on from another process.

It hears what the supervisor hears and writes about once a second, more rarely where that takes
long. Training never waits for it, and where it cannot write it is silent.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from hikaku.analysis.thin import thin
from hikaku.execution.happenings import Ended, Happening, Retried, Started
from hikaku.execution.orders import Progress
from hikaku.execution.plan import Plan
from hikaku.present.tally import Tally
from hikaku.run.identify import Identified
from hikaku.store import live
from hikaku.store.live import FRESH_SECONDS, Flight, Live
from hikaku.study.study import Study

EVERY_SECONDS = 1.0
SHARE = 0.005
"""So much of the supervisor's time goes into writing."""
SELDOM_SECONDS = FRESH_SECONDS / 2
"""It writes at least so often, or it would be taken for a run that was killed."""
MOST_POINTS = 100
"""Of each curve of a trial on its way; twice as many are kept until they are thinned again."""
MOST_IN_ALL = 10_000
"""Of all curves of all trials on their way: of many trials, each curve has fewer."""
FEWEST_POINTS = 4


@dataclass
class Way:
    """How a trial has gone until now."""

    step: int = 0
    steps: int = 1
    per_epoch: int = 1
    curves: dict[str, list[tuple[int, float]]] = field(default_factory=dict)

    def come(self, to: Progress, most: int) -> None:
        """Hear how far it has come, and what was seen there; `most` points are for its curves."""
        self.step, self.steps, self.per_epoch = to.step, to.steps, to.per_epoch
        room = max(FEWEST_POINTS, min(MOST_POINTS, most // max(1, len(to.scores))))
        for name, value in to.scores.items():
            if math.isfinite(value):
                points = self.curves.setdefault(name, [])
                points.append((to.step, float(value)))
                if len(points) > 2 * room:
                    kept = thin(np.array([height for _, height in points]), room)
                    points[:] = [points[place] for place in kept]


@dataclass
class Beacon:
    """Hears a run, and writes `file`; `folder` is the study's, seen from the store's."""

    file: Path
    folder: str
    known: Identified
    clock: Callable[[], float] = time.monotonic
    ways: dict[str, Way] = field(default_factory=dict)
    _next: float = -math.inf

    def __post_init__(self) -> None:
        """Begin to count."""
        self._tally = Tally(self.clock)

    def planned(self, study: Study, plan: Plan) -> None:
        """Hear what is to be trained; the study has what is left of its budget."""
        self._tally.begin(study, plan)
        self._write()

    def hear(self, happening: Happening) -> None:
        """Hear what has happened; now and then, write how things stand."""
        if isinstance(happening, Started):
            self.ways[happening.key] = Way()
        elif isinstance(happening, Progress):
            way = self.ways.setdefault(happening.key, Way())
            way.come(happening, MOST_IN_ALL // len(self.ways))
        elif isinstance(happening, Ended):
            self._tally.ended += 1
            self.ways.pop(happening.measured.outcome.key, None)
        elif isinstance(happening, Retried):
            self.ways.pop(happening.key, None)
        if self.clock() >= self._next:
            self._write()

    def close(self) -> None:
        """Say that nothing is on its way any more."""
        live.remove(self.file)

    def _write(self) -> None:
        began = self.clock()
        with suppress(OSError):
            live.write(self.file, self._live())
        ended = self.clock()
        rest = max(EVERY_SECONDS, (ended - began) / SHARE)
        self._next = ended + min(rest, SELDOM_SECONDS)

    def _live(self) -> Live:
        tally = self._tally
        return Live(
            self.known.study.name, self.folder, tally.total, tally.at_most, tally.ended,
            tally.seconds, tally.left, tuple(
                Flight(
                    *self.known.names(key), way.step, way.steps, way.per_epoch,
                    {name: tuple(points) for name, points in way.curves.items()},
                )
                for key, way in self.ways.items()
            ),
        )  # fmt: skip
