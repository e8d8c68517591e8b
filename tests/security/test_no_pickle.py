"""No file that hikaku reads can run code: nothing in the package knows how to."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

import hikaku

PACKAGE = Path(hikaku.__file__).parent
FILES = sorted(PACKAGE.rglob("*.py"))
RUN_WHAT_THEY_READ = {"pickle", "marshal", "shelve", "dill", "cloudpickle", "joblib", "yaml"}
ALLOWED = {
    "checks/contract.py": "pickles a technique's settings and back, in memory, for the contract",
}
"""Files that import one of them, and why."""
CALLS = {"eval", "exec", "torch.load", "numpy.load", "np.load", "pandas.read_pickle"}

pytestmark = pytest.mark.fault("D4", "D5", "G2")


def shown(path: Path) -> str:
    return path.relative_to(PACKAGE).as_posix()


def dangers(tree: ast.AST) -> Iterator[str]:
    """Yield what in a file could run what it reads."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (one.name for one in node.names if one.name in RUN_WHAT_THEY_READ)
        elif isinstance(node, ast.ImportFrom) and node.module in RUN_WHAT_THEY_READ:
            yield node.module
        elif isinstance(node, ast.Call) and ast.unparse(node.func) in CALLS:
            safe = {"allow_pickle": False}
            if not any(safe.get(str(one.arg)) is _value(one.value) for one in node.keywords):
                yield ast.unparse(node.func)


def _value(node: ast.expr) -> object:
    return node.value if isinstance(node, ast.Constant) else node


def test_no_file_of_the_package_runs_what_it_reads() -> None:
    found = {shown(path): [*dangers(ast.parse(path.read_text("utf-8")))] for path in FILES}
    assert {name for name, lines in found.items() if lines} == {*ALLOWED}, found


@pytest.mark.parametrize(
    ("code", "is_safe"),
    [
        ("import pickle", False),
        ("from marshal import loads", False),
        ("eval(text)", False),
        ("np.load(file)", False),
        ("np.load(file, allow_pickle=True)", False),
        ("np.load(file, allow_pickle=False)", True),
        ("model.eval()", True),
        ("torch.load(file, weights_only=True)", False),
    ],
)
def test_these_eyes_see_it(code: str, is_safe: bool) -> None:
    assert (not list(dangers(ast.parse(code)))) == is_safe
