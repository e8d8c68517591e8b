"""Products with a matrix most of whose numbers are zero, compiled: what is zero is left out.

A row of such a matrix is the places and values of its other numbers, in order. A row of the result
is their sum of rows of the other factor, in that order: each number is a chain of fused
multiply-adds of its own, so it hangs neither on the columns beside it nor on how many there are.

The innermost loop is written in the compiler's own language (`vectors.py`): what it sums must stay
in registers while places are read, and numba knows no numbers that are vectors.
"""

from __future__ import annotations

from llvmlite import binding

from hikaku.execution.dense.kernels import jit
from hikaku.execution.dense.vectors import add_rows

WIDE = 160 if binding.get_host_cpu_features().get("avx512f") else 64
"""Columns that are summed at once: as many as a processor's registers hold."""

NARROW = 32
"""Columns that are summed at once where fewer than `WIDE` are left."""


@jit
def compressed(x, begins, places, values):  # type: ignore[no-untyped-def]  # numba finds the types
    """Write where the numbers of `x`, (rows, inputs), that are not zero stand, and what they are.

    Those of row i are the places and values from `begins[i]` to `begins[i + 1]`, not included.
    """
    count = 0
    for i in range(x.shape[0]):
        begins[i] = count
        row = x[i]
        for k in range(x.shape[1]):
            # Written in any case, and kept where it is not zero: no branch has to be foretold.
            places[count], values[count] = k, row[k]
            count += row[k] != 0
    begins[x.shape[0]] = count


@jit
def turned(begins, places, values, own_begins, own_places, own_values):  # type: ignore[no-untyped-def]  # as above
    """Write the transposed matrix of one that is `compressed`."""
    own_begins[:] = 0
    for n in range(begins[-1]):
        own_begins[places[n] + 1] += 1
    for k in range(len(own_begins) - 1):
        own_begins[k + 1] += own_begins[k]
    at = own_begins[:-1].copy()
    for i in range(len(begins) - 1):
        for n in range(begins[i], begins[i + 1]):
            k = places[n]
            own_places[at[k]], own_values[at[k]] = i, values[n]
            at[k] += 1


@jit
def add_product(begins, places, values, right, step, alpha, beta, out, out_step, panel, sums):  # type: ignore[no-untyped-def]  # noqa: PLR0913 - as above
    """out = beta · out + alpha · left @ right; with beta = 0, what stands in `out` is not read.

    `left` is one that is `compressed`, (rows, inner); `right`, (inner, columns), and `out` lie in
    flat arrays, a row every `step` and `out_step` numbers. `panel`, (inner, `WIDE`), and `sums`,
    (`WIDE`,), are room to work in.
    """
    inner, begin = len(panel), 0
    columns = len(right) - (inner - 1) * step
    while begin < columns:
        wide = columns - begin >= WIDE
        width = min(WIDE if wide else NARROW, columns - begin)
        # In one piece: rows of a page each would take longer to find than to read.
        for k in range(inner):
            from_here = k * step + begin
            given, row = right[from_here : from_here + width], panel[k]
            for j in range(width):
                row[j] = given[j]
        for i in range(len(begins) - 1):
            if wide:
                add_rows(panel, places, values, begins[i], begins[i + 1], sums, WIDE)
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
