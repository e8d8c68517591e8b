"""Letters that our own font has not: which they are, and whether this machine can draw them.

Eats SVG as Vega writes it. Makes the letters, and cautions that name them.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from functools import cache
from xml.etree import ElementTree

import vl_convert

from hikaku.present.lettering import SVG
from hikaku.present.outlines import letters
from hikaku.words import Message, message

NOWHERE = "\U0010fffd"
"""For private use in the last plane: no font draws it, so it looks as a letter that is missing."""

MOST_NAMED = 8


def other_letters(svg: str) -> tuple[str, ...]:
    """Return the letters of the picture's texts that our own font has not, in the order met."""
    texts = (
        "".join(text.itertext()) for text in ElementTree.fromstring(svg).iter(f"{{{SVG}}}text")
    )
    met = dict.fromkeys("".join(texts))
    return tuple(sign for sign in met if sign not in letters() and not _is_silent(sign))


def cautions(svg: str, form: str) -> Iterator[Message]:
    """Yield what to know of letters that our own font has not, as SVG or in dots and pages."""
    others = other_letters(svg)
    if not others:
        return
    if form == "svg":
        yield message(
            "hikaku's own font has no letters {letters}: names with them stay text in the svg, and "
            "look as the fonts of whoever opens it; to be sure, rename what they stand in",
            letters=_named(others),
        )
    elif missing := tuple(sign for sign in others if not _is_drawn(sign)):
        yield message(
            "no font of this machine has {letters}: the figure shows boxes in their place; install "
            "a font that has them, export svg, which keeps such names as text, or rename what they "
            "stand in",
            letters=_named(missing),
        )


def _is_silent(sign: str) -> bool:
    """Return whether it is drawn only through its neighbours: joiners and variants of a letter."""
    return unicodedata.category(sign) in ("Cf", "Mn", "Me") or sign.isspace()


def _named(signs: tuple[str, ...]) -> str:
    told = ", ".join(f"{sign} (U+{ord(sign):04X})" for sign in signs[:MOST_NAMED])
    return told if len(signs) <= MOST_NAMED else f"{told}, …"


def _is_drawn(sign: str) -> bool:
    return _drawn(sign) != _drawn(NOWHERE)


@cache
def _drawn(sign: str) -> bytes:
    """Return the letter alone as the renderer draws it; one that no font has is a box."""
    text = f'<text x="4" y="24" font-size="20" font-family="sans-serif">{sign}</text>'
    picture = f'<svg xmlns="{SVG}" width="40" height="32">{text}</svg>'
    found: bytes = vl_convert.svg_to_png(picture)
    return found
