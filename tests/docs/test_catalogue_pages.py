"""docs/catalogue/ is what the cards say, in both languages, and leaves nothing out."""

from __future__ import annotations

import re

from catalogue import FOLDER, house, pages
from hikaku.study.catalogue import datasets, models


def test_the_pages_are_current() -> None:
    stored = {path.name: path.read_text("utf-8") for path in FOLDER.iterdir()}
    assert stored.keys() == pages().keys(), "make catalogue"
    assert [name for name, text in pages().items() if stored[name] != text] == [], "make catalogue"


def test_every_technique_model_and_data_set_has_its_heading_and_a_link_to_it() -> None:
    found = pages()
    names = {*models(), *datasets()}
    names |= {entry.name for entries in house().values() for entry in entries}
    assert len(names) >= 121
    for end in (".md", ".ja.md"):
        own = {
            name: text for name, text in found.items() if name.endswith(".ja.md") == (end != ".md")
        }
        heads = {f"{page}#{head}" for page, text in own.items()
                 for head in re.findall(r"^## (.+)$", text, re.MULTILINE)}  # fmt: skip
        links = set(re.findall(r"\(([\w.]+#[\w-]+)\)", own["README" + end]))
        assert links == heads and {link.partition("#")[2] for link in links} == names
