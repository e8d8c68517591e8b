"""Mean and variance of the channels of images, in one pass: sums stay in registers.

Numbers are taken as rounds of as many whole vectors as hold whole pixels, so each column of a round
belongs to one channel, however few the channels.
"""

from __future__ import annotations

from functools import partial
from math import gcd
from typing import Any

import numpy as np
from numba import types
from numba.extending import intrinsic

from hikaku.training.kernels import norm
from hikaku.training.kernels.compiled import compiled
from hikaku.training.kernels.norm import BLOCK, Float64, Floats, line
from hikaku.training.kernels.vector import NUMBERS, arrays, repeat, vector_of, wide


@intrinsic(prefer_literal=True)
def _add_deviations(typing, x, guess, sums, sums2, rounds, count):  # type: ignore[no-untyped-def]  # numba finds the types
    kinds = (x, guess, sums, sums2, rounds, count)
    return types.void(*kinds), partial(_adding, count.literal_value)


add_deviations: Any = _add_deviations
"""Write the sums of x − guess and of its square, for the first `count` vectors of some rounds.

`rounds` is where the first begins in `x`, where they end, and how far they lie apart. For use in
what numba compiles, where `count` is a constant: arrays are flat.
"""


def _adding(count: int, context: Any, builder: Any, signature: Any, given: Any) -> Any:
    """Write the loop."""
    x, guess, *sums = arrays(context, builder, signature, given)
    begin, end, step = (builder.extract_value(given[4], n) for n in range(3))
    stored, vector = (vector_of(context, builder, signature.args[n]) for n in (0, 1))
    guesses = [vector.read(guess.data, k) for k in range(count)]

    def add(place: Any, found: list[Any]) -> list[Any]:
        row = builder.gep(x.data, [place])
        apart = [builder.fsub(wide(builder, stored.read(row, k)), guesses[k]) for k in range(count)]
        once, squared = found[:count], found[count:]
        return [
            *(builder.fadd(total, d) for total, d in zip(once, apart, strict=True)),
            *(vector.plus_product(total, d, d) for total, d in zip(squared, apart, strict=True)),
        ]

    found = repeat(builder, begin, end, step, [vector.zero] * (2 * count), add)
    for k in range(count):
        vector.write(found[k], sums[0].data, k)
        vector.write(found[count + k], sums[1].data, k)
    return context.get_dummy_value()


@compiled
def join(figures: Float64, j: int, before: int, size: int, mean: float, squares: float) -> None:
    """Join a set's mean and sum of squared deviations to those of the `before` numbers of column j.

    Chan, Golub & LeVeque 1979: the figures of two sets make those of their union.
    """
    if size == 0:
        return
    apart, both = mean - figures[0, j], before + size
    figures[0, j] += apart * size / both
    figures[1, j] += squares + apart * apart * size * before / both


@compiled
def add_rounds(x: Floats, guess: Floats, sums: Floats, sums2: Floats, begin: int) -> None:
    """Write the sums of x − guess and of its square, for each column of rounds from `begin` on."""
    columns, j = len(guess), 0
    while j < columns:
        some, more, most = guess[j:], sums[j:], sums2[j:]
        rounds = (begin + j, len(x), columns)
        if len(some) >= 4 * NUMBERS:
            add_deviations(x, some, more, most, rounds, 4)
            j += 4 * NUMBERS
        elif len(some) >= 2 * NUMBERS:
            add_deviations(x, some, more, most, rounds, 2)
            j += 2 * NUMBERS
        else:
            add_deviations(x, some, more, most, rounds, 1)
            j += NUMBERS


@compiled
def moments(x: Floats, channels: int) -> Float64:
    """Return mean and variance (biased) of the channels of the numbers `x`, flat, (2, channels).

    Deviations from the mean so far are summed up, so nothing cancels.
    """
    columns = channels * (NUMBERS // gcd(channels, NUMBERS))
    whole = len(x) // columns
    guess, sums, sums2 = line(x, columns), line(x, columns), line(x, columns)
    seen, found = np.zeros((2, columns)), np.zeros((2, channels))
    for k in range(min(BLOCK, whole) * columns):
        guess[k % columns] += norm.wide(x[k])
    guess /= max(1, min(BLOCK, whole))
    for start in range(0, whole, BLOCK):
        stop = min(start + BLOCK, whole)
        add_rounds(x[: stop * columns], guess, sums, sums2, start * columns)
        for j in range(columns):
            off = sums[j] / (stop - start)
            within = sums2[j] - sums[j] * off
            join(seen, j, start, stop - start, guess[j] + off, within)
            guess[j] = seen[0, j]
    for j in range(columns):
        join(found, j % channels, j // channels * whole, whole, seen[0, j], seen[1, j])
    # What fills no round.
    for k in range(whole * columns, len(x)):
        join(found, k % channels, k // channels, 1, norm.wide(x[k]), 0.0)
    found[1] /= len(x) // channels
    return found
