"""Intel's AMX: the units of a processor that multiply tiles of bfloat16, for compiled loops.

A tile is 16 rows of 64 bytes. One instruction adds to 16 × 16 sums in float32 the product of two of
them, 16 · 16 · 32 terms.
"""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np
from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.extending import intrinsic
from numpy.typing import NDArray

from hikaku.training import tiles
from hikaku.training.kernels.vector import BYTE, WORD, arrays, numbers, repeat

ROWS, DEPTH = 16, 32
"""Rows of a tile, and the numbers in bfloat16 of each."""
TILE = ROWS * DEPTH
"""Numbers of a tile in bfloat16."""

POINTER = BYTE.as_pointer()


def shapes() -> NDArray[np.int8]:
    """Return how the units are told their tiles: eight, all of them whole; (64,)."""
    if not tiles.ours():  # who has not asked for them ends by an illegal instruction
        raise RuntimeError("this process cannot use AMX")
    found = np.zeros(64, np.int8)
    found[0] = 1
    found[16:32] = np.array([DEPTH * 2, 0] * 8, np.int8)
    found[48:56] = ROWS
    return found


def _told(name: str) -> Any:
    """Return a function for compiled code that gives 64 bytes to one of the units' instructions."""

    @intrinsic
    def tell(typing, told):  # type: ignore[no-untyped-def]  # numba finds the types
        def write(context: Any, builder: Any, signature: Any, given: Any) -> Any:
            (array,) = arrays(context, builder, signature, given)
            _call(builder, name, builder.bitcast(array.data, POINTER))
            return context.get_dummy_value()

        return types.void(told), write

    return tell


begin_tiles: Any = _told("ldtilecfg")
"""Take up the shapes in these 64 bytes. For use in what numba compiles."""
tiles_now: Any = _told("sttilecfg")
"""Write the shapes that are in use into these 64 bytes, zeros where none are."""


@intrinsic(prefer_literal=True)
def _multiply_tiles(typing, a, b, c, begins, sizes, nexts, high, wide, adds):  # type: ignore[no-untyped-def]  # noqa: PLR0913 - numba finds the types
    kinds = (a, b, c, begins, sizes, nexts, high, wide, adds)
    shape = (high.literal_value, wide.literal_value, adds.literal_value)
    return types.void(*kinds), partial(_multiplying, *shape)


multiply_tiles: Any = _multiply_tiles
"""Write a product of `high` · 16 rows of `a` and `wide` · 16 columns of `b` into `c`.

All are flat; `begins` says where in each. A number of `c`, in float32, is the sum of `rows` times
`steps` products of 32 numbers. Of `a` those lie side by side, of `b` they are tiles, one behind the
other, with the numbers of two rows in turn. `sizes` is (rows, steps, from a row of `a` to the next
one of its tile, from where the numbers for one of the `rows` begin in `a` to where those for the
next do, the same in `b`), `nexts` (to the next tile of `a`, to that of `b`, from a row of `c` to
the next, to its next tile below). If it `adds`, the product is added to what is in `c`. `high` and
`wide`, 1 or 2, and that are constants. For use in what numba compiles, between two `begin_tiles`.
"""


def _multiplying(
    high: int, wide: int, adds: int, context: Any, builder: Any, signature: Any, given: Any
) -> Any:
    """Write the loops: tiles 0 to 3 are the sums, 4 and 5 of `a`, 6 and 7 of `b`."""
    three = zip(arrays(context, builder, signature, given), numbers(builder, given[3]), strict=True)
    a, b, c = (builder.gep(one.data, [begin]) for one, begin in three)
    rows, steps, pitch, a_jump, b_jump = numbers(builder, given[4])
    a_next, b_next, c_pitch, c_next = numbers(builder, given[5])
    a_bytes, b_bytes, c_bytes = (
        builder.mul(pitch, WORD(2)), WORD(2 * DEPTH), builder.mul(c_pitch, WORD(4)),
    )  # fmt: skip
    sums = [(m, n) for m in range(high) for n in range(wide)]

    def place(m: int, n: int) -> Any:
        there = builder.gep(c, [c_next]) if m else c
        return builder.gep(there, [WORD(n * ROWS)])

    for m, n in sums:
        if adds:
            _move(builder, "tileloadd64", 2 * m + n, place(m, n), c_bytes)
        else:
            _call(builder, "tilezero", BYTE(2 * m + n))

    def through_row(row: Any, carried: list[Any]) -> list[Any]:
        def step(number: Any, carried: list[Any]) -> list[Any]:
            left, right = carried
            for m in range(high):
                here = builder.gep(left, [a_next]) if m else left
                _move(builder, "tileloadd64", 4 + m, here, a_bytes)
            for n in range(wide):
                here = builder.gep(right, [b_next]) if n else right
                _move(builder, "tileloadd64", 6 + n, here, b_bytes)
                for m in range(high):
                    _call(builder, "tdpbf16ps", *(BYTE(t) for t in (2 * m + n, 4 + m, 6 + n)))
            return [builder.gep(left, [WORD(DEPTH)]), builder.gep(right, [WORD(TILE)])]

        repeat(builder, WORD(0), steps, WORD(1), carried, step)
        return [
            builder.gep(one, [jump]) for one, jump in zip(carried, (a_jump, b_jump), strict=True)
        ]

    repeat(builder, WORD(0), rows, WORD(1), [a, b], through_row)
    for m, n in sums:
        _move(builder, "tilestored64", 2 * m + n, place(m, n), c_bytes)
    return context.get_dummy_value()


def _move(builder: Any, name: str, tile: int, pointer: Any, pitch: Any) -> None:
    """Write the moving of one tile to or from memory, whose rows are so many bytes apart."""
    _call(builder, name, BYTE(tile), builder.bitcast(pointer, POINTER), pitch)


def _call(builder: Any, name: str, *given: Any) -> None:
    """Write one instruction of the units."""
    kind = ir.FunctionType(ir.VoidType(), [value.type for value in given])
    called = cgutils.get_or_insert_function(builder.module, kind, f"llvm.x86.{name}")  # type: ignore[no-untyped-call]  # numba's
    builder.call(called, list(given))
