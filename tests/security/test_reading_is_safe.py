"""What only reads runs nothing of the user's, starts nothing and unpickles nothing; `run` does."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import telling_study
from watched import Seen, watched

pytestmark = [pytest.mark.slow, pytest.mark.fault("E7")]

READING = (
    ("results", "study.toml"),
    ("results", "study.toml", "--json"),
    ("report", "study.toml", "-o", "again.html"),
    ("studies",),
    ("studies", "--json"),
    ("store", "size"),
    ("techniques",),
    ("models",),
    ("datasets",),
    ("gallery", "--json"),
    ("explain", "my_technique.py"),
    ("new", "another.toml"),
)
"""Every command that only reads; what else there is runs code, or writes to the store."""


@pytest.fixture(scope="module")
def ran(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Seen]:
    """Return the folder of a study that was run, and what was seen meanwhile."""
    folder = tmp_path_factory.mktemp("study")
    telling_study.write(folder)
    seen = watched(folder, tmp_path_factory.mktemp("eyes"), ("run", "study.toml", "--quiet"))
    return folder, seen


def test_these_eyes_see_a_run_execute_every_file_of_the_study(ran: tuple[Path, Seen]) -> None:
    _, seen = ran
    assert seen.code == 0, seen.said
    told = "\n".join(seen.of("code"))
    for name in telling_study.FILES:
        assert name in told
    assert seen.of("process")


def test_a_run_looks_for_no_network_where_there_is_one(ran: tuple[Path, Seen]) -> None:
    _, seen = ran
    assert seen.of("network") == []


@pytest.mark.parametrize("command", READING, ids=" ".join)
def test_reading_runs_none_of_the_users_code(
    ran: tuple[Path, Seen], command: tuple[str, ...], tmp_path: Path
) -> None:
    folder, _ = ran
    telling_study.forget(folder)
    seen = watched(folder, tmp_path / "eyes", command)
    assert seen.code == 0, seen.said
    assert telling_study.ran(folder) == set()
    assert seen.events == ()


def test_what_was_read_is_the_whole_study(ran: tuple[Path, Seen], tmp_path: Path) -> None:
    folder, _ = ran
    seen = watched(folder, tmp_path / "eyes", ("results", "study.toml", "--json"))
    arms = json.loads(seen.said)["arms"]
    assert [arm["outcomes"]["done"] for arm in arms] == [3, 3]
    assert arms[1]["recipe"]["schedule"] == "my_technique.py:Constant(updates=5)"


def test_a_study_of_somebody_else_is_read_without_its_code_even_where_that_is_broken(
    tmp_path: Path,
) -> None:
    telling_study.write(tmp_path)
    text = (tmp_path / "my_model.py").read_text()
    (tmp_path / "my_model.py").write_text(text + "\nraise SystemExit(77)\n")
    seen = watched(tmp_path, tmp_path / "eyes", ("results", "study.toml"))
    assert seen.code == 0, seen.said
    assert telling_study.ran(tmp_path) == set()


def test_from_python_reading_runs_none_of_it_either(ran: tuple[Path, Seen]) -> None:
    import hikaku

    folder, _ = ran
    telling_study.forget(folder)
    answer = hikaku.results(folder / "study.toml", store=folder / ".hikaku" / "store.db")
    assert len(answer.results.trials) == 6
    answer.report(folder / "python.html")
    assert answer.table() and answer.as_json() and answer._repr_html_()
    assert telling_study.ran(folder) == set()
