"""Nothing that a study, a store or a file is called can act in the dashboard."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from hostile import MARKUP, NAMES
from test_report_xss import SHAPES, Shapes, everywhere

from hikaku.present import dashboard, pictures
from hikaku.present.dashboard import Flight, Listed, Run
from hikaku.present.page_files import source
from hikaku.read.serve.answer import answer


def pages_of(text: str) -> list[str]:
    asked, told = everywhere(text)
    flight = Flight(text, 0, 0.5, {"loss": [(1, 0.5), (2, 0.25)]})
    run = Run(3, True, 1, 2.0, (flight,))
    listed = Listed(1, text, text, 2, 10, 3, text, run)
    shown = answer(listed, asked, told)
    drawn = {"loss": pictures.curves(asked, told, "loss")}
    shown = replace(shown, curves=drawn, fault=text)
    regions = (
        dashboard.list_regions([listed], text, "en"),
        dashboard.study_regions(shown, "loss", "en"),
        dashboard.compared_regions([shown, shown], [listed], "en"),
    )
    return [dashboard.page(text, one, "en") for one in regions]


@pytest.fixture(scope="module")
def plain_shapes() -> list[SHAPES]:
    return [Shapes(page).found for page in pages_of("plain")]


@pytest.mark.fault("F1")
@pytest.mark.parametrize("text", [*MARKUP[::4], *(name for name in NAMES if len(name) < 500)])
def test_no_text_becomes_an_element_or_an_attribute(text: str, plain_shapes: list[SHAPES]):
    for page, right in zip(pages_of(text), plain_shapes, strict=True):
        found = Shapes(page)
        assert found.found == right
        assert all(link.startswith(("/", "data:,")) for link in found.loaded)


@pytest.mark.fault("F1")
def test_the_script_makes_no_markup_of_texts_and_evaluates_none():
    script = source("dashboard.js")
    assert not re.search(
        r"innerHTML|outerHTML|insertAdjacent|document\.write|eval|Function", script
    )
