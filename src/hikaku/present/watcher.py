"""`Watcher`: what a run tells of itself while it goes on, to whoever looks on."""

from __future__ import annotations

from collections.abc import Mapping

from hikaku.analysis.course import Course
from hikaku.present.tally import Planned
from hikaku.record import Measured, Results
from hikaku.study.study import Study
from hikaku.words import Message


class Watcher:
    """Somebody who looks on while a study runs; who overrides nothing hears and says nothing."""

    def planned(self, study: Study, plan: Planned, workers: int, there: Results) -> None:
        """Hear what is going to be trained, by how many workers, and what is there already.

        The budget of `study` is what is left of it.
        """

    def placed(self, arm: str, seed: int, worker: int, engine: str) -> None:
        """Hear that a trial has begun, by which worker (from 1 on), and what computes it."""

    def progress(self, arm: str, seed: int, step: int, steps: int) -> None:
        """Hear that a trial has begun (step 0) or come this far."""

    def read(self, arm: str, seed: int, step: int, scores: Mapping[str, float]) -> None:
        """Hear what was read of a trial on its way, by split and metric ("validation loss")."""

    def ended(self, arm: str, seed: int, measured: Measured) -> None:
        """Hear that a trial has ended, how, and all that it measured."""

    def looked(self, variant: str, went: Course) -> None:
        """Hear what the run itself has just seen of a comparison, to decide how to go on."""

    def note(self, what: Message) -> None:
        """Hear something that is worth a line."""

    def tick(self) -> None:
        """Hear that nothing has happened for a moment."""

    def close(self) -> None:
        """Hear that nothing more will come."""
