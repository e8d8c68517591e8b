"""The repository as these tests read it: its files, their syntax trees, and full dotted names."""

from __future__ import annotations

import ast
import tokenize
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "src" / "hikaku"
ROOMS = sorted(init.parent for init in PACKAGE.glob("*/__init__.py"))


def modules() -> list[Path]:
    """Return every Python file of the package."""
    return sorted(PACKAGE.rglob("*.py"))


def scripts_and_tests() -> list[Path]:
    """Return every Python file beside the package."""
    return sorted([*(ROOT / "tests").rglob("*.py"), *(ROOT / "scripts").rglob("*.py")])


def shown(path: Path, line: int = 0) -> str:
    """Return where that is, as editors understand it."""
    return f"{path.relative_to(ROOT)}:{line}" if line else str(path.relative_to(ROOT))


def parse(path: Path) -> ast.Module:
    """Return the file's syntax tree."""
    return ast.parse(path.read_text(encoding="utf-8"))


def words(path: Path) -> Iterator[tuple[str, int]]:
    """Yield each name in the code with its line: comments and strings are not code."""
    for token in tokens(path):
        if token.type == tokenize.NAME:
            yield token.string, token.start[0]


def comments(path: Path) -> Iterator[tuple[str, int]]:
    """Yield each comment with its line."""
    for token in tokens(path):
        if token.type == tokenize.COMMENT:
            yield token.string, token.start[0]


def tokens(path: Path) -> Iterator[tokenize.TokenInfo]:
    """Yield the file's tokens."""
    with path.open("rb") as file:
        yield from tokenize.tokenize(file.readline)


def imports(tree: ast.Module) -> Iterator[tuple[str, int]]:
    """Yield each imported name in full, `torch.nn.functional.relu`, with its line."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((alias.name, node.lineno) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield from ((f"{node.module}.{alias.name}", node.lineno) for alias in node.names)


def calls(tree: ast.Module) -> Iterator[tuple[str, ast.Call]]:
    """Yield each call of a plain or dotted name, in full whatever the file calls its imports."""
    meanings = _meanings(tree)
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and (name := _dotted(node.func)):
            first, _, rest = name.partition(".")
            full = meanings.get(first, first)
            yield f"{full}.{rest}" if rest else full, node


def _meanings(tree: ast.Module) -> dict[str, str]:
    found: dict[str, str] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found |= {alias.asname: alias.name for alias in node.names if alias.asname}
        elif isinstance(node, ast.ImportFrom):
            found |= {
                alias.asname or alias.name: f"{node.module}.{alias.name}" for alias in node.names
            }
    return found


def _dotted(node: ast.expr) -> str:
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute) and (before := _dotted(node.value)):
        return f"{before}.{node.attr}"
    return ""
