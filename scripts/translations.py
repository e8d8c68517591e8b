"""Gather every message of hikaku into its Japanese catalogue, and compile the catalogue.

A message is the first argument of a call of `message`, a literal; so are the help of every command
and option, what click itself says of them, and the texts of the catalogue: cards, models, data
sets, questions and claims of the ready-made studies. Translations that are there stay; a new
message waits with an empty one (hikaku then says it in English); one that no longer occurs moves
to the end of the file, and comes back with its translation if it occurs again. Both files are kept
under version control and depend on nothing but the sources, and on click's.
"""

from __future__ import annotations

import ast
import io
import tomllib
from collections.abc import Iterator
from datetime import UTC, datetime
from importlib.util import find_spec
from itertools import chain
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

from hikaku.cli import hikaku
from hikaku.cli.spoken import help_texts
from hikaku.study.catalogue import datasets, models, techniques
from hikaku.study.gallery import gallery

ROOT = Path(__file__).parents[1]
SOURCES = ROOT / "src"
JAPANESE = SOURCES / "hikaku" / "locale" / "ja" / "LC_MESSAGES" / "hikaku.po"
# Fixed: a header that says when it was made would make each run a change.
WRITTEN = datetime(2026, 1, 1, tzinfo=UTC)


CLICK = ("core", "decorators", "exceptions", "formatting", "parser", "types")
"""The modules of click that speak to users."""
CARD = ("claim", "helps", "hurts", "cost", "pitfalls")
"""The parts of a card that are said in every language."""

Template = str | tuple[str, str]
"""A template; or one for one thing and one for many, as only click has them."""


def templates() -> dict[Template, list[str]]:
    """Return the files in which each English template occurs, sorted by template."""
    found: dict[Template, set[str]] = {}
    for template, place in chain(_messages(), _help(), _of_click(), _catalogue(), _gallery()):
        if template:
            found.setdefault(template, set()).add(place)
    return {template: sorted(found[template]) for template in sorted(found, key=str)}


def _messages() -> Iterator[tuple[Template, str]]:
    for path in SOURCES.rglob("*.py"):
        for call in message_calls(ast.parse(path.read_text(encoding="utf-8"))):
            match call.args:
                case [ast.Constant(value=str(template))]:
                    yield template, str(path.relative_to(ROOT))


def _help() -> Iterator[tuple[Template, str]]:
    for text in help_texts(hikaku):
        yield text, "src/hikaku/cli"


def _of_click() -> Iterator[tuple[Template, str]]:
    yield "required", "click"
    for name in CLICK:
        path = Path(str(find_spec(f"click.{name}").origin))  # type: ignore[union-attr]  # it is there
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            called = node.func if isinstance(node, ast.Call) else None
            match (getattr(called, "id", ""), getattr(node, "args", None)):
                case ("_", [ast.Constant(value=str(template))]):
                    yield template, "click"
                case ("ngettext", [ast.Constant(value=str(one)), ast.Constant(value=str(many)), _]):
                    yield (one, many), "click"


def _catalogue() -> Iterator[tuple[Template, str]]:
    for entry in chain(techniques().values(), models().values()):
        if SOURCES not in entry.path.parents:
            continue  # a plug-in brings its own words
        texts = (getattr(entry.card, part) for part in CARD if entry.card)
        for text in (entry.summary, *texts):
            yield text, str(entry.path.relative_to(ROOT))
    for found in datasets().values():
        for text in (found.summary, found.licence):
            yield text, "src/hikaku/data/builtin.py"


def _gallery() -> Iterator[tuple[Template, str]]:
    for path in gallery().values():
        study = tomllib.loads(path.read_text(encoding="utf-8"))
        for text in (study["question"], *(claim["text"] for claim in study.get("claim", ()))):
            yield text, str(path.relative_to(ROOT))


def message_calls(tree: ast.Module) -> Iterator[ast.Call]:
    """Yield every call of `message` in a file."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "message":
            yield node


def merged(old: Catalog, found: dict[Template, list[str]]) -> Catalog:
    """Return a catalogue of the messages `found`, with the translations that `old` knows."""
    known = {
        key(entry): entry.string
        for entry in chain(old, old.obsolete.values())
        if entry.id and entry.string
    }
    new = empty()
    for template, files in found.items():
        new.add(template, known.pop(template, ""), [(file, 0) for file in files])
    for template in sorted(known, key=str):
        new.obsolete[template] = Message(template, known[template])
    return new


def key(entry: Message) -> Template:
    """Return the template of an entry; of a pair, both."""
    return str(entry.id) if isinstance(entry.id, str) else (str(entry.id[0]), str(entry.id[1]))


def empty() -> Catalog:
    """Return a catalogue that holds nothing but its header."""
    return Catalog(
        "ja",
        header_comment="# hikaku in Japanese, gathered by `make translations`.",
        project="hikaku",
        version="0",
        msgid_bugs_address="",
        creation_date=WRITTEN,
        revision_date=WRITTEN,
        last_translator="the hikaku developers",
        language_team="ja",
        fuzzy=False,
    )


def po_text(catalogue: Catalog) -> bytes:
    """Return the catalogue as the text that translators edit."""
    text = io.BytesIO()
    write_po(text, catalogue, width=100, include_lineno=False)
    return text.getvalue()


def mo_bytes(catalogue: Catalog) -> bytes:
    """Return the catalogue as gettext reads it; messages without translation are left out."""
    compiled = io.BytesIO()
    write_mo(compiled, catalogue)
    return compiled.getvalue()


def read(path: Path = JAPANESE) -> Catalog:
    """Return the catalogue that is stored, an empty one where there is none."""
    if not path.exists():
        return empty()
    with path.open("rb") as file:
        return read_po(file, locale="ja")


if __name__ == "__main__":
    catalogue = merged(read(), templates())
    JAPANESE.write_bytes(po_text(catalogue))
    JAPANESE.with_suffix(".mo").write_bytes(mo_bytes(catalogue))
    waiting = sum(1 for entry in catalogue if entry.id and not entry.string)
    print(f"{len(catalogue)} messages, {waiting} without translation")
