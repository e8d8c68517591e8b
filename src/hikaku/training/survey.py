"""`Survey`: what the planner must know of an arm on its data, from a few samples. No torch.

A worker makes one (`execution/survey.py`); it is kept as text, so that an arm is looked at once.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, fields
from functools import cache
from importlib.metadata import version

from hikaku.words import Message, message

FORM = 6
"""Raised whenever what a survey holds, or how it is found, changes: older texts are not read."""


UNTRIED = message("a stack of it was not tried")
"""The reason why an arm is not lifted, until somebody wants to lift it."""


@dataclass(frozen=True)
class Survey:
    """What was found out about one arm; nothing of it depends on a seed or on a mere number.

    `widths` are those of its chain of dense layers, (784, 100, 10), or () where it is none, and
    `no_chain` says why. `not_taken` says why a hand-derived program cannot follow its recipe,
    `not_in_book` what of model and recipe the NumPy library lacks, `not_lifted` why its step
    cannot be computed for many trials at once; None: it can.

    `flops` are the operations of one update of a whole batch (None: they cannot be counted),
    `zeros` the share of its inputs' numbers that are zero,
    `activation_bytes` what one sample leaves behind in a forward pass for the gradients,
    `parameters` the number of trained weights. `batch_norm`: an answer in training depends on the
    other samples of its batch, as batch norm makes it. `convolves`: there are kernels of images.
    `batch_size` samples are a whole batch, and `micro` is of how many of them gradients are
    computed at once, 0 for all.

    Arms of equal `signature` may share a stack of a hand-derived program: equal data, sizes,
    updates and evaluations. Those of equal `program` may share a lifted one: all else too.
    """

    widths: tuple[int, ...]
    no_chain: Message | None
    not_taken: Message | None
    not_in_book: Message | None
    not_lifted: Message | None
    flops: float | None
    zeros: float
    activation_bytes: int
    parameters: int
    batch_norm: bool
    convolves: bool
    batch_size: int
    micro: int
    signature: str
    program: str

    @property
    def why_not_dense(self) -> Message | None:
        """Why a hand-derived program cannot train the arm; None where it can."""
        return self.no_chain or self.not_taken


REASONS = ("no_chain", "not_taken", "not_in_book", "not_lifted")


def as_json(survey: Survey) -> str:
    """Return the survey as text."""
    said = {"form": _form(), **asdict(survey)}
    return json.dumps(said, ensure_ascii=False, sort_keys=True)


def survey_of(text: str) -> Survey | None:
    """Return the survey of a text; None where a release wrote it that looked otherwise."""
    found = json.loads(text)
    if found.pop("form", None) != _form() or set(found) != {item.name for item in fields(Survey)}:
        return None
    reasons = {name: found[name] and _message(found[name]) for name in REASONS}
    return Survey(**{**found, **reasons, "widths": tuple(found["widths"])})


@cache
def _form() -> str:
    """Return by what a survey is made: another torch may count and trace otherwise."""
    return f"{FORM}, torch {version('torch')}"


def _message(found: dict[str, object]) -> Message:
    values = found["values"]
    assert isinstance(values, list)
    return Message(str(found["id"]), tuple((str(name), value) for name, value in values))
