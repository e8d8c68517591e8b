"""The colours of print: told apart in grey, and by those who see no red or no green.

Every two of a group differ in lightness by at least 8 of 100 steps (CIE L*), which a grey printer
keeps; each stands out from white paper by 3:1 or more. Shapes and dashes double them, as on the
page.
"""

from __future__ import annotations

from hikaku.present.grid import HUES

INK = "#1d2126"

VERDICTS = {
    "helps": "#008a64",
    "hurts": "#a33b0a",
    "same": "#8f949a",
    "unstable": "#5b1a5e",
}
"""By the names that the page has for them."""

SERIES = dict(zip(HUES, ("#0a8f6b", "#8c2a08", "#c98700", "#1b3470", "#9c4a86"), strict=True))
"""By the colour that the page has in its place; the first differ most from ink and each other."""

PAPER = {"page": "#ffffff", "ink": INK, "variant": "#0072b2", **VERDICTS}
"""Every name of a colour that a chart may have."""
