"""How numbers are laid out for the units that multiply tiles, and what is done with their sums."""

from __future__ import annotations

from functools import partial
from typing import Any

from llvmlite import ir
from numba import types
from numba.extending import intrinsic

from hikaku.training.kernels.vector import (
    BYTE,
    INT,
    NUMBERS,
    SHORT,
    WORD,
    Vector,
    arrays,
    numbers,
    repeat,
    stored,
    vector_of,
    vectors,
    wide,
    window,
)
from hikaku.training.kernels.windows import BYTES, largest

PAIRS, LONG = ir.VectorType(INT, NUMBERS), ir.VectorType(SHORT, 2 * NUMBERS)


@intrinsic
def _finish_windows(typing, sums, bias, y, places, begins, steps, floor, none):  # type: ignore[no-untyped-def]  # noqa: PLR0913 - numba finds the types
    return types.void(sums, bias, y, places, begins, steps, floor, none), _finishing


finish_windows: Any = _finish_windows
"""Write what pooling leaves of `NUMBERS` windows of sums, with the bias, and its place in each.

`begins` says where in `sums`, in `bias`, and in `y` and `places`; `steps` is how far the next row
and the next pixel of the sums are behind. What is not above `floor` is left out; where that is all,
the place is `none`. As bfloat16 goes into `y`. For use in what numba compiles: all are flat.
"""


def _finishing(context: Any, builder: Any, signature: Any, given: Any) -> Any:
    """Write what is done with four vectors."""
    sums, bias, y, places = arrays(context, builder, signature, given)
    begins = numbers(builder, given[4])
    vector, out = (vector_of(context, builder, signature.args[n]) for n in (0, 2))
    added = vector.read(builder.gep(bias.data, [begins[1]]), 0)
    values = [
        builder.fadd(vector.read(pointer, 0), added)
        for pointer in window(builder, sums.data, begins[0], *numbers(builder, given[5]))
    ]
    best, at = largest(builder, vector, values, given[6], given[7])
    out.write(stored(builder, best, out.number), builder.gep(y.data, [begins[2]]), 0)
    _write(builder, at, builder.gep(places.data, [begins[2]]))
    return context.get_dummy_value()


@intrinsic
def _finish_pixel(typing, sums, bias, y, begins):  # type: ignore[no-untyped-def]  # as above
    return types.void(sums, bias, y, begins), _rounding


finish_pixel: Any = _finish_pixel
"""Write `NUMBERS` sums, with the bias, as bfloat16; `begins` as in `finish_windows`."""


def _rounding(context: Any, builder: Any, signature: Any, given: Any) -> Any:
    """Write one addition."""
    vector, out = (vector_of(context, builder, signature.args[n]) for n in (0, 2))
    sums, bias, y = (
        builder.gep(one.data, [begin])
        for one, begin in zip(
            arrays(context, builder, signature, given), numbers(builder, given[3]), strict=True
        )
    )
    value = builder.fadd(vector.read(sums, 0), vector.read(bias, 0))
    out.write(stored(builder, value, out.number), y, 0)
    return context.get_dummy_value()


@intrinsic(prefer_literal=True)
def _finish_row(typing, sums, bias, guess, y, seen, begins, counts, keeps):  # type: ignore[no-untyped-def]  # noqa: PLR0913 - as above
    kinds = (sums, bias, guess, y, seen, begins, counts, keeps)
    return types.void(*kinds), partial(_adding, keeps.literal_value)


finish_row: Any = _finish_row
"""Add sums of pixels side by side, with their bias and less the `guess`, to seen[1].

Their squares are added to seen[2]. If it `keeps` them, a constant, they are rounded to bfloat16 and
written into `y` before. `begins` says where `NUMBERS` of them are in `sums`, in `y`, and in `bias`,
in `guess` and in the rows of `seen`, (3, kernels), in float64; `counts` are the pixels, how far the
next one is behind in `sums`, and the kernels.
"""


def _adding(keeps: bool, context: Any, builder: Any, signature: Any, given: Any) -> Any:
    """Write the loop over the pixels, in float32."""
    sums, bias, guess, y, seen = arrays(context, builder, signature, given)
    begin, here, first = numbers(builder, given[5])
    count, step, kernels = numbers(builder, given[6])
    vector, out, double = (vector_of(context, builder, signature.args[n]) for n in (0, 3, 4))
    added, about = (vector.read(builder.gep(one.data, [first]), 0) for one in (bias, guess))

    def add(_: Any, carried: list[Any]) -> list[Any]:
        pixel, there, once, squared = carried
        value = builder.fadd(vector.read(pixel, 0), added)
        if keeps:
            kept = stored(builder, value, SHORT)
            out.write(kept, there, 0)
            value = wide(builder, kept)
        apart = builder.fsub(value, about)
        following = [builder.gep(pixel, [step]), builder.gep(there, [kernels])]
        return [
            *following, builder.fadd(once, apart), vector.plus_product(squared, apart, apart)
        ]  # fmt: skip

    starts = [builder.gep(sums.data, [begin]), builder.gep(y.data, [here])]
    _, _, *found = repeat(
        builder, WORD(0), count, WORD(1), [*starts, vector.zero, vector.zero], add
    )
    for n, more in enumerate(found):
        row = builder.add(builder.mul(kernels, WORD(n + 1)), first)
        total = builder.gep(seen.data, [row])
        more = builder.fadd(double.read(total, 0), builder.fpext(more, double.kind))
        double.write(more, total, 0)
    return context.get_dummy_value()


@intrinsic
def _spread(typing, g, places, x, totals, begins, steps):  # type: ignore[no-untyped-def]  # as above
    return types.void(g, places, x, totals, begins, steps), _spreading


spread: Any = _spread
"""Write `NUMBERS` numbers of `g` each at its place in its window of `x`, zeros at the other three.

They are added to the `totals` too. `begins` says where in `g` and `places`, in `x`, and in
`totals`; `steps` is how far the next row and pixel of `x` are behind.
"""


def _spreading(context: Any, builder: Any, signature: Any, given: Any) -> Any:
    """Write four selections."""
    g, places, x, totals = arrays(context, builder, signature, given)
    begins = numbers(builder, given[4])
    short, vector = (vector_of(context, builder, signature.args[n]) for n in (0, 3))
    value = short.read(builder.gep(g.data, [begins[0]]), 0)
    there = builder.bitcast(builder.gep(places.data, [begins[0]]), BYTES.as_pointer())
    place, nothing = builder.load(there, align=1), vectors(SHORT, 0)
    for number, pointer in enumerate(
        window(builder, x.data, begins[1], *numbers(builder, given[5]))
    ):
        is_here = builder.icmp_signed("==", place, vectors(BYTE, number))
        short.write(builder.select(is_here, value, nothing), pointer, 0)
    counts = builder.icmp_signed("!=", place, vectors(BYTE, 4))
    total = builder.gep(totals.data, [begins[2]])
    more = builder.select(counts, wide(builder, value), vector.zero)
    vector.write(builder.fadd(vector.read(total, 0), more), total, 0)
    return context.get_dummy_value()


@intrinsic
def _pair(typing, x, out, begins, step):  # type: ignore[no-untyped-def]  # as above
    return types.void(x, out, begins, step), _pairing


pair: Any = _pair
"""Write `NUMBERS` numbers of `x` and those `step` behind in turn: a row of a tile on the right.

`begins` says where in `x` and `out`.
"""


def _pairing(context: Any, builder: Any, signature: Any, given: Any) -> Any:
    """Write one shuffle."""
    x, out = arrays(context, builder, signature, given)
    begins = numbers(builder, given[2])
    vector = vector_of(context, builder, signature.args[0])
    one = builder.gep(x.data, [begins[0]])
    both = _in_turn(builder, vector, one, builder.gep(one, [given[3]]))
    _write(builder, both, builder.gep(out.data, [begins[1]]))
    return context.get_dummy_value()


@intrinsic
def _turn(typing, x, out, begins, steps):  # type: ignore[no-untyped-def]  # as above
    return types.void(x, out, begins, steps), _turning


turn: Any = _turn
"""Write 2 · `NUMBERS` rows of `NUMBERS` numbers of `x` as columns of `out`.

`begins` says where in `x` and `out`, `steps` how far there the next row is behind.
"""


def _turning(context: Any, builder: Any, signature: Any, given: Any) -> Any:
    """Write the transposition of a square of pairs: by blocks of 1, then 2, 4 and 8."""
    x, out = arrays(context, builder, signature, given)
    begins = numbers(builder, given[2])
    step, pitch = numbers(builder, given[3])
    vector = vector_of(context, builder, signature.args[0])
    rows, here = [], builder.gep(x.data, [begins[0]])
    for _ in range(NUMBERS):
        following = builder.gep(here, [step])
        rows.append(builder.bitcast(_in_turn(builder, vector, here, following), PAIRS))
        here = builder.gep(following, [step])
    size = 1
    while size < NUMBERS:
        for n in (n for n in range(NUMBERS) if not n & size):
            first, second = rows[n], rows[n + size]
            upper = [k if not k & size else NUMBERS + k - size for k in range(NUMBERS)]
            lower = [k + size if not k & size else NUMBERS + k for k in range(NUMBERS)]
            rows[n] = _shuffled(builder, first, second, upper)
            rows[n + size] = _shuffled(builder, first, second, lower)
        size *= 2
    there = builder.gep(out.data, [begins[1]])
    for row in rows:
        _write(builder, builder.bitcast(row, LONG), there)
        there = builder.gep(there, [pitch])
    return context.get_dummy_value()


def _in_turn(builder: Any, vector: Vector, one: Any, other: Any) -> Any:
    """Return the numbers behind two pointers in turn."""
    order = [k // 2 + k % 2 * NUMBERS for k in range(2 * NUMBERS)]
    return _shuffled(builder, vector.read(one, 0), vector.read(other, 0), order)


def _shuffled(builder: Any, one: Any, other: Any, order: list[int]) -> Any:
    kind = ir.VectorType(INT, len(order))
    return builder.shuffle_vector(one, other, ir.Constant(kind, order))


def _write(builder: Any, value: Any, pointer: Any) -> None:
    builder.store(value, builder.bitcast(pointer, value.type.as_pointer()), align=1)
