"""Which weights of a trial stay, and their files: safetensors, written whole or not at all.

While the trial is trained its files stand in a folder beside the one that they are for; only a
trial that is done moves them there. So no half file of a crashed or diverged trial is ever found.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from errno import ENOSPC
from itertools import chain
from pathlib import Path
from typing import Self

from safetensors.torch import save
from torch import Tensor, nn

from hikaku import durable
from hikaku.errors import Paused, StoreError
from hikaku.study.keep import LAST, MARK, best_file, counts, evaluation_file
from hikaku.study.study import Keep
from hikaku.techniques.slots import Tensors
from hikaku.training.blueprint import Blueprint, finite
from hikaku.training.program import Program
from hikaku.training.snapshot import Held, Snapshot
from hikaku.training.stack import Evaluated, Trained
from hikaku.words import message


@dataclass
class Keeper:
    """Hears every evaluation of one trial and keeps the weights that `keep` asks for.

    `place` is the trial's folder among the store's files, `steps_per_epoch` the updates of an
    epoch; a trial that goes on has a `snapshot`. Used in a `with` block, which leaves nothing
    behind that is not whole, but for what a trial that was saved on its way needs to go on.
    """

    keep: Keep
    program: Program
    blueprint: Blueprint
    place: Path
    steps_per_epoch: int
    snapshot: Snapshot | None = None
    best: Evaluated | None = None
    latest: Evaluated | None = None
    written: list[str] = field(default_factory=list)
    has_states: bool = False

    @property
    def part(self) -> Path:
        """Where the files stand until the trial is done."""
        return self.place.with_name(f"{self.place.name}.part")

    def __enter__(self) -> Self:
        if self.snapshot:
            self.has_states = True
            self.written = list(self.snapshot.written)
            kept = self.snapshot.kept
            self.best = evaluated(kept) if kept else None
        elif self.keep.weights != "none":
            with told_in_words(self.place):
                shutil.rmtree(self.part, ignore_errors=True)
                self.part.mkdir(parents=True)
        return self

    def __exit__(self, *error: object) -> None:
        # States stay until the store knows how the trial ended; whoever keeps it removes them.
        if not self.has_states:
            shutil.rmtree(self.part, ignore_errors=True)

    def saved(self, snapshot: Snapshot) -> Snapshot:
        """Return the snapshot, which is about to be a file, with what is to stay of the weights."""
        self.has_states = True
        seen = self.best
        kept = Held(seen.update, seen.updates, seen.scores, seen.weights()) if seen else None
        return replace(snapshot, kept=kept, written=tuple(self.written))

    def hear(self, seen: Evaluated) -> None:
        """Hear of an evaluation: its weights may be among those that stay."""
        if self.latest and seen.update <= self.latest.update:
            # It has begun again, by another arithmetic: what was seen before is of another trial.
            self.best, self.written = None, []
        self.latest = seen
        when = self.blueprint.work.recipe.evaluate_every
        if counts(self.keep, when, seen.update, self.steps_per_epoch):
            self._consider(seen)

    def finish(self, trained: Trained) -> None:
        """Keep what this trial leaves; of one that diverged, nothing."""
        if trained.status != "done":
            return
        if self.latest is not None:
            self._consider(self.latest)
        if self.keep.weights == "best" and self.best is not None:
            self._write(best_file(self.keep), self.best)
        if self.keep.weights == "last":
            scores = {
                f"{row.split} {row.metric}": row.value
                for row in trained.records
                if row.reading == "last"
            }
            weights = trained.state.weights
            self._write(LAST, Evaluated(trained.step, trained.step, scores, lambda: weights))
        if self.written:
            with told_in_words(self.place):
                self._move()

    def _consider(self, seen: Evaluated) -> None:
        if self.keep.weights == "best" and (
            self.best is None or self._cost(seen) < self._cost(self.best)
        ):
            self.best = held(seen)
        if self.keep.weights == "all":
            when = self.blueprint.work.recipe.evaluate_every
            name = evaluation_file(when, seen.update, self.steps_per_epoch)
            if name not in self.written:
                self._write(name, seen)

    def _cost(self, seen: Evaluated) -> float:
        score = seen.scores.get(self.keep.monitor, float("inf"))
        return -score if self.keep.mode == "max" else score

    def _write(self, name: str, seen: Evaluated) -> None:
        text = self.blueprint.text(
            step=seen.update,
            epoch=-(-seen.update // self.steps_per_epoch),
            scores=finite(seen.scores),
            monitor=self.keep.monitor,
            mode=self.keep.mode,
        )
        tensors = whole(self.program, seen.weights())
        # As bytes, for what goes wrong with the file itself is then told by the system.
        content = save(tensors, {"format": "pt", MARK: text})
        with told_in_words(self.place):
            durable.write(self.part / name, content)
        self.written.append(name)

    def _move(self) -> None:
        durable.make_folder(self.place)
        for name in self.written:
            # Those of a trial that was killed right here have moved already.
            if (self.part / name).exists():
                (self.part / name).replace(self.place / name)
        durable.flush(self.place)


def held(seen: Evaluated) -> Evaluated:
    """Return it with the weights as they are now."""
    weights = dict(seen.weights())
    return replace(seen, weights=lambda: weights)


def evaluated(kept: Held) -> Evaluated:
    """Return an evaluation whose weights were held."""
    return Evaluated(kept.update, kept.updates, kept.scores, lambda: kept.weights)


def whole(program: Program, weights: Tensors) -> Tensors:
    """Return the state_dict of the trial's model with these weights in it.

    Weights that layers share stand there once under each of their names. Trained buffers that a
    state_dict leaves out (`persistent=False`) are there too: the model computes with them.
    """
    model: nn.Module = program.eval_model
    named = chain(model.named_parameters(), model.named_buffers())
    names = {id(value): name for name, value in named}
    known = {**program.constants, **weights}
    own = {n: v for n, v in model.state_dict(keep_vars=True).items() if isinstance(v, Tensor)}
    listed = {id(value) for value in own.values()}
    left_out = {
        name: value
        for name, value in model.named_buffers()
        if id(value) not in listed and name in weights
    }
    return {
        name: plain(known.get(names.get(id(value), name), value))
        for name, value in {**left_out, **own}.items()
    }


def plain(value: Tensor) -> Tensor:
    """Return a copy that shares its memory with nobody, as a file holds it."""
    return value.detach().cpu().contiguous().clone()


@contextmanager
def told_in_words(place: Path) -> Iterator[None]:
    """Raise what the file system says as an error of ours: Paused where the disk is full."""
    try:
        yield
    except OSError as error:
        kind = Paused if error.errno == ENOSPC else StoreError
        raise kind.of(
            message("the weights cannot be kept: {error}", error=error.strerror or error),
            where=f"{place}:",
            mend=message('make room or allow writing there, or write keep.weights = "none"'),
        ) from error
