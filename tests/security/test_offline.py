"""hikaku asks nobody: no command opens a connection, and all of them work without a network."""

from __future__ import annotations

import ast
import re
import shutil
import subprocess
from pathlib import Path

import pytest
import telling_study
from watched import watched

import hikaku

PACKAGE = Path(hikaku.__file__).parent
ALONE = ("unshare", "--net", "--map-root-user")
"""Starts a program that has no network at all, not even to this machine."""

FETCHES = {"data/fetch.py"}
"""The only file that may open an address, and only for a data set that was asked for by name."""


def can_be_alone() -> bool:
    return (
        shutil.which("unshare") is not None
        and not subprocess.run([*ALONE, "true"], capture_output=True, check=False).returncode
    )


@pytest.mark.slow
@pytest.mark.skipif(not can_be_alone(), reason="this system lets nobody take the network away")
def test_a_study_runs_and_is_read_without_a_network_and_never_looks_for_one(
    tmp_path: Path,
) -> None:
    telling_study.write(tmp_path)
    for command in (
        ("run", "study.toml"),
        ("results", "study.toml"),
        ("show", "data", "digits"),
    ):
        seen = watched(tmp_path, tmp_path / "eyes", command, before=ALONE)
        assert seen.code == 0, (command, seen.said)
        assert seen.of("network") == []


@pytest.mark.slow
@pytest.mark.skipif(not can_be_alone(), reason="this system lets nobody take the network away")
def test_a_data_set_that_must_be_fetched_says_so_in_words(tmp_path: Path) -> None:
    (tmp_path / "cache").mkdir()
    seen = watched(
        tmp_path, tmp_path / "eyes", ("show", "data", "mnist"), before=ALONE,
        HIKAKU_CACHE=str(tmp_path / "cache"), HIKAKU_DATA="",
    )  # fmt: skip  # one call
    assert seen.code == 3
    assert "cannot reach" in seen.said and "HIKAKU_DATA" in seen.said
    assert seen.of("network"), "these eyes see who looks for an address"


LISTENS = {
    "read/serve/app.py", "read/serve/connections.py", "read/serve/hand.py",
    "read/serve/library.py", "read/serve/press.py", "read/serve/server.py",
}  # fmt: skip  # files of one kind
"""The files of the dashboard, which answers, and asks nobody."""


def test_one_file_alone_knows_how_to_open_an_address() -> None:
    network = {"socket", "http", "urllib", "requests", "pooch", "ftplib", "smtplib", "asyncio"}
    found = set()
    for path in PACKAGE.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            if isinstance(node, ast.ImportFrom) and not node.level:
                names = [f"{node.module}.{alias.name}" for alias in node.names]
            if any(_opens(name, network) for name in names):
                found.add(path.relative_to(PACKAGE).as_posix())
    assert found == FETCHES | LISTENS


def _opens(name: str, network: set[str]) -> bool:
    return name.partition(".")[0] in network and not name.startswith("urllib.parse")


def test_no_address_stands_in_the_code_but_those_of_data_sets_and_of_formats() -> None:
    allowed = {"data/builtin.py", "present/lettering.py"}  # the names of SVG's own spaces
    found = {
        path.relative_to(PACKAGE).as_posix()
        for path in PACKAGE.rglob("*")
        if path.suffix in (".py", ".js", ".j2", ".css")
        and re.search(r"https?://\w", path.read_text("utf-8"))
    }
    assert found <= allowed
