"""What is passed over (a skip, an expected failure, an ignored lint) says why on the spot."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

import pytest

from source_tree import calls, comments, modules, parse, scripts_and_tests, shown

SILENCER = re.compile(
    r"#\s*(?:ruff:\s*noqa|noqa|type:\s*ignore|pyright:\s*ignore|pragma:|mypy:)"
    r"[\w\s:,\-\[\]]*?(?P<reason>(#|\s-)\s*\w.*)?$"
)
PASSED_OVER = re.compile(r"pytest\.(mark\.)?(skip|skipif|xfail|importorskip)")
FILES = [*modules(), *scripts_and_tests()]


def test_an_ignored_check_says_why_on_its_line() -> None:
    found = [(path, *one) for path in FILES for one in comments(path)]
    silent = [shown(path, line) for path, text, line in found if _is_silent(text)]
    assert not silent, silent


def test_a_skipped_test_says_why() -> None:
    found = [(path, line) for path in FILES for line in _passed_over_in_silence(parse(path))]
    silent = [shown(path, line) for path, line in found]
    assert not silent, silent


@pytest.mark.parametrize(
    "comment", ["# noqa", "# noqa: E501, B018", "# type: ignore[arg-type]", "# ruff: noqa"]
)
def test_these_eyes_see_a_check_ignored_in_silence(comment: str) -> None:
    assert _is_silent(comment)
    assert not _is_silent(f"{comment}  # the formula reads better in one line")
    assert not _is_silent(f"{comment} - the formula reads better in one line")


@pytest.mark.parametrize(
    "code",
    [
        "@pytest.mark.skip\ndef test(): ...",
        "pytest.mark.xfail(strict=True)",
        "pytest.importorskip('ray')",
        "pytest.mark.skipif(True, reason='')",
    ],
)
def test_these_eyes_see_a_test_skipped_in_silence(code: str) -> None:
    assert list(_passed_over_in_silence(ast.parse(code)))


@pytest.mark.parametrize(
    "code",
    ["pytest.skip('no browser here')", "pytest.mark.skipif(True, reason='no browser here')"],
)
def test_these_eyes_accept_a_reason(code: str) -> None:
    assert not list(_passed_over_in_silence(ast.parse(code)))


def _is_silent(comment: str) -> bool:
    found = SILENCER.match(comment)
    return bool(found and not found["reason"])


def _passed_over_in_silence(tree: ast.Module) -> Iterator[int]:
    for name, call in calls(tree):
        if PASSED_OVER.fullmatch(name) and not _has_reason(name, call):
            yield call.lineno
    for node in ast.walk(tree):
        for decorator in getattr(node, "decorator_list", ()):
            if PASSED_OVER.fullmatch(ast.unparse(decorator)):
                yield decorator.lineno


def _has_reason(name: str, call: ast.Call) -> bool:
    given = {item.arg: item.value for item in call.keywords}
    reason = given.get("reason")
    if reason is None and name == "pytest.skip" and call.args:
        reason = call.args[0]
    return reason is not None and not (isinstance(reason, ast.Constant) and not reason.value)
