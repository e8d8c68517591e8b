"""The page: one file, no network, nothing of a study can act in it, written whole or not at all."""

from __future__ import annotations

import base64
import hashlib
import json
import re
import subprocess
import sys
from collections import Counter
from html.parser import HTMLParser
from pathlib import Path

import fake_study
import pytest
from fake_study import Whole

from hikaku.errors import EnvironmentFault
from hikaku.present import html
from hikaku.present.compact import slim
from hikaku.present.pictures import Forest, Pairs
from hikaku.present.report import Heading, Report
from hikaku.words import message

VOID = {"meta", "br", "img", "link", "input", "hr"}
LOADING = {"src", "href", "srcset", "data", "action", "poster", "xlink:href", "background"}


class Reader(HTMLParser):
    """Every element with its attributes, the scripts, and the text that people read."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.scripts: list[tuple[dict[str, str | None], str]] = []
        self.text = ""
        self.open: list[str] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        if tag == "script":
            self.scripts.append((dict(attrs), ""))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag, f"</{tag}> closes something else"

    def handle_data(self, data: str) -> None:
        if self.open and self.open[-1] == "script":
            attributes, text = self.scripts[-1]
            self.scripts[-1] = (attributes, text + data)
        else:
            self.text += data


def test_every_element_is_closed_and_every_chart_described(page: str) -> None:
    read = Reader(page)
    assert read.open == []
    pictures = [attributes for _, attributes in read.elements if attributes.get("role") == "img"]
    assert len(pictures) == page.count("<figure") == 10
    assert all(attributes["aria-label"] for attributes in pictures)


def test_the_page_names_its_language(digits: Whole, page: str) -> None:
    assert Reader(page).elements[0] == ("html", {"lang": "en"})
    japanese = html.page(digits.tables(), "ja")
    assert Reader(japanese).elements[0] == ("html", {"lang": "ja"})
    assert "効果あり" in japanese


@pytest.mark.fault("F2")
def test_the_page_loads_nothing(page: str) -> None:
    read = Reader(page)
    assert {tag for tag, _ in read.elements}.isdisjoint({"link", "img", "iframe", "object", "base"})
    named = [found[key] or "" for _, found in read.elements for key in LOADING & set(found)]
    assert all(name.startswith("#") for name in named)
    style = page[page.index("<style>") : page.index("</style>")]
    assert "url(" not in style
    assert "@import" not in style


@pytest.mark.parametrize("language", ["en", "ja"])
def test_the_contents_lead_to_every_section_by_one_name_in_all_languages(
    digits: Whole, language: str
) -> None:
    blocks = (*digits.tables().blocks, *(Heading(message("A {n} b", n=1), 2), Heading("日本")) * 2)
    read = Reader(html.page(Report(blocks), language))
    links = [found["href"] for tag, found in read.elements if tag == "a"]
    sections = [found["id"] for tag, found in read.elements if tag == "h2"]
    assert sections == ["a-n-b", "section", "a-n-b-2", "section-2"]
    assert links == ["#sections", *(f"#{name}" for name in sections)]


def test_every_table_has_a_caption_and_headers_with_their_scope(page: str) -> None:
    elements = Reader(page).elements
    tags = Counter(tag for tag, _ in elements)
    assert tags["table"] == tags["caption"] > 3
    assert all("scope" in found for tag, found in elements if tag == "th")


@pytest.mark.fault("F1")
def test_the_policy_allows_the_two_scripts_of_the_page_and_nothing_else(page: str) -> None:
    read = Reader(page)
    policy = next(
        attributes["content"] or ""
        for _, attributes in read.elements
        if attributes.get("http-equiv") == "Content-Security-Policy"
    )
    running = [text for attributes, text in read.scripts if "type" not in attributes]
    assert len(running) == 2
    for script in running:
        digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
        assert f"'sha256-{digest}'" in policy
    assert policy.startswith("default-src 'none'; script-src 'sha256-")
    assert "eval" not in policy
    assert "http" not in policy


def test_the_data_of_a_chart_is_strict_json(page: str) -> None:
    data = [text for attributes, text in Reader(page).scripts if "type" in attributes]
    assert len(data) == 10
    for text in data:
        assert not set("<>&\u2028\u2029") & set(text)
        assert json.loads(text)["usermeta"]["panel"] > 0


@pytest.mark.fault("F1")
def test_a_hostile_name_makes_no_element_and_no_attribute(page: str, hostile_page: str) -> None:
    # Commands in sentences of ours are code, and long names in pictures are in lines, on whichever
    # page has them.
    names = {tag for tag, _ in Reader(page).elements} | {"code", "tspan"}
    attributes = {name for _, found in Reader(page).elements for name in found} | {"dy"}
    read = Reader(hostile_page)
    assert {tag for tag, _ in read.elements} <= names
    assert {name for _, found in read.elements for name in found} <= attributes
    assert read.open == []
    assert Counter(tag for tag, _ in read.elements)["script"] == 12


def test_a_hostile_name_is_read_as_it_was_written(hostile_page: str) -> None:
    text = Reader(hostile_page).text
    for name in ("<script>alert(1)</script>", "[bold red]loud[/] :smile:", "{{ 7 * 7 }} {% raw %}"):
        assert name in text
    assert "�[31mred�[0m�" in text
    assert not re.search(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u202a-\u202e\u2066-\u2069]", text)


def test_a_still_picture_stands_where_no_script_runs(page: str) -> None:
    assert page.count('xmlns="http://www.w3.org/2000/svg"') == 10


def two_charts(whole: Whole) -> Report:
    """Return the report's title and its two smallest charts, which are soon drawn."""
    wanted = (Heading, Forest, Pairs)
    return Report(
        tuple(
            block
            for block in whole.report().blocks
            if isinstance(getattr(block, "picture", block), wanted)
        )
    )


def test_a_chart_beyond_the_limit_says_that_it_needs_the_script(
    digits: Whole, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(html, "MOST_STILL", 10_000)
    written = html.page(two_charts(digits))
    assert written.count("<figure") == 2
    assert written.count('xmlns="http://www.w3.org/2000/svg"') == 1
    assert "This chart is too large for a still picture" in written


def test_the_page_of_a_hundred_trials_is_small_enough_to_send() -> None:
    whole = fake_study.whole(fake_study.study(seeds=tuple(range(17))))
    assert len(whole.results.trials) == 102
    assert len(html.page(whole.report()).encode()) < 3_000_000


def test_a_picture_loses_what_no_eye_sees_and_no_word() -> None:
    text = '<text class="a" opacity="1" x2="0" fill="red">b class="c" opacity="1"</text>'
    assert (
        slim(f"<svg>{text}</svg>", "a")
        == '<svg><text fill="red">b class="c" opacity="1"</text></svg>'
    )


def test_a_picture_is_the_same_however_many_were_drawn_before_it() -> None:
    drawn = [f'<path clip-path="url(#clip{n})"/><g id="clip{n}">clip{n}</g>' for n in (3, 700)]
    assert [slim(one.replace(">clip700", ">clip3"), "chart-2") for one in drawn] == [
        '<path clip-path="url(#chart-2-1)"/><g id="chart-2-1">clip3</g>'
    ] * 2


def test_the_same_results_give_the_same_bytes(digits: Whole) -> None:
    assert html.page(two_charts(fake_study.whole())) == html.page(two_charts(digits))


@pytest.mark.fault("B2")
def test_an_older_report_stays_when_the_new_one_cannot_be_finished(
    digits: Whole, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "report.html"
    path.write_text("older", encoding="utf-8")

    def full(self: Path, target: Path) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "replace", full)
    with pytest.raises(EnvironmentFault, match="No space left on device"):
        html.write(digits.tables(), path)
    assert path.read_text(encoding="utf-8") == "older"
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.fault("A6")
@pytest.mark.parametrize("when", ["Path.replace", "os.fsync"])
def test_killed_while_it_is_written_the_older_report_is_left(when: str, tmp_path: Path) -> None:
    path = tmp_path / "report.html"
    path.write_text("older", encoding="utf-8")
    code = (
        "import os, sys\nfrom pathlib import Path\n"
        "from hikaku.present import html\nfrom hikaku.present.report import Heading, Report\n"
        f"{when} = lambda *_: os.kill(os.getpid(), 9)\n"
        "html.write(Report((Heading('newer', 1),)), Path(sys.argv[1]), 'en')\n"
    )
    done = subprocess.run([sys.executable, "-c", code, str(path)], timeout=60, check=False)
    assert done.returncode == -9
    assert path.read_text(encoding="utf-8") == "older"


def test_missing_folders_are_made_and_the_path_comes_back(tmp_path: Path) -> None:
    path = tmp_path / "a" / "b" / "report.html"
    assert html.write(Report((Heading("Nothing", 1),)), path, "en") == path
    assert "<title>Nothing</title>" in path.read_text(encoding="utf-8")


def test_a_path_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    with pytest.raises(EnvironmentFault, match="file"):
        html.write(Report(()), tmp_path / "file" / "report.html")
