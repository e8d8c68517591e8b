"""The font that hikaku brings along: every letter of its own texts, small, and free to be given."""

from __future__ import annotations

import unicodedata
from pathlib import Path

import pytest
from PIL import ImageFont

from hikaku.present.canvas import EAST_ASIAN
from hikaku.present.outlines import FAMILY, FONT, letter, letters, path, width
from hikaku.present.own_font import own_first

CATALOGUE = Path(__file__).parents[2] / "src/hikaku/locale/ja/LC_MESSAGES/hikaku.po"


def test_it_holds_every_letter_of_our_japanese() -> None:
    ours = set(CATALOGUE.read_text("utf-8"))
    shown = {sign for sign in ours if unicodedata.category(sign)[0] not in "CZ"}
    assert not shown - letters(), "run `make fonts`"


def test_it_holds_the_kanji_of_everyday_names() -> None:
    assert set("猫犬鳥花車船鹿馬蛙飛行機東京大阪靴鞄服手書文字数字健康疾患良品不良品") <= letters()
    # The first level of JIS X 0208, but for its last row, which is not full.
    places = (bytes((row, cell)) for row in range(0xB0, 0xCF) for cell in range(0xA1, 0xFF))
    assert {place.decode("euc_jp") for place in places} <= letters()


def test_it_is_small_and_has_its_licence_beside_it() -> None:
    assert sum(file.stat().st_size for file in FONT.parent.iterdir()) < 1_200_000
    licence = (FONT.parent / "OFL.txt").read_text("utf-8")
    assert "SIL OPEN FONT LICENSE Version 1.1" in licence and "Noto" not in FAMILY


@pytest.mark.parametrize("sign", "Ag…効あ％λ")
def test_outlines_are_those_that_another_reader_of_fonts_finds(sign: str) -> None:
    read = ImageFont.truetype(str(FONT), 1000)
    assert abs(width(sign, 1000) - read.getlength(sign)) <= 1
    left, top, right, bottom = read.getmask(sign).getbbox()
    across, down = zip(*(point for _, at in letter(sign).outline for point in at), strict=True)
    # Control points may lie a little outside of what they bend.
    assert 1000 * (max(across) - min(across)) == pytest.approx(right - left, abs=12)
    assert 1000 * (max(down) - min(down)) == pytest.approx(bottom - top, abs=12)


def test_a_text_is_drawn_letter_after_letter() -> None:
    assert path("ll", 10, 0, 5).count("Z") == 2 * path("l", 10, 0, 5).count("Z")
    assert path(" ", 10, 0, 0) == ""
    assert width("ll", 10) == 2 * width("l", 10)


def test_fonts_of_the_machine_come_first_where_ours_lacks_a_letter() -> None:
    assert own_first("効果 of 드") == f"{EAST_ASIAN}, '{FAMILY}'"
    assert own_first("効果 of dropout") == f"'{FAMILY}', {EAST_ASIAN}"
