"""Batch normalisation with 2 × 2 max-pooling behind it, and its gradient, compiled.

What is computed is as in `norm`, from the same figures: a window's four numbers side by side for
`NUMBERS` channels at once, bfloat16 as its bits.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import Any

from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.extending import intrinsic

from hikaku.training.kernels.compiled import compiled
from hikaku.training.kernels.norm import Float64, Floats, Places, repeated
from hikaku.training.kernels.vector import (
    BYTE,
    INT,
    NUMBERS,
    WORD,
    Vector,
    arrays,
    numbers,
    stored,
    vectors,
    wide,
    window,
)

LANES = ir.Constant(ir.VectorType(INT, NUMBERS), list(range(NUMBERS)))


@dataclass(frozen=True)
class Some:
    """The first `count` numbers of vectors, None for all: others are neither read nor written."""

    builder: Any
    count: Any

    def read(self, pointer: Any, kind: Any) -> Any:
        """Return the numbers there, zeros behind."""
        whole = ir.VectorType(kind, NUMBERS)
        there = self.builder.bitcast(pointer, whole.as_pointer())
        if self.count is None:
            return self.builder.load(there, align=1)
        return self._called("load", whole, [there, INT(1), self._mask(), whole(None)])

    def write(self, value: Any, pointer: Any) -> None:
        """Write them there."""
        there = self.builder.bitcast(pointer, value.type.as_pointer())
        if self.count is None:
            self.builder.store(value, there, align=1)
            return
        self._called("store", value.type, [value, there, INT(1), self._mask()])

    def _mask(self) -> Any:
        count = self.builder.trunc(self.count, INT)
        one = self.builder.insert_element(ir.Constant(LANES.type, ir.Undefined), count, WORD(0))
        all_of_them = self.builder.shuffle_vector(one, one, vectors(INT, 0))
        return self.builder.icmp_signed("<", LANES, all_of_them)

    def _called(self, what: str, kind: Any, given: list[Any]) -> Any:
        size = f"i{kind.element.width}" if isinstance(kind.element, ir.IntType) else None
        name = size or {"float": "f32", "double": "f64"}[str(kind.element)]
        returned = kind if what == "load" else ir.VoidType()
        function = ir.FunctionType(returned, [one.type for one in given])
        full = f"llvm.masked.{what}.v{NUMBERS}{name}.p0"
        called = cgutils.get_or_insert_function(self.builder.module, function, full)  # type: ignore[no-untyped-call]  # numba's
        return self.builder.call(called, given)


@intrinsic(prefer_literal=True)
def _normalise_window(typing, x, mean, scale, shift, y, kept, places, begins, size, low, is_whole):  # type: ignore[no-untyped-def]  # noqa: PLR0913 - numba finds the types
    kinds = (x, mean, scale, shift, y, kept, places, begins, size, low, is_whole)
    return types.void(*kinds), partial(_normalising, is_whole.literal_value)


normalise_window: Any = _normalise_window
"""Write the largest z of a window, at least `low`, whose it was, and its place in the window.

`begins` is where the first number stands in `x`, in the figures, and in `y`, `kept` and `places`;
`size` is (numbers of a row of `x`, of a pixel, how many channels are left), the last for those that
are not `is_whole`, a constant. Whose it was is `kept` as it is, but of an `x` that is in another
precision than `y` less the mean. For use in what numba compiles: arrays are flat.
"""


def _normalising(is_whole: bool, context: Any, builder: Any, signature: Any, given: Any) -> Any:
    """Write what is done with four vectors."""
    x, mean, scale, shift, y, kept, places = arrays(context, builder, signature, given)
    begins, (row, channels, left) = numbers(builder, given[7]), numbers(builder, given[8])
    some = Some(builder, None if is_whole else left)
    stored_as, float_kind, made_as = (
        context.get_data_type(signature.args[n].dtype) for n in (0, 1, 4)
    )
    keeps = made_as == stored_as
    figures = [_at(builder, one, begins[1], some, float_kind) for one in (mean, scale, shift)]
    best = Vector(builder, float_kind, 0).repeated(given[9])
    own, at = None, vectors(BYTE, 4)
    for place, pixel in enumerate(window(builder, x.data, begins[0], row, channels)):
        value = some.read(pixel, stored_as)
        apart = builder.fsub(wide(builder, value), figures[0])
        z = builder.fadd(builder.fmul(apart, figures[1]), figures[2])
        value = value if keeps else apart
        takes = builder.or_(builder.fcmp_ordered(">", z, best), builder.fcmp_unordered("uno", z, z))
        best = builder.select(takes, z, best)
        own = value if own is None else builder.select(takes, value, own)
        at = builder.select(takes, vectors(BYTE, place), at)
    own = own if keeps else stored(builder, own, made_as)
    for array, value in ((y, stored(builder, best, made_as)), (kept, own), (places, at)):
        some.write(value, builder.gep(array.data, [begins[2]]))
    return context.get_dummy_value()


@intrinsic(prefer_literal=True)
def _slope_window(typing, x, mean, scale, slope, level, g, places, out, begins, size, is_whole):  # type: ignore[no-untyped-def]  # noqa: PLR0913 - as above
    kinds = (x, mean, scale, slope, level, g, places, out, begins, size, is_whole)
    return types.void(*kinds), partial(_sloping, is_whole.literal_value)


slope_window: Any = _slope_window
"""Write scale · g at its place in a window, plus (x − mean) · slope + level at all four.

`begins` is where the first number stands in `x`, in the figures, in `g` and `places`, and in `out`;
`size` has numbers of a row and of a pixel of `out` behind. All else is as for `normalise_window`.
"""


def _sloping(is_whole: bool, context: Any, builder: Any, signature: Any, given: Any) -> Any:
    """Write what is done with four vectors."""
    x, mean, scale, slope, level, g, places, out = arrays(context, builder, signature, given)
    begins, (row, pixel, left, *steps) = numbers(builder, given[8]), numbers(builder, given[9])
    some = Some(builder, None if is_whole else left)
    stored_as, float_kind, made_as = (
        context.get_data_type(signature.args[n].dtype) for n in (0, 1, 5)
    )
    figures = [
        _at(builder, one, begins[1], some, float_kind) for one in (mean, scale, slope, level)
    ]
    given_here = wide(builder, _at(builder, g, begins[2], some, made_as))
    given_here = builder.fmul(given_here, figures[1])
    at = _at(builder, places, begins[2], some, BYTE)
    there = window(builder, out.data, begins[3], *steps)
    for place, here in enumerate(window(builder, x.data, begins[0], row, pixel)):
        value = some.read(here, stored_as)
        rest = builder.fadd(_scaled(builder, value, figures[0], figures[2]), figures[3])
        is_here = builder.icmp_signed("==", at, vectors(BYTE, place))
        own = builder.select(is_here, given_here, vectors(float_kind, 0.0))
        some.write(stored(builder, builder.fadd(own, rest), made_as), there[place])
    return context.get_dummy_value()


def _at(builder: Any, array: Any, begin: Any, some: Some, kind: Any) -> Any:
    return some.read(builder.gep(array.data, [begin]), kind)


def _scaled(builder: Any, value: Any, mean: Any, by: Any) -> Any:
    """Return (value − mean) · by."""
    return builder.fmul(builder.fsub(wide(builder, value), mean), by)


@compiled
def normalise_pool(
    x: Floats, figures: Float64, floor: float, y: Floats, kept: Floats, places: Places
) -> None:
    """Write the largest z of every window, at least `floor`, into `y`, and keep whose it was.

    That is the value of x, `kept`, and its place in the window, 4 where `floor` is the largest. Of
    equal ones the first counts, a NaN is above every number, the last of several NaN counts. Images
    are (n, height, width, channels); `figures` are mean, scale and shift.
    """
    n, height, width, channels = y.shape
    mean, scale = repeated(x, figures[0], 1), repeated(x, figures[1], 1)
    shift, row, low = repeated(x, figures[2], 1), x.shape[2] * channels, mean.dtype.type(floor)
    source, found = x.reshape(-1), y.reshape(-1)
    values, at = kept.reshape(-1), places.reshape(-1)
    for line in range(n * height):
        top = (line // height * x.shape[1] + line % height * 2) * row
        for column in range(width):
            begin, here = top + 2 * column * channels, (line * width + column) * channels
            for j in range(0, channels, NUMBERS):
                begins, size = (begin + j, j, here + j), (row, channels, channels - j)
                if channels - j >= NUMBERS:
                    normalise_window(
                        source, mean, scale, shift, found, values, at, begins, size, low, True
                    )
                else:
                    normalise_window(
                        source, mean, scale, shift, found, values, at, begins, size, low, False
                    )


@compiled
def gradient_pool(x: Floats, g: Floats, places: Places, figures: Float64, out: Floats) -> None:
    """Write scale · g at its place in its window, plus (x − mean) · slope + level.

    `x` and `out` are (n, height, width, channels), `g` and `places` (n, height // 2, width // 2,
    channels). What is in no window, an odd last row or column, is not written. `figures` are mean,
    scale, shift, slope and level.
    """
    n, height, width, channels = g.shape
    mean, scale = repeated(x, figures[0], 1), repeated(x, figures[1], 1)
    slope, level = repeated(x, figures[3], 1), repeated(x, figures[4], 1)
    row, source, made = x.shape[2] * channels, x.reshape(-1), out.reshape(-1)
    given, at = g.reshape(-1), places.reshape(-1)
    for line in range(n * height):
        top = (line // height * x.shape[1] + line % height * 2) * row
        for column in range(width):
            begin, here = top + 2 * column * channels, (line * width + column) * channels
            for j in range(0, channels, NUMBERS):
                begins = (begin + j, j, here + j, begin + j)
                size = (row, channels, channels - j, row, channels)
                if channels - j >= NUMBERS:
                    slope_window(
                        source, mean, scale, slope, level, given, at, made, begins, size, True
                    )
                else:
                    slope_window(
                        source, mean, scale, slope, level, given, at, made, begins, size, False
                    )
