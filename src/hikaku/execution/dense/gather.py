"""Products with a matrix most of whose numbers are zero, compiled: what is zero is left out.

A row of such a matrix is the places and values of its other numbers, in order. A row of the result
is their sum of rows of the other factor, in that order: each number is a chain of fused
multiply-adds of its own, so it hangs neither on the columns beside it nor on how many there are.

What numba compiles reads such a sum from memory and writes it back at each term. So the innermost
loop, `add_rows`, is written in the language of its compiler: there vectors are values, which stay
in registers, and one that is longer than the processor's becomes several. All of it is one file:
numba keeps machine code until the file of the function changes.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import Any

from llvmlite import binding, ir
from numba import types
from numba.core import cgutils
from numba.extending import intrinsic

from hikaku.execution.dense.kernels import jit

WIDE = 160 if binding.get_host_cpu_features().get("avx512f") else 64
"""Columns that are summed at once: as many as a processor's registers hold."""

NARROW = 32
"""Columns that are summed at once where fewer than `WIDE` are left."""

NUMBERS = 16
"""Numbers of one vector."""

LINE = 64
"""Bytes that a processor fetches at once."""

WORD = ir.IntType(64)


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
    rows, places, values, sums = (
        context.make_array(kind)(context, builder, value)
        for kind, value in zip(signature.args, given, strict=True)
        if isinstance(kind, types.Array)
    )
    begin, end = given[3:5]
    number = context.get_data_type(signature.args[0].dtype)
    vector = Vector(builder, number, context.get_abi_sizeof(number))
    before = builder.block
    head, body, after = (builder.append_basic_block(f"rows.{n}") for n in range(3))

    builder.branch(head)
    builder.position_at_end(head)
    n = builder.phi(WORD)
    found = [builder.phi(vector.kind) for _ in range(count)]
    builder.cbranch(builder.icmp_signed("<", n, end), body, after)

    builder.position_at_end(body)
    place = builder.zext(builder.load(builder.gep(places.data, [n])), WORD)
    step = builder.extract_value(rows.shape, 1)
    row = builder.gep(rows.data, [builder.mul(place, step)])
    factor = vector.repeated(builder.load(builder.gep(values.data, [n])))
    more = [vector.plus_product(one, factor, vector.read(row, k)) for k, one in enumerate(found)]
    following = builder.add(n, WORD(1))
    builder.branch(head)
    starts, nexts = [begin, *[vector.zero] * count], [following, *more]
    for phi, start, new in zip([n, *found], starts, nexts, strict=True):
        phi.add_incoming(start, before)
        phi.add_incoming(new, body)

    builder.position_at_end(after)
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


@dataclass(frozen=True)
class Vector:
    """`NUMBERS` numbers of a kind, each of `size` bytes, and what is done with them."""

    builder: Any
    number: Any
    size: int

    @property
    def kind(self) -> Any:
        """Their type."""
        return ir.VectorType(self.number, NUMBERS)

    @property
    def zero(self) -> Any:
        """Zeros."""
        return ir.Constant(self.kind, [0.0] * NUMBERS)

    def read(self, pointer: Any, place: int) -> Any:
        """Return the vector of this number behind a pointer."""
        return self.builder.load(self._at(pointer, place), align=self.size)

    def write(self, value: Any, pointer: Any, place: int) -> None:
        """Write it there."""
        self.builder.store(value, self._at(pointer, place), align=self.size)

    def repeated(self, value: Any) -> Any:
        """Return one number in all places."""
        one = self.builder.insert_element(ir.Constant(self.kind, ir.Undefined), value, WORD(0))
        first = ir.Constant(ir.VectorType(ir.IntType(32), NUMBERS), [0] * NUMBERS)
        return self.builder.shuffle_vector(one, one, first)

    def plus_product(self, value: Any, one: Any, other: Any) -> Any:
        """Return value + one · other, rounded once."""
        kind = ir.FunctionType(self.kind, [self.kind] * 3)
        name = f"llvm.fma.v{NUMBERS}f{8 * self.size}"
        called = cgutils.get_or_insert_function(self.builder.module, kind, name)  # type: ignore[no-untyped-call]  # numba's
        return self.builder.call(called, [one, other, value])

    def _at(self, pointer: Any, place: int) -> Any:
        begin = self.builder.gep(pointer, [WORD(place * NUMBERS)])
        return self.builder.bitcast(begin, self.kind.as_pointer())


def _product(wide: int) -> Any:  # noqa: C901 - loops over arrays are all it is
    """Return the product, compiled for as many columns at once.

    A closure: numba finds its machine code again by what a function closes over, and not by what a
    module knows, which hangs on the processor and not on what numba was told of it.
    """

    @jit
    def add_product(begins, places, values, right, step, alpha, beta, out, out_step, panel, sums):  # type: ignore[no-untyped-def]  # noqa: PLR0913 - as above
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
