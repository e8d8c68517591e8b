"""`Watch`: somebody who looks on while a study runs, and what there is to tell them."""

from __future__ import annotations

from collections.abc import Iterator

from hikaku.analysis.course import Course
from hikaku.analysis.finding import WORDS
from hikaku.analysis.numbers import seeds_text
from hikaku.execution.happenings import (
    Ended,
    Halved,
    Happening,
    Parking,
    Retried,
    Started,
    Waiting,
)
from hikaku.execution.orders import Doubted, Progress, Saved, Unsaved
from hikaku.present.watcher import Watcher
from hikaku.record import Checkpoint
from hikaku.run.identify import Identified
from hikaku.words import Message, message


def tell(watch: Watcher, happening: Happening, known: Identified) -> None:
    """Tell what has happened to a trial, or that nothing has."""
    if isinstance(happening, Started):
        arm, seed = known.names(happening.key)
        watch.placed(arm, seed, happening.worker, known.engine(arm))
        watch.progress(arm, seed, 0, 1)
    elif isinstance(happening, Progress):
        arm, seed = known.names(happening.key)
        watch.read(arm, seed, happening.step, happening.scores)
        watch.progress(arm, seed, happening.step, happening.steps)
    elif isinstance(happening, Ended):
        measured = happening.measured
        watch.ended(*known.names(measured.outcome.key), measured)
    elif isinstance(happening, Waiting | Saved):
        watch.tick()
    for line in _notes(happening, known):
        watch.note(line)


def _notes(happening: Happening, known: Identified) -> Iterator[Message]:
    """Yield what of this is worth a line."""
    if isinstance(happening, Retried):
        arm, seed = known.names(happening.key)
        yield message(
            "{arm}, seed {seed}: {reason}; it is tried again",
            arm=arm,
            seed=seed,
            reason=happening.reason,
        )
    elif isinstance(happening, Halved):
        yield message(
            "a stack of {n} trials did not get through, and is tried in halves: {reason}",
            n=len(happening.keys),
            reason=happening.reason,
        )
    elif isinstance(happening, Ended) and happening.measured.outcome.status == "failed":
        yield from _failed(*known.names(happening.measured.outcome.key), happening)
    elif isinstance(happening, Doubted):
        for state, why in happening.states:
            yield _doubted(known, state, why)
    elif isinstance(happening, Unsaved):
        arm, seed = known.names(happening.key)
        yield message(
            "{arm}, seed {seed} cannot be saved on its way ({why}): interrupted, it begins again",
            arm=arm,
            seed=seed,
            why=happening.why,
        )
    elif isinstance(happening, Parking):
        yield message("saving what is on its way; a second signal ends it at once ...")


def _failed(arm: str, seed: int, happening: Ended) -> Iterator[Message]:
    error = happening.measured.outcome.error
    yield message("{arm}, seed {seed} failed: {error}", arm=arm, seed=seed, error=error)
    if happening.log:
        yield message("what it printed: {log}", log=happening.log)


def _doubted(known: Identified, state: Checkpoint, why: str) -> Message:
    arm, seed = known.names(state.key)
    return message(
        "{arm}, seed {seed}: its state after update {step} is of no use ({why}); it goes on from "
        "the one before, or begins again",
        arm=arm,
        seed=seed,
        step=state.step,
        why=why,
    )


def left_out(trials: int) -> Message:
    """Say that trials were asked for which no verdict waits for."""
    return message(
        "{n} trials are left out, for they can change no verdict that was shown: `--fresh` begins "
        "on unused seeds",
        n=trials,
    )


def decided(variant: str, went: Course, still_open: int) -> Message:
    """Say that a comparison has just been decided, and how many are not yet."""
    return message(
        "{variant}: {verdict} after {seeds}; {open} still open ...",
        variant=variant,
        verdict=WORDS[went.verdict],
        seeds=seeds_text(len(went.judged)),
        open=still_open,
    )


def judged_again(variant: str, went: Course) -> Message:
    """Say that a verdict that was shown is read from a wider interval now."""
    return message(
        "{variant} is judged again: its error is now shared among {family} variants",
        variant=variant,
        family=went.rule.family,
    )
