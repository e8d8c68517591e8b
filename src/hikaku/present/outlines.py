"""The letters of our own font as outlines, so that a picture holds the shapes and needs no font.

Eats the font that `scripts/fonts.py` writes: TrueType, each letter a simple glyph. Makes the path
of a letter as SVG writes it. (Microsoft, "OpenType specification 1.9": cmap format 4, glyf, loca.)
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from pathlib import Path

FAMILY = "Hikaku Sans"
FONT = Path(__file__).parent / "fonts" / "HikakuSans-Regular.ttf"

ON_CURVE, SHORT, REPEATED, SAME = 1, (2, 4), 8, (16, 32)
"""Bits of a point's flag; those in pairs are of x and of y."""

Point = tuple[float, float]
Stroke = tuple[str, tuple[Point, ...]]
"""A command of SVG's paths, M, L, Q or Z, and its points."""


@dataclass(frozen=True)
class Letter:
    """A letter at size 1: how far away the next one stands, and its outline, y downwards."""

    advance: float
    outline: tuple[Stroke, ...]


@cache
def letters() -> frozenset[str]:
    """Return every letter that the font holds."""
    return frozenset(map(chr, _characters()))


@cache
def letter(sign: str) -> Letter:
    """Return this letter, which must be one of `letters`."""
    glyph = _characters()[ord(sign)]
    advance = struct.unpack_from(">H", _table("hmtx"), 4 * min(glyph, _metrics() - 1))[0]
    strokes = (stroke for contour in _contours(glyph) for stroke in _strokes(contour))
    return Letter(advance / _size(), tuple(strokes))


def width(text: str, size: float) -> float:
    """Return how long a text is at this size; of letters that are not ours, about."""
    return sum(letter(sign).advance if sign in letters() else 1.0 for sign in text) * size


def path(text: str, size: float, x: float, y: float) -> str:
    """Return the outline of a text that begins at (x, y), as SVG writes it."""
    said: list[str] = []
    for sign in text:
        found = letter(sign)
        said += (
            command
            + " ".join(f"{x + size * right:.2f} {y + size * down:.2f}" for right, down in at)
            for command, at in found.outline
        )
        x += found.advance * size
    return "".join(said)


@cache
def _tables() -> dict[str, bytes]:
    font = FONT.read_bytes()
    (count,) = struct.unpack_from(">H", font, 4)
    rows = (struct.unpack_from(">4s4xII", font, 12 + 16 * n) for n in range(count))
    return {tag.decode(): font[start : start + length] for tag, start, length in rows}


def _table(tag: str) -> bytes:
    return _tables()[tag]


def _size() -> int:
    """Return how many units of the font are the size of its letters."""
    size: int = struct.unpack_from(">H", _table("head"), 18)[0]
    return size


def _metrics() -> int:
    count: int = struct.unpack_from(">H", _table("hhea"), 34)[0]
    return count


@cache
def _characters() -> dict[int, int]:
    """Return the number of the glyph of each character."""
    table = _table("cmap")
    (count,) = struct.unpack_from(">H", table, 2)
    starts = (struct.unpack_from(">I", table, 8 + 8 * n)[0] for n in range(count))
    start = next(at for at in starts if struct.unpack_from(">H", table, at) == (4,))
    segments = struct.unpack_from(">H", table, start + 6)[0] // 2

    def column(number: int, kind: str = "H") -> tuple[int, ...]:
        skipped = start + 14 + 2 * segments * number + (2 if number else 0)
        return struct.unpack_from(f">{segments}{kind}", table, skipped)

    found: dict[int, int] = {}
    rows = zip(column(0), column(1), column(2, "h"), column(3), strict=True)
    for n, (last, first, delta, offset) in enumerate(rows):
        at = start + 16 + 6 * segments + 2 * n + offset
        for sign in range(first, min(last, 0xFFFE) + 1):
            glyph = struct.unpack_from(">H", table, at + 2 * (sign - first))[0] if offset else sign
            found[sign] = (glyph + delta) % 0x10000 if glyph or not offset else 0
    return {sign: glyph for sign, glyph in found.items() if glyph}


def _contours(glyph: int) -> Iterator[list[tuple[int, int, bool]]]:
    """Yield the closed lines of a glyph: (x, y, whether it lies on the curve)."""
    is_long = struct.unpack_from(">h", _table("head"), 50)[0]
    start, end = struct.unpack_from(
        ">II" if is_long else ">HH", _table("loca"), (4 if is_long else 2) * glyph
    )
    data = _table("glyf")[start:end] if is_long else _table("glyf")[2 * start : 2 * end]
    if not data:
        return
    (count,) = struct.unpack_from(">h", data)
    ends = struct.unpack_from(f">{count}H", data, 10)
    at = 10 + 2 * count
    at += 2 + struct.unpack_from(">H", data, at)[0]
    flags, at = _flags(data, at, ends[-1] + 1)
    xs, at = _places(data, at, flags, 0)
    ys, _ = _places(data, at, flags, 1)
    points = [(x, y, bool(flag & ON_CURVE)) for x, y, flag in zip(xs, ys, flags, strict=True)]
    for first, last in pairwise((0, *(end + 1 for end in ends))):
        yield points[first:last]


def _flags(data: bytes, at: int, count: int) -> tuple[list[int], int]:
    found: list[int] = []
    while len(found) < count:
        times = 1
        if data[at] & REPEATED:
            times += data[at + 1]
        found += [data[at]] * times
        at += 2 if data[at] & REPEATED else 1
    return found, at


def _places(data: bytes, at: int, flags: list[int], axis: int) -> tuple[list[int], int]:
    """Return where the points lie on one axis, each told as a step from the one before."""
    found, value = [], 0
    for flag in flags:
        is_short, same = bool(flag & SHORT[axis]), bool(flag & SAME[axis])
        if is_short:
            value += data[at] if same else -data[at]
        elif not same:
            value += struct.unpack_from(">h", data, at)[0]
        at += 1 if is_short else 0 if same else 2
        found.append(value)
    return found, at


def _strokes(contour: list[tuple[int, int, bool]]) -> Iterator[Stroke]:
    """Yield a closed line stroke by stroke; midway between two controls lies a point of it."""
    whole: list[tuple[Point, bool]] = []
    for (x, y, is_on), after in zip(contour, [*contour[1:], contour[0]], strict=True):
        whole.append(((x, y), is_on))
        if not is_on and not after[2]:
            whole.append((((x + after[0]) / 2, (y + after[1]) / 2), True))
    first = next(n for n, (_, is_on) in enumerate(whole) if is_on)
    start, *others = [*whole[first:], *whole[: first + 1]]
    yield "M", (_at(start[0]),)
    controls: tuple[Point, ...] = ()
    for point, is_on in others:
        if is_on:
            yield "Q" if controls else "L", (*controls, _at(point))
        controls = () if is_on else (_at(point),)
    yield "Z", ()


def _at(point: Point) -> Point:
    return point[0] / _size(), -point[1] / _size()
