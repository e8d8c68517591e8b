"""The package of docs/learn/your-own-technique.md, installed, is found by its entry point."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

PAGE = Path(__file__).parents[2] / "docs" / "learn" / "your-own-technique.md"
NAMED = re.compile(r"^```\w+\n(# ([\w.]+)\n.*?)^```$", re.MULTILINE | re.DOTALL)

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder that holds the page's package as pip would install it."""
    found = tmp_path_factory.mktemp("site")
    files = {name: text for text, name in NAMED.findall(PAGE.read_text("utf-8"))}
    project = tomllib.loads(files["pyproject.toml"])["project"]
    info = found / f"{project['name'].replace('-', '_')}-{project['version']}.dist-info"
    info.mkdir()
    head = f"Metadata-Version: 2.1\nName: {project['name']}\nVersion: {project['version']}\n"
    (info / "METADATA").write_text(head)
    (group,) = project["entry-points"].items()
    points = "".join(f"{name} = {value}\n" for name, value in group[1].items())
    (info / "entry_points.txt").write_text(f"[{group[0]}]\n{points}")
    (info / "RECORD").write_text("my_technique.py,,\n")
    (found / "my_technique.py").write_text(files["my_technique.py"])
    return found


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("elsewhere")


STUDY = """
format = 1
metric = "accuracy"
worth = 0.1
seeds = 2
model = { use = "mlp", hidden = [4] }
data = { use = "digits", train = 60, validation = 30 }
[recipe]
epochs = 1
optimizer = "sgd"
[[variant]]
name = "warm-up"
schedule = { use = "warm-up", updates = 3 }
"""


def said(site: Path, folder: Path, *words: str) -> str:
    path = os.pathsep.join(filter(None, (str(site), os.environ.get("PYTHONPATH"))))
    done = subprocess.run(
        [sys.executable, "-m", "hikaku", *words],
        cwd=folder,
        env=os.environ | {"PYTHONPATH": path, "HIKAKU_LANG": "en"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_it_is_listed_explained_and_checked_by_its_name(site: Path, folder: Path) -> None:
    listed = said(site, folder, "techniques").splitlines()
    assert [line.split()[:2] for line in listed if line.startswith("warm-up ")] == [
        ["warm-up", "schedule"]
    ]
    assert "updates = 50  (a whole number >= 1)" in said(site, folder, "explain", "warm-up")
    checked = said(site, folder, "check-technique", "warm-up")
    assert "FAILED" not in checked and checked.count("ok  ") == 8
    assert checked.endswith('A study beside it writes: schedule = "warm-up"\n')


def test_a_study_trains_with_it_in_worker_processes(site: Path, folder: Path) -> None:
    (folder / "warm.toml").write_text(STUDY)
    output = said(site, folder, "run", "warm.toml", "--quiet")
    assert "Verdicts" in output and "warm-up" in output
