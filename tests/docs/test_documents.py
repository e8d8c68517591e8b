"""Every block of the README and of `docs/` does what it says, and every link leads somewhere."""

from __future__ import annotations

import json
import os
import re
import shlex
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from hikaku.study.decode import load
from hikaku.words import message, say

ROOT = Path(__file__).parents[2]
ENGLISH, JAPANESE = ROOT / "README.md", ROOT / "README.ja.md"
DOCS = sorted((ROOT / "docs").rglob("*.md"))
TRANSLATED = [JAPANESE, *(page for page in DOCS if page.name.endswith(".ja.md"))]
PAGES = [ENGLISH, ROOT / "SECURITY.md", *(page for page in DOCS if page not in TRANSLATED)]
BLOCK = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"!?\[[^\]]*\]\(([^)\s]+)\)")
TARGET = re.compile(r"^([a-z]+):", re.MULTILINE)
FILE = re.compile(r"# (\w+\.(?:py|toml))\n")
STUDY = "my_study.toml"


def blocks(page: Path) -> list[tuple[str, str]]:
    """Return the language and the text of each fenced block."""
    return BLOCK.findall(page.read_text(encoding="utf-8"))


def prose(page: Path) -> str:
    """Return the page without its fenced blocks."""
    return BLOCK.sub("", page.read_text(encoding="utf-8"))


def links(page: Path) -> list[str]:
    return LINK.findall(prose(page))


def name(page: Path) -> str:
    return page.relative_to(ROOT).as_posix()


def original(page: Path) -> Path:
    """Return the English page of a Japanese one."""
    return page.with_name(page.name.replace(".ja.md", ".md"))


def translated(link: str, folder: Path) -> str:
    """Return where a link of a page in this folder leads in the other language, if there is one."""
    if link.endswith(".ja.md"):
        return link.replace(".ja.md", ".md")
    other = link.replace(".md", ".ja.md")
    return other if (folder / other.partition("#")[0]).exists() else link


def write_study(text: str, folder: Path) -> None:
    """A block with `format` is a whole study; any other is appended to the one before."""
    path = folder / STUDY
    is_whole = re.search(r"^format\b", text, re.MULTILINE)
    path.write_text(text if is_whole else f"{path.read_text('utf-8')}\n{text}", "utf-8")
    load(path)


def type_commands(text: str, folder: Path) -> None:
    """Each `$ hikaku …` runs; where output stands below it, that is what it prints."""
    for typed in re.split(r"^\$ ", text, flags=re.MULTILINE)[1:]:
        command, _, shown = typed.partition("\n")
        program, *arguments = shlex.split(command)
        assert program == "hikaku", command
        said = execute([sys.executable, "-m", "hikaku", *arguments], folder)
        if shown.strip():
            assert re.fullmatch(pattern(shown), plain(said), re.DOTALL), f"{command}\n{said}"


def pattern(shown: str) -> str:
    """`…` stands for anything. Nothing else may differ but spaces and what `plain` leaves out."""
    return ".*".join(map(re.escape, plain(shown).split("…")))


def plain(text: str) -> str:
    """Leave out numbers with a point, and what hangs on them: shares, and the seeds that decided.

    Those are the figures of one machine; verdicts and the words about them are not.
    """
    return " ".join(re.sub(r"[+-]?\d+\.\d+|\d+(?=/\d| %)", "#", text).split())


def run_python(text: str, folder: Path) -> None:
    (folder / "block.py").write_text(text, "utf-8")
    execute([sys.executable, "block.py"], folder)


def execute(words: list[str], folder: Path) -> str:
    speaks = {"LC_ALL": "C.UTF-8", "HIKAKU_LANG": "en"}
    done = subprocess.run(
        words, cwd=folder, capture_output=True, text=True, timeout=120, env=os.environ | speaks
    )
    assert done.returncode == 0, f"{words}\n{done.stdout}\n{done.stderr}"
    return done.stdout


def has_target(text: str, folder: Path) -> None:
    """`make X` is not run here, but the Makefile must know X."""
    targets = TARGET.findall((ROOT / "Makefile").read_text("utf-8"))
    for line in text.splitlines():
        program, target = line.split()
        assert program == "make" and target in targets, line


def is_json(text: str, folder: Path) -> None:
    json.loads(text)


DO: dict[str, Callable[[str, Path], None]] = {
    "toml": write_study,
    "console": type_commands,
    "python": run_python,
    "sh": has_target,
    "json": is_json,
}


def do(language: str, text: str, folder: Path) -> None:
    """A block whose first line is `# name.py` is that file; any other does what it says."""
    if named := FILE.match(text):
        (folder / named[1]).write_text(text, "utf-8")
    else:
        DO[language](text, folder)


@pytest.mark.slow
@pytest.mark.parametrize("page", [page for page in PAGES if blocks(page)], ids=name)
def test_every_block_of_a_page_does_what_it_says(page: Path, tmp_path: Path) -> None:
    for language, text in blocks(page):
        do(language, text, tmp_path)


@pytest.mark.parametrize("page", [*PAGES, *TRANSLATED], ids=name)
def test_every_fence_is_closed_and_every_block_is_of_a_kind_that_is_tested(page: Path) -> None:
    assert "```" not in prose(page)
    assert {language for language, _ in blocks(page)} <= set(DO)


@pytest.mark.parametrize("page", [*PAGES, *TRANSLATED], ids=name)
def test_every_link_and_picture_leads_to_a_file(page: Path) -> None:
    own = [link.partition("#")[0] for link in links(page) if "://" not in link]
    assert [link for link in own if link and not (page.parent / link).exists()] == []


@pytest.mark.parametrize("page", TRANSLATED, ids=name)
def test_a_japanese_page_has_the_blocks_of_the_english_one_but_for_comments(page: Path) -> None:
    def uncommented(page: Path) -> Iterator[tuple[str, str]]:
        for language, text in blocks(page):
            yield language, re.sub(r"[ \t]*# .*$", "", text, flags=re.MULTILINE)

    assert list(uncommented(page)) == list(uncommented(original(page)))


@pytest.mark.parametrize("page", TRANSLATED, ids=name)
def test_a_japanese_page_leads_where_the_english_one_does(page: Path) -> None:
    assert links(page) == [translated(link, page.parent) for link in links(original(page))]


@pytest.mark.parametrize("page", TRANSLATED, ids=name)
def test_a_japanese_page_has_every_heading_row_and_point_of_the_english_one(page: Path) -> None:
    def outline(page: Path) -> list[str]:
        return re.findall(r"^(#+ |\||- |\d+\. |!)", prose(page), re.MULTILINE)

    assert outline(page) == outline(original(page))


def test_the_japanese_readme_calls_the_verdicts_what_the_program_calls_them() -> None:
    rows = re.compile(r"^\| \*\*(.+?)\*\*", re.MULTILINE)
    said = [say(message(word), "ja") for word in rows.findall(ENGLISH.read_text("utf-8"))]
    assert len(said) == 5
    assert rows.findall(JAPANESE.read_text("utf-8")) == said


def test_the_pictures_are_small_and_ask_the_network_for_nothing() -> None:
    pictures = ROOT / "docs" / "pictures"
    drawn = (pictures / "terminal.svg").read_text("utf-8")
    addresses = set(re.findall(r"https?://[^\"' )]+", drawn))
    assert addresses == {"http://www.w3.org/2000/svg"}
    assert len(drawn.encode()) < 60_000
    assert (pictures / "report.png").stat().st_size < 300_000
