"""What a stub trial measures: a pure function of its key, so that every bit is known beforehand.

A trial's state is a running hash, which is to a stub what weights are to a training: each step
needs the one before, and no bit of the last can be had but by making them all.
"""

from __future__ import annotations

import hashlib
import struct
from collections.abc import Iterator

import numpy as np

from hikaku.record import Measured, Outcome, Sheet, Status
from hikaku.records import Record

STEPS = 20
EVERY = 5
"""A trial is evaluated, and its state kept, after so many steps."""
DIVERGED, FAILED = 12, 20
"""One trial in so many diverges half way; one in so many raises, every time it is tried."""


class Refuses(RuntimeError):
    """What a trial raises that fails."""


def first(key: str) -> bytes:
    """Return the state before the first step, 32 bytes."""
    return hashlib.sha256(key.encode()).digest()


def step(key: str, number: int, state: bytes) -> bytes:
    """Return the state after step `number`, counted from 1."""
    return hashlib.sha256(state + f"{key} {number}".encode()).digest()


def states(key: str) -> Iterator[tuple[int, bytes]]:
    """Yield every step's number and the state after it."""
    state = first(key)
    for number in range(1, last(key) + 1):
        state = step(key, number, state)
        yield number, state


def status(key: str) -> Status:
    """Return how this trial ends where nothing disturbs it."""
    drawn = first(key + " status")[0]
    if drawn % DIVERGED == 0:
        return "diverged"
    return "failed" if drawn % FAILED == 1 else "done"


def last(key: str) -> int:
    """Return the step with which this trial ends."""
    return STEPS if status(key) == "done" else STEPS // 2 + 1


def records(key: str, number: int, state: bytes) -> tuple[Record, ...]:
    """Return what is read after this step; at most steps nothing is."""
    found: tuple[Record, ...] = ()
    if number % EVERY == 0:
        found = (Record("curve", number, "validation", "accuracy", value(state)),)
    if number == STEPS:
        found += (Record("last", number, "test", "accuracy", value(state[8:])),)
    return found


def value(state: bytes) -> float:
    """Return a number of [0, 1) with as many random bits as it holds."""
    (word,) = struct.unpack_from("<Q", state)
    return float(word >> 11) / 2.0**53


def measured(key: str, found: tuple[Record, ...], number: int, state: bytes) -> Measured:
    """Return what a trial leaves that has ended after this step with these records."""
    outcome = Outcome(
        key=key,
        status=status(key),
        step=number,
        epoch=number // EVERY,
        steps_per_epoch=EVERY,
        parameters=32,
        arithmetic="stub",
        environment="stub",
        samples=(1, 1, 1),
    )
    return Measured(outcome, found, (Sheet("state", np.frombuffer(state, dtype=np.uint8)),))


def expected(key: str) -> Measured:
    """Return what a trial leaves that nothing disturbs; of one that fails, its status counts."""
    found: tuple[Record, ...] = ()
    number, state = 0, first(key)
    for number, state in states(key):
        found += records(key, number, state)
    return measured(key, found, number, state)
