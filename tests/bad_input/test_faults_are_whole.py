"""Every mistake in a study or in data that hikaku can name comes with how to mend it."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import hikaku

SOURCE = Path(hikaku.__file__).parent
FILES = [
    *SOURCE.glob("study/*.py"),
    *SOURCE.glob("data/**/*.py"),
    SOURCE / "models" / "weights.py",
    SOURCE / "run" / "load_model.py",
]
PLACES = {"Fault": 4, "fault": 2}
"""By what makes a fault: which argument is the mend, where it is not called so."""


def without_mend(tree: ast.Module) -> Iterator[int]:
    """Yield the line of each fault that is made without saying how to mend it."""
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call):
            continue
        name = ast.unparse(node.func)
        last = name.rpartition(".")[2]
        is_error = name.endswith("Error.of")
        if not is_error and (last not in PLACES or last == "_fault"):
            continue
        starred = any(isinstance(argument, ast.Starred) for argument in node.args)
        named = any(keyword.arg == "mend" for keyword in node.keywords)
        if not (starred or named or len(node.args) >= PLACES.get(last, 99)):
            yield node.lineno


def test_no_fault_of_a_study_or_of_data_comes_without_its_mend() -> None:
    found = [
        f"{file.relative_to(SOURCE)}:{line}"
        for file in FILES
        for line in without_mend(ast.parse(file.read_text(encoding="utf-8")))
    ]
    assert not found


def test_the_search_sees_a_fault_without_a_mend() -> None:
    text = 'node.fault(message("x"))\nDataError.of(message("y"), where="z")\nFault(a, b)'
    assert list(without_mend(ast.parse(text))) == [1, 2, 3]
