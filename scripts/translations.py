"""Gather every message of hikaku into its Japanese catalogue, and compile the catalogue.

A message is the first argument of a call of `message`, a literal. Translations that are there
stay; a new message waits with an empty one (hikaku then says it in English); one that no longer
occurs moves to the end of the file, and comes back with its translation if it occurs again.
Both files are kept under version control and depend on nothing but the sources.
"""

from __future__ import annotations

import ast
import io
from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import chain
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

ROOT = Path(__file__).parents[1]
SOURCES = ROOT / "src"
JAPANESE = SOURCES / "hikaku" / "locale" / "ja" / "LC_MESSAGES" / "hikaku.po"
# Fixed: a header that says when it was made would make each run a change.
WRITTEN = datetime(2026, 1, 1, tzinfo=UTC)


def templates() -> dict[str, list[str]]:
    """Return the files in which each English template occurs, sorted by template."""
    found: dict[str, set[str]] = {}
    for path in SOURCES.rglob("*.py"):
        for call in message_calls(ast.parse(path.read_text(encoding="utf-8"))):
            match call.args:
                case [ast.Constant(value=str(template))]:
                    found.setdefault(template, set()).add(str(path.relative_to(ROOT)))
    return {template: sorted(found[template]) for template in sorted(found)}


def message_calls(tree: ast.Module) -> Iterator[ast.Call]:
    """Yield every call of `message` in a file."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "message":
            yield node


def merged(old: Catalog, found: dict[str, list[str]]) -> Catalog:
    """Return a catalogue of the messages `found`, with the translations that `old` knows."""
    known = {
        str(entry.id): entry.string
        for entry in chain(old, old.obsolete.values())
        if entry.id and entry.string
    }
    new = empty()
    for template, files in found.items():
        new.add(template, known.pop(template, ""), [(file, 0) for file in files])
    for template in sorted(known):
        new.obsolete[template] = Message(template, known[template])
    return new


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
