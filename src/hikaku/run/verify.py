"""`verify-resume`: prove, on the study's own arms, that what is interrupted goes on bit for bit."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass, replace
from typing import Any

from hikaku.errors import Fault, StudyError
from hikaku.execution.job import Job
from hikaku.execution.orders import Verify
from hikaku.execution.workers import Workers, answered
from hikaku.record import Checkpoint
from hikaku.records import Record
from hikaku.run.choose import Chooser
from hikaku.run.gather_data import Notes
from hikaku.run.identify import Identified, identify
from hikaku.study.held import whys
from hikaku.study.study import Engine, Outside, Study, trained
from hikaku.words import Message, message

FEW_NAMES = 3
"""So many names of states are told where two trainings part."""


@dataclass(frozen=True)
class Parted:
    """Where a resumed training parts from the uninterrupted one: update, and the names that do.

    `module` is the first one whose output differs in that update, "" where none is known.
    """

    update: int
    names: tuple[str, ...]
    module: str = ""

    @property
    def what(self) -> Message:
        """Say it in a sentence."""
        names = ", ".join(self.names[:FEW_NAMES])
        if self.module:
            return message(
                "resumed, it computes something else from update {update} on: the first to differ "
                "is the output of the module `{module}`",
                update=self.update,
                module=self.module,
            )
        return message(
            "resumed, it is another training from update {update} on: {names}",
            update=self.update,
            names=names,
        )


def verify_resume(
    study: Study, store: str, watch: Notes, engine: Engine = "auto"
) -> Iterator[Message]:
    """Yield, arm by arm, that it goes on bit for bit; raise `StudyError` with all that do not.

    Each is trained for up to 20 updates, and again in another process from its state halfway.
    `watch` hears what goes on meanwhile. Nothing is kept.
    """
    if isinstance(study.base, Outside) or whys(trained(arm.work).model.name for arm in study.arms):
        raise StudyError.of(
            message("only what workers of ours train is ever interrupted and resumed"),
            where=f"{study.name}:",
            why=message("an outside arm, or a model of this process, starts again at zero"),
        )
    faults: list[Fault] = []
    with closing(Workers(1)) as pool, tempfile.TemporaryDirectory() as folder:
        known = identify(study, watch, Chooser(store, pool, 1, engine))
        for arm, job in _jobs(known, folder):
            watch.note(message("{arm}: twice the same updates ...", arm=arm))
            first = json.loads(answered(pool, Verify(job)))
            if first["checkpoint"] is None:
                yield message("{arm}: it ends before there is anything to go on from", arm=arm)
                continue
            again = json.loads(answered(pool, Verify(_going_on(job, first["checkpoint"]))))
            parted = compared(first, again)
            if parted is None:
                yield message(
                    "{arm}: interrupted after update {half} of {all}, it ends bit for bit the same",
                    arm=arm,
                    half=first["checkpoint"]["step"],
                    all=max(map(int, first["state"])),
                )
            else:
                faults.append(Fault(parted.what, f"{study.name} ({arm}):", WHY, MEND))
    StudyError.gather(faults)


WHY = message("something that decides the result stands in no file")
MEND = message(
    "keep what changes in parameters or registered buffers, and draw from torch's global generator"
)


def _jobs(known: Identified, folder: str) -> Iterator[tuple[str, Job]]:
    """Yield each arm with the job of its first seed, which keeps in this folder."""
    told: set[str] = set()
    for key in known.trials:
        arm, _ = known.names(key)
        if arm not in told:
            told.add(arm)
            job = known.job(key, folder)
            # An outside arm has been refused above.
            assert isinstance(job, Job)
            yield arm, job


def _going_on(job: Job, made: dict[str, Any]) -> Job:
    records = tuple(Record(**row) for row in made["records"])
    return replace(job, saved=(Checkpoint(**{**made, "records": records}),))


def compared(first: Mapping[str, Any], again: Mapping[str, Any]) -> Parted | None:
    """Return where two answers of `execution.verify` part; None where they do not."""
    for update, state in sorted(again["state"].items(), key=lambda one: int(one[0])):
        other = first["state"].get(update, {})
        names = tuple(n for n in sorted({*state, *other}) if state.get(n) != other.get(n))
        if names:
            one, two = (outputs.get(update, {}) for outputs in (first["outputs"], again["outputs"]))
            module = next((n for n, said in one.items() if two.get(n) != said), "")
            return Parted(int(update), names, module)
    return None
