"""Files rarely pass 300 lines and functions rarely 40: taste shows in the tail."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from source_tree import modules, parse, shown

FILE_AIM, FILE_LIMIT = 300, 330
FUNCTION_AIM, FUNCTION_LIMIT = 40, 60

# "src/hikaku/room/file.py" or "src/hikaku/room/file.py:function": why it is better long.
EXCEPTIONS: dict[str, str] = {}


def file_sizes() -> Iterator[tuple[str, int]]:
    """Yield each file with its number of lines."""
    for path in modules():
        yield shown(path), len(path.read_text(encoding="utf-8").splitlines())


def function_sizes() -> Iterator[tuple[str, int]]:
    """Yield each function with its number of lines, its docstring left out."""
    for path in modules():
        for node in ast.walk(parse(path)):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                said = ast.get_docstring(node, clean=False)
                docstring = len(said.splitlines()) if said else 0
                lines = (node.end_lineno or node.lineno) - node.lineno + 1
                yield f"{shown(path)}:{node.name}", lines - docstring


def test_no_file_passes_the_limit() -> None:
    sizes = dict(file_sizes())
    print_tail("files", sizes, FILE_AIM)
    assert not _over(sizes, FILE_LIMIT)


def test_no_function_passes_the_limit() -> None:
    sizes = dict(function_sizes())
    print_tail("functions", sizes, FUNCTION_AIM)
    assert not _over(sizes, FUNCTION_LIMIT)


def test_an_exception_is_still_needed_and_says_why() -> None:
    sizes = {**dict(file_sizes()), **dict(function_sizes())}
    for place, reason in EXCEPTIONS.items():
        limit = FUNCTION_LIMIT if ".py:" in place else FILE_LIMIT
        assert reason, f"{place} gives no reason"
        assert sizes.get(place, 0) > limit, f"{place} needs no exception any more"


def print_tail(what: str, sizes: dict[str, int], aim: int) -> None:
    """Print what passes the aim, longest first; `pytest -s tests/architecture` shows it."""
    tail = sorted(((lines, place) for place, lines in sizes.items() if lines > aim), reverse=True)
    print(f"\n{len(tail)} of {len(sizes)} {what} pass {aim} lines")
    for lines, place in tail:
        print(f"  {lines:4} {place}")


def _over(sizes: dict[str, int], limit: int) -> dict[str, int]:
    return {
        place: lines for place, lines in sizes.items() if lines > limit and place not in EXCEPTIONS
    }
