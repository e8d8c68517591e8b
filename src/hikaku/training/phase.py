"""Which part of an update an exception comes from: the forward pass, the loss, the optimizer …

Eats an exception that went through `training/step.py`. Makes the part's name, and a `StudyError`.
"""

from __future__ import annotations

import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import pairwise
from types import FrameType

from hikaku.errors import HikakuError, StudyError
from hikaku.models.blame import forward_fails, mend_of
from hikaku.training.step import step
from hikaku.user_code import line_of, said
from hikaku.words import Message, message

FORWARD = message("the forward pass")
BACKWARD = message("the backward pass")
PHASES: dict[str, Message] = {
    "change": message("an augmentation"),
    "model": FORWARD,
    "loss": message("the loss"),
    "penalty": message("a penalty"),
    "grad": BACKWARD,
    "gradient": message("the gradient's technique"),
    "clip": message("clipping"),
    "rate": message("the schedule"),
    "update": message("the optimizer"),
    "project": message("the projection"),
    "fold": message("averaging"),
}
"""By the function that `step` and its helpers call there."""

MODEL = (FORWARD, BACKWARD)
"""Where the model is asked, so that what is known of a model's mistakes may be said."""


def phase_of(error: BaseException) -> Message | None:
    """Return the part of an update that failed, None where it was none of them.

    It is the last one that `step.py` itself called.
    """
    frames, found = _frames(error), None
    for caller, called in pairwise(frames):
        if _is_ours(caller) and not _is_ours(called):
            found = PHASES.get(called.f_code.co_name, found)
    return found


def _frames(error: BaseException) -> list[FrameType]:
    return [frame for frame, _ in traceback.walk_tb(error.__traceback__)]


def _is_ours(frame: FrameType) -> bool:
    return frame.f_code.co_filename == step.__code__.co_filename


@contextmanager
def first_update(given: str) -> Iterator[None]:
    """Turn any exception of an update into a `StudyError` that names the part that failed.

    `given` says what the model was given. What we can already explain goes through as it is.
    """
    try:
        yield
    except HikakuError:
        raise
    except Exception as error:
        phase, told = phase_of(error), said(error)
        raise StudyError.of(
            _what(error, phase, told),
            where=line_of(error),
            why=message("it was given {given}", given=given),
            mend=mend_of(told) if phase in (None, *MODEL) else _mend(phase),
        ) from error


def _what(error: BaseException, phase: Message | None, told: str) -> Message:
    if phase is not None:
        return message("the first update fails in {phase}: {error}", phase=phase, error=told)
    if any(map(_is_ours, _frames(error))):
        return message("the first update fails: {error}", error=told)
    return forward_fails(told)  # in evaluation


def _mend(phase: Message | None) -> Message:
    return message(
        "look at {phase} and its settings; the model's forward pass is not what failed", phase=phase
    )
