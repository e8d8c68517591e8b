"""Killed and resumed, a training ends bit for bit where it would have: tried on a whole one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import torch

from hikaku.checks.bench import CLASSES, STEPS, Subject, images, targets
from hikaku.checks.compare import require, same
from hikaku.study.recipe import Evaluation
from hikaku.training import metrics
from hikaku.training.alone import train_alone
from hikaku.training.evaluate import Part, Reader
from hikaku.training.saving import NEVER, Saving
from hikaku.training.snapshot import Snapshot, decode, encode
from hikaku.training.stack import Material, Start, Trained

PIECES = 2
"""Batches of a training's data: an epoch ends, and another begins, on the way."""


@dataclass
class Memory:
    """Saves every state as the content of a file, by update."""

    content: dict[int, bytes] = field(default_factory=dict)
    taken: dict[int, Snapshot] = field(default_factory=dict)

    def is_due(self, update: int, evaluated: bool) -> bool:
        """Return True."""
        return True

    def save(self, snapshots: Mapping[int, Snapshot]) -> None:
        """Keep it as bytes; what does not stand in the file is beside it."""
        (snapshot,) = snapshots.values()
        self.content[snapshot.update] = encode(snapshot, "subject", "here")
        self.taken[snapshot.update] = snapshot


def killed_and_resumed_it_ends_the_same(subject: Subject) -> None:
    """Resumed from its state after any update, it ends bit for bit as if never interrupted.

    From the state's file, in a program built anew, evaluations on the way included.
    """
    memory = Memory()
    whole = _trained(_start(subject), memory)
    require(bool(memory.content), "it ended before it could be saved once")
    for update, content in memory.content.items():
        start = _start(subject)
        records = memory.taken[update].records
        snapshot = decode(content, "subject", "here", start.state, records)
        again = _trained(replace(start, snapshot=snapshot))
        told = f"resumed after update {update} of {STEPS} it ends otherwise"
        require(again.step == whole.step, f"{told}: after {again.step} updates, not {whole.step}")
        same(whole.state, again.state, told)
        require(repr(again.records) == repr(whole.records), f"{told}: its records differ")


def _start(subject: Subject) -> Start:
    recipe = replace(subject.recipe(subject.use()), evaluate_every=Evaluation(2, "step", 2))
    program, state = subject.program(recipe, 0)
    reader = Reader(CLASSES, metrics.CLASSIFICATION[:3], metrics.CLASSIFICATION[:3])
    train, other = _part(range(PIECES)), _part(range(PIECES, PIECES + 1))
    return Start(program, state, recipe, Material(train, other, other, other, reader), 0)


def _part(numbers: range) -> Part:
    """Return these batches of the bench as one split."""
    y = torch.cat([targets(0, number).argmax(1) for number in numbers])
    return Part(torch.cat([images(0, number) for number in numbers]), y)


def _trained(start: Start, saving: Saving = NEVER) -> Trained:
    return train_alone(start, lambda seen: None, saving=saving)
