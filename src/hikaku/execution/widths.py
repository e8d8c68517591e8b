"""How wide a stack is on a GPU: the planner's arithmetic, which needs no torch."""

from __future__ import annotations

COPIES = 10
"""Of its parameters a trial holds: the weights, their gradients and two moments, the last three
again while they are replaced, the best weights so far, and two for what is between."""

USED = 0.8
"""The share of a device's memory that is planned with; the rest is the allocator's."""

EIGHT = 8


def padded(lanes: int) -> int:
    """Return the width of a stack on a GPU that holds `lanes` trials, from 1.

    Powers of two up to 8 and multiples of 8 above. Kernels are chosen by shape, so the width is
    part of the arithmetic there; few widths mean few arithmetics.
    """
    if lanes <= EIGHT:
        return max(2, 1 << (lanes - 1).bit_length())
    return -(-lanes // EIGHT) * EIGHT


def lanes_that_fit(parameters: int, activations: int, memory: int, itemsize: int = 4) -> int:
    """Return how many trials a device of `memory` bytes takes at once, at least 1: an estimate.

    A trial has `parameters` numbers of `itemsize` bytes, of which it holds ten copies, and
    `activations` bytes that one forward pass of a batch leaves, twice with their gradients. The
    answer is a width that `padded` leaves as it is (or 1). `memory` is what the data leaves free.
    """
    each = COPIES * itemsize * parameters + 2 * activations
    lanes = max(1, int(USED * memory) // max(1, each))
    if lanes >= EIGHT:
        return lanes // EIGHT * EIGHT
    return 1 << (lanes.bit_length() - 1)
