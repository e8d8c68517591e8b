"""The course in docs/learn/course: ten short chapters, each with a question that can be checked."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
COURSE = ROOT / "docs" / "learn" / "course"
ENGLISH = [page for page in sorted(COURSE.glob("[0-9]*.md")) if ".ja." not in page.name]
JAPANESE = sorted(COURSE.glob("[0-9]*.ja.md"))
HEADINGS = {"A question": "The answer", "問い": "答え"}
SECTION = re.compile(r"^## (.+)\n", re.MULTILINE)
CODE = re.compile(r"^```python\n(.*?)^```$", re.MULTILINE | re.DOTALL)
COMPARES = ("05", "06", "07", "08", "10")
"""The chapters that compare techniques."""


def name(page: Path) -> str:
    return page.name


def sections(page: Path) -> dict[str, str]:
    """Return the text under each heading, in order."""
    _, *parts = SECTION.split(page.read_text("utf-8"))
    return dict(zip(parts[::2], parts[1::2], strict=True))


def test_there_are_ten_chapters_in_both_languages() -> None:
    numbers = [f"{number:02}" for number in range(1, 11)]
    assert [page.name[:2] for page in ENGLISH] == numbers
    assert [page.name for page in JAPANESE] == [f"{page.stem}.ja.md" for page in ENGLISH]


@pytest.mark.parametrize(
    ("index", "pages"), [("README.md", ENGLISH), ("README.ja.md", JAPANESE)], ids=["en", "ja"]
)
def test_the_index_lists_every_chapter_in_order_by_its_title(index: str, pages: list[Path]) -> None:
    listed = re.findall(
        r"^(\d+\. )\[(.+?)\]\((.+?)\)", (COURSE / index).read_text("utf-8"), re.MULTILINE
    )
    titles = [page.read_text("utf-8").partition("\n")[0] for page in pages]
    assert [link for _, _, link in listed] == [page.name for page in pages]
    assert [f"# {number}{title}" for number, title, _ in listed] == titles


@pytest.mark.parametrize("page", [*ENGLISH, *JAPANESE], ids=name)
def test_a_chapter_ends_with_a_question_and_an_answer_that_is_asserted(page: Path) -> None:
    found = sections(page)
    question, answer = list(found)[-2:]
    assert HEADINGS[question] == answer
    assert re.search("[??]|でしょうか|ください", found[question])
    assert re.search(r"^ *assert ", "".join(CODE.findall(found[answer])), re.MULTILINE)


@pytest.mark.parametrize("page", ENGLISH, ids=name)
def test_a_chapter_leads_to_the_one_before_and_the_one_after(page: Path) -> None:
    place = ENGLISH.index(page)
    near = [ENGLISH[at].name for at in (place - 1, place + 1) if 0 <= at < len(ENGLISH)]
    links = re.findall(r"(?:before|next): \[.+?\]\((.+?)\)", page.read_text("utf-8"))
    assert links == near


@pytest.mark.parametrize("page", ENGLISH, ids=name)
def test_a_chapter_is_short_and_uses_the_reference_library(page: Path) -> None:
    text = page.read_text("utf-8")
    assert sum(bool(line.strip()) for line in text.splitlines()) <= 120
    assert "from hikaku.reference" in text


@pytest.mark.parametrize("page", ENGLISH, ids=name)
def test_a_chapter_that_compares_techniques_does_so_in_a_study_too(page: Path) -> None:
    text = page.read_text("utf-8")
    assert ("$ hikaku run my_study.toml" in text) == page.name.startswith(COMPARES)
