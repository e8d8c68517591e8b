"""requirements.lock holds every version of constraints.txt with digests, and no place to get it."""

from __future__ import annotations

import json
import re
import tomllib
from itertools import chain
from pathlib import Path

import pytest

from audit import LOCK, Locked, lock, name_of, pins, read, wrong

ROOT = Path(__file__).parents[2]
DIGEST = "0" * 64
WHOLE = Locked("a", "1", "", (DIGEST,))


def test_every_pin_is_locked_with_its_digests() -> None:
    assert list(wrong(pins(), lock())) == []


def test_every_dependency_is_pinned() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    asked = [
        *project["dependencies"],
        *chain.from_iterable(project["optional-dependencies"].values()),
    ]
    names = {name_of(re.split(r"[<>=\[]", one)[0]) for one in asked} - {"hikaku"}
    assert names <= {name_of(name) for name in pins()}


def test_the_lock_names_no_place_and_no_user() -> None:
    assert not re.search(r"https?:|://|@", LOCK.read_text("utf-8"))


def test_what_is_written_is_read_back() -> None:
    two = (WHOLE, Locked("b", "2.0", 'sys_platform == "linux"', (DIGEST, "f" * 64)))
    assert tuple(lock("# a word\n" + "".join(map(str, two)))) == two


@pytest.mark.parametrize(
    ("wanted", "found", "said"),
    [
        ({"a": "1", "b": "1"}, WHOLE, "b is not in the lock"),
        ({"a": "2"}, WHOLE, "a is 1 in the lock, and 2 in constraints.txt"),
        ({"a": "1"}, Locked("a", "1", "", ()), "a has no digest"),
        ({"a": "1"}, Locked("a", "1", "", ("0" * 63,)), "a has no digest"),
        ({}, WHOLE, "a is in the lock alone, and for every platform"),
    ],
)
def test_what_does_not_fit_is_told(wanted: dict[str, str], found: Locked, said: str) -> None:
    assert list(wrong(wanted, [found])) == [said]


def test_what_pip_audit_did_not_look_up_is_not_taken_for_sound() -> None:
    rows = [
        {"name": "a", "skip_reason": "not found"},
        {"name": "b", "version": "2", "vulns": []},
        {"name": "c", "version": "3", "vulns": [{"id": "CVE-1"}]},
    ]
    weak, said = read(json.dumps({"dependencies": rows}))
    assert weak == ["c 3: CVE-1"]
    assert said.startswith("2 of 3 looked up")
    assert read('{"dependencies": [{"name": "a", "skip_reason": "b"}]}')[1].startswith("nothing")
