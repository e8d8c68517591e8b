"""Sentences become HTML in one place: commands are code, and no name becomes markup."""

from __future__ import annotations

import pytest

from hikaku.present import html
from hikaku.present.dashboard import refusal
from hikaku.present.marked import marked
from hikaku.present.report import Point, Points, Report
from hikaku.words import message

EVIL = "`</code><script>alert(1)</script>`"
SHOWN = "`&lt;/code&gt;&lt;script&gt;alert(1)&lt;/script&gt;`"


@pytest.mark.parametrize("template", ["{arm}", "{arm} is new (`--fresh`)", "give `{arm}`"])
def test_a_name_of_tags_and_backticks_is_shown_as_it_is(template: str) -> None:
    plain = template.replace("`--fresh`", "<code>--fresh</code>")
    plain = plain.replace("`{arm}`", "<code>{arm}</code>")
    assert marked(message(template, arm=EVIL), "en") == plain.replace("{arm}", SHOWN)
    nested = message("so: {what}", what=message(template, arm=EVIL))
    assert marked(nested, "en") == "so: " + plain.replace("{arm}", SHOWN)


def test_a_text_of_others_has_no_code() -> None:
    assert marked(EVIL, "en") == SHOWN


def test_bullets_and_refusals_have_code_in_place_of_backticks() -> None:
    said = message("{arm}: see `--fresh`", arm=EVIL)
    page = html.page(Report((Points((Point(said),)),)))
    assert f"{SHOWN}: see <code>--fresh</code>" in page
    assert f"{SHOWN}: see <code>--fresh</code>" in refusal(said, "en")
