"""The font that hikaku brings along, so that a still picture of ours shows Japanese everywhere."""

from __future__ import annotations

import unicodedata
from functools import cache

import vl_convert

from hikaku.present.canvas import EAST_ASIAN
from hikaku.present.outlines import FAMILY, FONT, letters


@cache
def with_own_font() -> None:
    """Let the renderer know this font."""
    vl_convert.register_font_directory(str(FONT.parent))


def own_first(text: str) -> str:
    """Return the fonts for a picture with these wide letters: ours first, where it has them all.

    Otherwise fonts of the machine come first, lest a name be written in two of them.
    """
    wide = {sign for sign in text if unicodedata.east_asian_width(sign) in "WF"}
    own = f"'{FAMILY}'"
    return f"{own}, {EAST_ASIAN}" if wide <= letters() else f"{EAST_ASIAN}, {own}"
