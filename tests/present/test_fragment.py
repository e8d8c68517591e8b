"""What an answer shows in a notebook: one piece of HTML that changes nothing around it."""

from __future__ import annotations

import re
from html.parser import HTMLParser

import fake_study
import pytest

from hikaku.present import build
from hikaku.present.notebook import fragment


def shown(whole: fake_study.Whole, language: str = "en") -> str:
    return fragment(build.brief(whole.study, whole.results, whole.findings), language)


class Elements(HTMLParser):
    """Every element with its attributes; what is open at the end was never closed."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.all: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.all.append((tag, dict(attrs)))
        self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


@pytest.fixture(scope="module")
def text(digits: fake_study.Whole) -> str:
    return shown(digits)


def test_it_holds_headline_verdicts_one_chart_and_cautions(
    text: str, digits: fake_study.Whole
) -> None:
    assert digits.study.question in text
    for finding in digits.findings:
        assert f'<span class="verdict {finding.verdict}">' in text
    tags = [tag for tag, _ in Elements(text).all]
    assert (tags.count("figure"), tags.count("table"), tags.count("h2")) == (1, 1, 1)
    assert tags.count("svg") == 1 + len(digits.findings)
    assert 'class="caution"' in text


def test_it_is_whole_small_and_asks_for_nothing(text: str) -> None:
    elements = Elements(text)
    assert elements.open == []
    assert len(text.encode()) < 60_000
    tags = {tag for tag, _ in elements.all}
    assert not tags & {"script", "link", "img", "iframe", "object", "form"}
    assert not {name for _, given in elements.all for name in given if name.startswith("on")}
    assert set(re.findall(r"https?://[^\"'\s)]+", text)) <= {
        "http://www.w3.org/2000/svg",
        "http://www.w3.org/1999/xlink",
    }


def test_its_style_reaches_nothing_else_on_the_page(text: str) -> None:
    style = re.sub(
        r"/\*.*?\*/", "", text.partition("<style>")[2].partition("</style>")[0], flags=re.S
    )
    selectors = [one for rule in re.findall(r"([^{}]+)\{", style) for one in rule.split(",")]
    assert len(selectors) > 20
    assert all(selector.strip().startswith(".hikaku") for selector in selectors)


def test_two_outputs_of_one_page_share_no_name(digits: fake_study.Whole) -> None:
    other = fake_study.whole(fake_study.study(("dropout", "l2")))
    names = [set(re.findall(r'\bid="([^"]+)"', shown(whole))) for whole in (digits, other)]
    assert not names[0] & names[1]
    for whole in (digits, other):
        text = shown(whole)
        assert set(re.findall(r"url\(#([^)]+)\)", text)) <= set(re.findall(r'\bid="([^"]+)"', text))


def test_no_colour_is_fixed_but_those_that_stand_out_on_light_and_dark(text: str) -> None:
    svg = text[text.index("<svg") : text.index("</svg>")]
    colours = set(re.findall(r'(?:fill|stroke)="([^"]+)"', svg))
    assert colours <= {"none", "transparent", "currentColor"} | {
        colour for colour in colours if colour.startswith("var(--")
    }
    named = set(re.findall(r"var\((--[\w]+)\)", text))
    assert all(f"{name}:" in text for name in named)


def test_hostile_names_do_not_act(hostile: fake_study.Whole) -> None:
    text = shown(hostile)
    tags = {tag for tag, _ in Elements(text).all}
    assert not tags & {"script", "img"}
    assert "\x1b" not in text
    assert "\u202e" not in text


def test_it_speaks_japanese(digits: fake_study.Whole) -> None:
    assert "効果あり" in shown(digits, "ja")


def test_without_a_variant_the_results_stand_in_place_of_verdicts() -> None:
    alone = fake_study.whole(fake_study.study(()))
    text = shown(alone)
    assert "nothing is compared" in text
    assert "base accuracy" in text
