"""What is spoken cannot act, and what is shortened stays recognisable."""

from __future__ import annotations

import pytest

from hikaku.present.report import LONGEST_NAME, short, spoken
from hikaku.words import message


@pytest.mark.parametrize(
    "sign", ["\x1b", "\x07", "\x08", "\x00", "\x9b", "\u061c", "\u202e", "\u2066"]
)
def test_a_character_that_acts_is_spoken_as_a_replacement(sign: str) -> None:
    assert spoken(f"a{sign}b", "en") == "a�b"


@pytest.mark.parametrize("sign", ["\n", "\r\n", "\t", "\x85", "\u2028", "\u2029", "\n\n"])
def test_a_break_is_spoken_as_a_space(sign: str) -> None:
    assert spoken(f"a{sign}b", "en") == "a b"


@pytest.mark.parametrize(
    "text", ["日本語のなまえ", "שלום", "Ünïcode — ✓", "👩‍🔬", "[bold]x[/] :smile:"]
)
def test_text_in_any_script_is_spoken_as_it_is(text: str) -> None:
    assert spoken(text, "en") == text


def test_a_value_inside_a_message_is_made_harmless_too() -> None:
    assert spoken(message("{arm} fell", arm="\x1b[2J"), "en") == "�[2J fell"


def test_a_long_name_is_cut_and_says_so() -> None:
    assert short("x" * LONGEST_NAME) == "x" * LONGEST_NAME
    assert short("x" * 100) == "x" * (LONGEST_NAME - 1) + "…"
