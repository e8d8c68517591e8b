from __future__ import annotations

import os
import re
from pathlib import Path

import pytest

from hikaku.errors import StudyError
from hikaku.study.toml import read_toml


def fault(path: Path) -> str:
    with pytest.raises(StudyError) as caught:
        read_toml(path)
    (only,) = caught.value.faults
    assert only.mend, only
    place = re.fullmatch(r"(:\d+):\d+:", only.where.removeprefix(str(path)))
    assert place, only.where
    return f"{place[1]} {only.what}"


@pytest.mark.parametrize(
    ("data", "what"),
    [
        (b"a = 1\nb = \n", ":2 this is not valid TOML"),
        (b"a = 1\na = 2\n", ":2 this key or table is written twice."),
        (b"[t]\n\n[t]\n", ":3 this key or table is written twice."),
        (b"a = [1,\n", ":2 this is not valid TOML"),
        (b"\xff\xfea\x00", ":1 this is not a UTF-8 text"),
        ("a = 'é'".encode("utf-16-be"), ":1 this is not a UTF-8 text"),
        (b"a = 1\nb = '\0'\n", ":2 this is not a UTF-8 text"),
        (b"a = 1\nb = '\xe9'\n", ":2 this is not UTF-8"),
        (b"a = 1\n\nb = " + b"9" * 5000, ":3 this number has too many digits"),
        (b"a = 1\nb = " + b"[" * 5000 + b"]" * 5000, ":2 this is nested too deeply"),
        (b"b = " + b"{a=" * 2000 + b"1" + b"}" * 2000, ":1 this is nested too deeply"),
        (b"\nb = " + b"[" * 40 + b"]" * 40, ":2 this is nested too deeply"),
        (b"x = 1\n" + b"a." * 300_000 + b"a = 1", ":2 this is nested too deeply"),
        (b"x = { " + b"'a' . " * 100_000 + b"a = 1 }", ":1 this is nested too deeply"),
        (b"[" + b'"a".' * 100_000 + b"a]", ":1 this is nested too deeply"),
        (b"#" * 1_000_001, ":1 this file is larger than 1 MB"),
    ],
    ids=range(16),
)
def test_whatever_is_no_study_is_said_with_its_line(tmp_path: Path, data: bytes, what: str) -> None:
    path = tmp_path / "study.toml"
    path.write_bytes(data)
    assert fault(path).startswith(what)


def test_a_byte_order_mark_is_no_fault(tmp_path: Path) -> None:
    path = tmp_path / "study.toml"
    path.write_bytes(b"\xef\xbb\xbfa = 1\r\nb = 2\r\n")
    mapping, places = read_toml(path)
    assert mapping == {"a": 1, "b": 2}
    assert places.spot(("b",)) == (2, 1)


def test_dots_in_a_long_text_are_no_deep_key(tmp_path: Path) -> None:
    path = tmp_path / "study.toml"
    path.write_text("a = '" + "one sentence. another one. " * 500 + "'\n")
    assert "a" in read_toml(path)[0]


def test_a_missing_file_a_folder_and_a_pipe_are_refused(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    assert fault(tmp_path / "none.toml") == ":1 there is no such file."
    assert fault(tmp_path) == ":1 this is a folder, not a study file."
    assert fault(tmp_path / "pipe") == ":1 there is no such file."
    assert "no such file" in fault(Path("nul\0byte"))
    assert fault(Path("x" * 5000)).startswith(":1 ")
