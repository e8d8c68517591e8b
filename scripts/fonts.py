"""Write the font of our still pictures: everyday letters and our own, out of Noto Sans CJK JP.

Pictures are drawn on machines without any Japanese font, so hikaku brings one along. Whole, it has
65,000 letters and 16 MB; this takes Latin, Greek, signs, kana, the kanji that occur in our own
Japanese texts, and those of everyday Japanese, of which names of classes and arms are made. Run it
(`make fonts`) when a test says that a letter of ours is not among them. It needs Debian's
fonts-noto-cjk, and gives the same bytes from the same texts.

The licence of that font (OFL 1.1, beside what is written) lets a part of it be given away under
the same licence. A changed font has a name of its own, here "Hikaku Sans".
"""

from __future__ import annotations

import re
import sys
from itertools import chain
from pathlib import Path

from fontTools.pens.cu2quPen import Cu2QuPen
from fontTools.pens.transformPen import TransformPen
from fontTools.pens.ttGlyphPen import TTGlyphPen
from fontTools.subset import Options, Subsetter
from fontTools.ttLib import TTFont, newTable

from hikaku.present.outlines import FAMILY, FONT

ROOT = Path(__file__).parents[1]
WHOLE = Path("/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc")
ORIGINAL = "Noto Sans CJK JP"

TEXTS = (
    ROOT / "src" / "hikaku" / "locale" / "ja" / "LC_MESSAGES" / "hikaku.po",
    *sorted(ROOT.glob("*.ja.md")),
    *sorted((ROOT / "docs").rglob("*.ja.md")),
)
RANGES = (
    (0x20, 0x7E), (0xA0, 0x17F), (0x370, 0x3FF), (0x2010, 0x203F), (0x2190, 0x2199),
    (0x2200, 0x226F), (0x3000, 0x30FF), (0xFF01, 0xFF5E),
)  # fmt: skip  # from and to: Latin, Greek, dashes, arrows, mathematics, kana, wide Latin
EVERYDAY_ROWS = range(16, 48)
"""Rows of JIS X 0208 with the kanji of its first level, chosen for being common: 2,965."""
ERROR = 1.5
"""By so many thousandths of the letters' size may a curve differ from the original's."""

FONT_NAMES = {
    0: "© 2014-2021 Adobe (http://www.adobe.com/). A part of Noto Sans CJK JP 2.004.",
    1: FAMILY,
    2: "Regular",
    3: f"1.0;{FAMILY}",
    4: FAMILY,
    5: "Version 1.0",
    6: FAMILY.replace(" ", "") + "-Regular",
    13: "This Font Software is licensed under the SIL Open Font License, Version 1.1.",
    14: "http://scripts.sil.org/OFL",
}


def letters() -> set[int]:
    """Return the code points that the font is to hold, as far as the original does."""
    ours = chain.from_iterable(path.read_text("utf-8") for path in TEXTS)
    japanese = {ord(letter) for letter in ours if re.match(r"[^\x00-\u2fff]", letter)}
    return japanese.union(everyday(), *(range(first, last + 1) for first, last in RANGES))


def everyday() -> set[int]:
    """Return the code points of the kanji that everyday Japanese is written with."""
    places = (bytes((0xA0 + row, 0xA0 + cell)) for row in EVERYDAY_ROWS for cell in range(1, 95))
    # The last row is not full.
    return {ord(letter) for place in places if (letter := place.decode("euc_jp", "ignore"))}


def part(wanted: set[int]) -> TTFont:
    """Return the original with these letters alone, without hints or features of its layout."""
    font = TTFont(WHOLE, fontNumber=0, recalcTimestamp=False)
    if font["name"].getDebugName(1) != ORIGINAL:
        sys.exit(f"{WHOLE} does not begin with {ORIGINAL}")
    options = Options(layout_features=[], hinting=False, notdef_outline=True)
    options.drop_tables += ["vhea", "vmtx", "VORG", "GSUB", "GPOS", "GDEF", "BASE"]
    subsetter = Subsetter(options)
    subsetter.populate(unicodes=wanted)
    subsetter.subset(font)
    return font


def with_quadratic_curves(font: TTFont) -> None:
    """Put TrueType outlines in place of the font's own, which take a program to be read."""
    order, glyphs, drawn = font.getGlyphOrder(), font.getGlyphSet(), {}
    cut = font.getBestCmap()[ord("…")]
    dot = font.getBestCmap()[ord(".")]
    step = font["hmtx"][dot][0]
    for name in order:
        pen = TTGlyphPen(None)
        quadratic = Cu2QuPen(pen, ERROR, reverse_direction=True)
        if name == cut:
            # In Japanese its dots stand at half the height; ours ends names that are cut.
            for n in range(3):
                glyphs[dot].draw(TransformPen(quadratic, (1, 0, 0, 1, n * step, 0)))
            font["hmtx"][name] = (3 * step, font["hmtx"][dot][1])
        else:
            glyphs[name].draw(quadratic)
        drawn[name] = pen.glyph()
    font["loca"], font["glyf"] = newTable("loca"), newTable("glyf")
    font["glyf"].glyphOrder, font["glyf"].glyphs = order, drawn
    del font["CFF "]
    most = font["maxp"]
    most.tableVersion, most.maxZones = 0x00010000, 1
    for name in (
        "TwilightPoints", "Storage", "FunctionDefs", "InstructionDefs", "StackElements",
        "SizeOfInstructions", "ComponentElements",
    ):  # fmt: skip  # nothing of hints
        setattr(most, f"max{name}", 0)
    font["post"].formatType, font.sfntVersion = 3.0, "\0\1\0\0"


def named(font: TTFont) -> None:
    """Give the font its own names, and no other's."""
    table = font["name"]
    table.names = []
    for number, text in FONT_NAMES.items():
        table.setName(text, number, 3, 1, 0x409)


def main() -> None:
    """Write the font and say how large it is."""
    font = part(letters())
    with_quadratic_curves(font)
    named(font)
    FONT.parent.mkdir(exist_ok=True)
    font.save(FONT)
    print(f"{len(font.getGlyphOrder())} letters, {FONT.stat().st_size / 1000:.0f} kB: {FONT}")


if __name__ == "__main__":
    main()
