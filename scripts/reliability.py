"""Write docs/reliability.md: each fault, what is wanted of hikaku, and the tests that show it.

Eats docs/faults.toml, the marks `@pytest.mark.fault("A1")` in tests/, read as text, the corpus of
bad inputs, and what `make soak` and `make load` wrote: docs/soak.json and docs/store.json.
"""

from __future__ import annotations

import ast
import json
import sys
import tomllib
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bad_inputs import cases

ROOT = Path(__file__).parents[1]
FAULTS = ROOT / "docs" / "faults.toml"
SOAK = ROOT / "docs" / "soak.json"
STORE = ROOT / "docs" / "store.json"
PAGE = ROOT / "docs" / "reliability.md"

CORPUS = "tests/bad_input/test_corpus.py"

INTRODUCTION = """\
# What can go wrong, and which test shows that it does no harm

{faults} faults. For {shown} of them tests show the behaviour in the middle column; {waiting} have \
no test, and the last column says why. `make reliability` writes this page from `docs/faults.toml` \
and from the tests' own marks, and a test fails where a fault has neither a test nor a reason.

What is not shown by killing processes is the loss of power: what the system has in memory \
outlives a killed process. For that, files and commits are flushed to the disk before anything \
counts on them.

Who attacks, what is defended and what is not: [SECURITY.md](../SECURITY.md).
"""


@dataclass(frozen=True)
class Fault:
    """One thing that can go wrong; `why_not` says why no test shows it, `note` what is open."""

    id: str
    fault: str
    wanted: str
    why_not: str = ""
    note: str = ""


@dataclass(frozen=True, order=True)
class Shown:
    """A test file that shows a fault survived, and by how many tests (or cases) it is marked."""

    file: str
    marks: int


def faults() -> tuple[Fault, ...]:
    """Return every fault in the order of the list."""
    return tuple(Fault(**table) for table in _list()["fault"])


def marks(tests: Path = ROOT / "tests") -> dict[str, tuple[Shown, ...]]:
    """Return, by fault, the files whose tests are marked with it; no test is imported.

    Each input of the corpus says itself which faults it is of, and counts as one.
    """
    found: dict[str, list[Shown]] = {}
    corpus = Counter(id for case in cases() for id in case.faults)
    for id, number in corpus.items() if (tests.parent / CORPUS).exists() else ():
        found[id] = [Shown(CORPUS, number)]
    for path in sorted(tests.rglob("*.py")):
        text = path.read_text("utf-8")
        counted = Counter(_marked(ast.parse(text)) if "mark.fault" in text else ())
        for id, number in counted.items():
            found.setdefault(id, []).append(
                Shown(path.relative_to(tests.parent).as_posix(), number)
            )
    return {id: tuple(shown) for id, shown in found.items()}


def wrong(known: Sequence[Fault], shown: Mapping[str, Sequence[Shown]]) -> Iterator[str]:
    """Yield what does not fit: faults with neither test nor reason, or both; unknown marks."""
    ids = Counter(fault.id for fault in known)
    yield from (f"{id} stands in the list twice" for id, number in ids.items() if number > 1)
    for fault in known:
        if not fault.why_not and fault.id not in shown:
            yield f"{fault.id} has neither a test nor a reason: {fault.fault}"
        if fault.why_not and fault.id in shown:
            yield f"{fault.id} has a test, and a reason why it has none"
    for id in sorted(set(shown) - set(ids)):
        yield f"{id} is a mark in {shown[id][0].file}, and no fault of the list"


def page(
    known: Sequence[Fault],
    shown: Mapping[str, Sequence[Shown]],
    measured: Mapping[str, Mapping[str, Any]],
) -> str:
    """Return the text of docs/reliability.md; `measured` is what campaigns found, by heading."""
    tested = sum(fault.id in shown for fault in known)
    head = INTRODUCTION.format(faults=len(known), shown=tested, waiting=len(known) - tested)
    rooms: dict[str, str] = _list()["rooms"]
    parts = [head]
    for title, found in measured.items():
        parts += _campaign(title, found)
    for letter, title in rooms.items():
        rows = [
            (fault.id, fault.fault, fault.wanted, _shown_by(fault, shown.get(fault.id, ())))
            for fault in known
            if fault.id.startswith(letter)
        ]
        parts.append(
            f"## {letter}. {title}\n\n" + _table(("", "fault", "wanted", "shown by"), rows)
        )
    return "\n".join(parts)


def measured() -> dict[str, dict[str, Any]]:
    """Return what the campaigns have found, by the heading that it gets."""
    return {
        "The kill harness (`make soak`)": json.loads(SOAK.read_text("utf-8")),
        "A large store (`make load`)": json.loads(STORE.read_text("utf-8")),
    }


def _list() -> dict[str, Any]:
    return tomllib.loads(FAULTS.read_text("utf-8"))


def _marked(tree: ast.AST) -> Iterator[str]:
    """Yield the ids of every `pytest.mark.fault(…)`, wherever it stands, but for computed ones."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and ast.unparse(node.func) == "pytest.mark.fault":
            written = (one for one in node.args if not isinstance(one, ast.Starred))
            yield from (str(ast.literal_eval(one)) for one in written)


def _shown_by(fault: Fault, shown: Sequence[Shown]) -> str:
    links = (f"[{Path(one.file).name}](../{one.file}) ({one.marks})" for one in shown)
    return "; ".join((*links, *filter(None, (fault.note,)))) if shown else f"*{fault.why_not}*"


def _campaign(title: str, found: Mapping[str, Any]) -> Iterator[str]:
    """Yield its totals: what is plain in a line each, lists of rows as tables."""
    plain = {key: value for key, value in found.items() if not isinstance(value, list)}
    lines = "".join(f"- {_words(key)}: {_cell(value)}\n" for key, value in plain.items())
    yield f"## {title}\n\n{lines}"
    for key, rows in found.items():
        if isinstance(rows, list) and rows and isinstance(rows[0], str):
            yield f"{_words(key)}: {'; '.join(rows)}\n"
        elif isinstance(rows, list) and rows:
            cells = [[_cell(row.get(name, "")) for name in rows[0]] for row in rows]
            yield f"{_words(key)}:\n\n" + _table([_words(name) for name in rows[0]], cells)


def _words(key: str) -> str:
    return WORDS.get(key, key.replace("_", " "))


WORDS = {"lost_doubled_or_changed": "lost, doubled or changed"}
"""What reads better otherwise."""


def _cell(value: object) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{_words(key)} {_cell(item)}" for key, item in value.items())
    return f"{value:,}" if isinstance(value, int) and not isinstance(value, bool) else str(value)


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = (head, ["---"] * len(head), *rows)
    return "".join(f"| {' | '.join(cells)} |\n" for cells in lines)


if __name__ == "__main__":
    known, shown = faults(), marks()
    PAGE.write_text(page(known, shown, measured()), encoding="utf-8")
    problems = list(wrong(known, shown))
    print("\n".join(problems) or f"{PAGE.relative_to(ROOT)}: {len(known)} faults")
    sys.exit(bool(problems))
