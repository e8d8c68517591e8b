"""An exception of a user's code in words: what it said, on which line, what was given, the mend."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from hikaku.errors import HikakuError, StudyError
from hikaku.user_code import line_of, said
from hikaku.words import Message, message

SIZES = re.compile(r"mat1 and mat2 shapes cannot be multiplied \(\d+x(\d+) and (\d+)x\d+\)")
CHANNELS = re.compile(r"expected input.* to have (\d+) channels, but got (\d+) channels")
DTYPES = re.compile(r"dtype|scalar type|same type|data type", re.IGNORECASE)


def forward_fails(error: str) -> Message:
    """Return what is said where a model cannot be run."""
    return message("model: its forward fails: {error}", error=error)


@contextmanager
def blaming(what: Callable[[str], Message], given: str) -> Iterator[None]:
    """Turn any exception inside into a `StudyError` with the user's line and what was `given`.

    `what` makes the sentence from the exception's own. What we can already explain goes through
    as it is.
    """
    try:
        yield
    except HikakuError:
        raise
    except Exception as error:
        raise StudyError.of(
            what(said(error)),
            where=line_of(error),
            why=message("it was given {given}", given=given),
            mend=mend_of(said(error)),
        ) from error


def mend_of(error: str) -> Message:
    """Return what mends an error of a model in these words."""
    sizes, channels = SIZES.search(error), CHANNELS.search(error)
    if sizes or channels:
        gets, takes = (
            sizes.groups() if sizes else (channels.groups()[::-1] if channels else ("", ""))
        )
        return message(
            "a layer there takes {takes} features and gets {gets}; a parameter named `inputs` is "
            "given the shape of one sample, to size it by",
            takes=takes,
            gets=gets,
        )
    if "does not require grad" in error:
        return message(
            "no parameter that trains reaches the loss: look for torch.no_grad(), detach() or "
            "checkpoint(…, use_reentrant=True)"
        )
    if "modified by an inplace operation" in error:
        return message(
            "a result is overwritten that gradients need, perhaps by a call in place behind an "
            "edit: write x = x + y for x += y, and leave out inplace=True"
        )
    if "indices" in error:
        return message("an embedding looks up whole numbers: let the data give int64")
    if DTYPES.search(error):
        return message(
            "weights and inputs are of different kinds: put an embedding before whole numbers "
            "(tokens); turn a model of float64 or float16 into float32 by model.float()"
        )
    return message("run forward on a batch of this shape by hand; the same error will come")
