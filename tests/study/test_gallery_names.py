"""STUDY on the command line: a file, the name of a ready-made study, or a clear answer."""

from __future__ import annotations

from pathlib import Path

import pytest

from hikaku.errors import StudyError
from hikaku.study.gallery import gallery, resolve


def test_a_file_wins_over_a_ready_made_study_and_a_folder_does_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "digits").mkdir()
    assert resolve("digits") == gallery()["digits"]
    (tmp_path / "digits").rmdir()
    (tmp_path / "digits").write_text("format = 1")
    assert resolve("digits") == Path("digits")


@pytest.mark.parametrize(
    ("study", "answer"),
    [
        ("digit", "there is no file and no ready-made study 'digit'. Did you mean 'digits'?"),
        ("nowhere.toml", "there is no file and no ready-made study 'nowhere.toml'."),
        (".", "there is no file and no ready-made study '.'."),
        ("", "there is no file and no ready-made study ''."),
        ("x" * 5000, f"there is no file and no ready-made study '{'x' * 60}'."),
        ("a\0b", "there is no file and no ready-made study 'a\0b'."),
    ],
)
def test_what_is_neither_is_a_mistake_with_the_nearest_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, study: str, answer: str
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(StudyError) as caught:
        resolve(study)
    (fault,) = caught.value.faults
    assert str(fault.what) == answer
    assert "`hikaku gallery`" in str(fault.mend)


def test_a_name_without_its_ending_is_not_far_from_its_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "mine.toml").touch()
    monkeypatch.chdir(tmp_path)
    with pytest.raises(StudyError, match=r"did you mean mine\.toml\?"):
        resolve("mine")
