"""Products with a matrix most of whose numbers are zero, compiled: what is zero is left out.

A row of such a matrix is the places and values of its other numbers, in order. A row of the result
is their sum of rows of the other factor, in that order: each number is a chain of fused
multiply-adds of its own, so it hangs neither on the columns beside it nor on how many there are.

The innermost loop, `add_rows`, is written in the language of numba's compiler, so that sums stay in
registers.
"""

from __future__ import annotations

from functools import partial
from typing import Any

from llvmlite import binding, ir
from numba import types
from numba.core import cgutils
from numba.extending import intrinsic

from hikaku.execution.dense.kernels import jit
from hikaku.training.kernels.compiled import MADE
from hikaku.training.kernels.vector import NUMBERS, WORD, arrays, repeat, vector_of

WIDE = 160 if binding.get_host_cpu_features().get("avx512f") else 64
"""Columns that are summed at once: as many as a processor's registers hold."""

NARROW = 32
"""Columns that are summed at once where fewer than `WIDE` are left."""

LINE = 64
"""Bytes that a processor fetches at once."""


@intrinsic(prefer_literal=True)
def _add_rows(typing, rows, places, values, begin, end, sums, width):  # type: ignore[no-untyped-def]  # noqa: PLR0913 - numba finds the types
    kinds = (rows, places, values, begin, end, sums, width)
    return types.void(*kinds), partial(_written, width.literal_value // NUMBERS)


add_rows: Any = _add_rows
"""Set sums[:width] to Σ values[n] · rows[places[n], :width], n from `begin` to `end`, in order.

Each number is a chain of fused multiply-adds. For use in what numba compiles: `rows` has two
dimensions, the other arrays have one, all are in one piece, and `width` is a constant, a multiple
of `NUMBERS`.
"""


def _written(count: int, context: Any, builder: Any, signature: Any, given: Any) -> Any:
    """Write the loop, whose sums are `count` vectors."""
    rows, places, values, sums = arrays(context, builder, signature, given)
    vector = vector_of(context, builder, signature.args[0])
    step = builder.extract_value(rows.shape, 1)

    def add(n: Any, found: list[Any]) -> list[Any]:
        place = builder.zext(builder.load(builder.gep(places.data, [n])), WORD)
        row = builder.gep(rows.data, [builder.mul(place, step)])
        factor = vector.repeated(builder.load(builder.gep(values.data, [n])))
        return [
            vector.plus_product(one, factor, vector.read(row, k)) for k, one in enumerate(found)
        ]

    found = repeat(builder, given[3], given[4], WORD(1), [vector.zero] * count, add)
    for k, one in enumerate(found):
        vector.write(one, sums.data, k)
    return context.get_dummy_value()


@intrinsic
def _fetch(typing, some, place):  # type: ignore[no-untyped-def]  # numba finds the types
    return types.void(some, place), _asked


fetch: Any = _fetch
"""Have the processor bring some[place], of one dimension, near; nothing hangs on it but time."""


def _asked(context: Any, builder: Any, signature: Any, given: Any) -> Any:
    """Write the request."""
    some = context.make_array(signature.args[0])(context, builder, given[0])
    byte, flag = ir.IntType(8).as_pointer(), ir.IntType(32)
    kind = ir.FunctionType(ir.VoidType(), [byte, flag, flag, flag])
    called = cgutils.get_or_insert_function(builder.module, kind, "llvm.prefetch")  # type: ignore[no-untyped-call]  # numba's
    there = builder.bitcast(builder.gep(some.data, [given[1]]), byte)
    read, nearest, data = flag(0), flag(3), flag(1)
    builder.call(called, [there, read, nearest, data])
    return context.get_dummy_value()


def _product(wide: int) -> Any:  # noqa: C901 - loops over arrays are all it is
    """Return the product, compiled for as many columns at once.

    A closure: numba finds its machine code again by what a function closes over, and not by what a
    module knows, which hangs on the processor and not on what numba was told of it.
    """
    code = MADE

    @jit
    def add_product(begins, places, values, right, step, alpha, beta, out, out_step, panel, sums):  # type: ignore[no-untyped-def]  # noqa: PLR0913 - as above
        assert code
        inner, begin = len(panel), 0
        columns = len(right) - (inner - 1) * step
        while begin < columns:
            is_wide = columns - begin >= wide
            width = min(wide if is_wide else NARROW, columns - begin)
            # In one piece: rows of a page each would take longer to find than to read.
            for k in range(inner):
                from_here = k * step + begin
                given, row = right[from_here : from_here + width], panel[k]
                for j in range(width):
                    row[j] = given[j]
            for i in range(len(begins) - 1):
                # Rows of `out` lie far apart: the next one would be waited for.
                following = (i + 1) * out_step + begin
                for j in range(following, min(following + width, len(out)), LINE // out.itemsize):
                    fetch(out, j)
                if is_wide:
                    add_rows(panel, places, values, begins[i], begins[i + 1], sums, wide)
                else:
                    add_rows(panel, places, values, begins[i], begins[i + 1], sums, NARROW)
                to_here = i * out_step + begin
                made = out[to_here : to_here + width]
                if beta == 0:
                    for j in range(width):
                        made[j] = alpha * sums[j]
                else:
                    for j in range(width):
                        made[j] = beta * made[j] + alpha * sums[j]
            begin += width

    return add_product


add_product = _product(WIDE)
"""out = beta · out + alpha · left @ right; with beta = 0, what stands in `out` is not read.

`left` is one that is `compressed`, (rows, inner); `right`, (inner, columns), and `out` lie in
flat arrays, a row every `step` and `out_step` numbers. `panel`, (inner, `WIDE`), and `sums`,
(`WIDE`,), are room to work in.
"""
