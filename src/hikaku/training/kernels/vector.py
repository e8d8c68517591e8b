"""Vectors of numbers for innermost loops that are written in the language of numba's compiler.

What numba compiles reads a sum from memory and writes it back at each term. Here vectors are
values, which stay in registers, and one that is longer than the processor's becomes several: so no
bit hangs on how long those are.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from llvmlite import ir
from numba import types
from numba.core import cgutils

NUMBERS = 16
"""Numbers of one vector."""

BYTE, SHORT, INT, WORD = (ir.IntType(size) for size in (8, 16, 32, 64))


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


def vector_of(context: Any, builder: Any, array: Any) -> Vector:
    """Return the vectors of the numbers of an array, of which this is numba's type."""
    number = context.get_data_type(array.dtype)
    return Vector(builder, number, context.get_abi_sizeof(number))


def vectors(kind: Any, value: int | float) -> Any:
    """Return a constant in all places."""
    return ir.Constant(ir.VectorType(kind, NUMBERS), [value] * NUMBERS)


def wide(builder: Any, value: Any) -> Any:
    """Return stored numbers as floats: a bfloat16 (its bits) as float32."""
    if not isinstance(value.type.element, ir.IntType):
        return value
    bits = builder.shl(builder.zext(value, ir.VectorType(INT, NUMBERS)), vectors(INT, 16))
    return builder.bitcast(bits, ir.VectorType(ir.FloatType(), NUMBERS))


def stored(builder: Any, value: Any, kind: Any) -> Any:
    """Return floats as they are stored: the nearest bfloat16 as its bits."""
    if not isinstance(kind, ir.IntType):
        return value
    bits = builder.bitcast(value, ir.VectorType(INT, NUMBERS))
    odd = builder.and_(builder.lshr(bits, vectors(INT, 16)), vectors(INT, 1))
    rounded = builder.add(builder.add(bits, vectors(INT, 0x7FFF)), odd)
    even = builder.trunc(builder.lshr(rounded, vectors(INT, 16)), ir.VectorType(SHORT, NUMBERS))
    is_nan = builder.fcmp_unordered("uno", value, value)
    return builder.select(is_nan, vectors(SHORT, 0x7FC0), even)


def arrays(context: Any, builder: Any, signature: Any, given: Sequence[Any]) -> list[Any]:
    """Return the arrays among what a function is given, in order."""
    return [
        context.make_array(kind)(context, builder, value)
        for kind, value in zip(signature.args, given, strict=True)
        if isinstance(kind, types.Array)
    ]


def numbers(builder: Any, given: Any) -> list[Any]:
    """Return the numbers of a tuple."""
    return [builder.extract_value(given, n) for n in range(len(given.type))]


def window(builder: Any, data: Any, begin: Any, row: Any, pixel: Any) -> list[Any]:
    """Return where the four numbers of a window stand; the next row and pixel are so far behind."""
    upper = builder.gep(data, [begin])
    lower = builder.gep(upper, [row])
    return [upper, builder.gep(upper, [pixel]), lower, builder.gep(lower, [pixel])]


def repeat(
    builder: Any,
    begin: Any,
    end: Any,
    step: Any,
    starts: Sequence[Any],
    body: Callable[[Any, list[Any]], Sequence[Any]],
) -> list[Any]:
    """Write a loop from `begin` to `end`; return what it carries, as it is after the last round.

    `body` writes a round: from its number and what is carried it makes what is carried on.
    """
    before = builder.block
    head, inside, after = (builder.append_basic_block(f"round.{n}") for n in range(3))
    builder.branch(head)
    builder.position_at_end(head)
    n, carried = builder.phi(WORD), [builder.phi(start.type) for start in starts]
    builder.cbranch(builder.icmp_signed("<", n, end), inside, after)
    builder.position_at_end(inside)
    more = body(n, carried)
    following, last = builder.add(n, step), builder.block
    builder.branch(head)
    for phi, start, new in zip([n, *carried], [begin, *starts], [following, *more], strict=True):
        phi.add_incoming(start, before)
        phi.add_incoming(new, last)
    builder.position_at_end(after)
    return carried
