"""What killed trials leave is deleted, also while a worker that dies still writes into it."""

from __future__ import annotations

import errno
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from hikaku.store.kept import TRIES, Kept

REMOVE = shutil.rmtree


def left(tmp_path: Path) -> tuple[Kept, Path]:
    part = tmp_path / "store.files" / "abc.part"
    part.mkdir(parents=True)
    (part / "000000001-aa.safetensors").write_bytes(b"state")
    return Kept(tmp_path / "store.files"), part


def written_meanwhile(monkeypatch: pytest.MonkeyPatch, number: int) -> Iterator[int]:
    """Have somebody write one more file each of the first times that a folder is deleted."""
    times = iter(range(number))

    def removed(folder: Path) -> None:
        if next(times, None) is not None:
            (folder / ".hikaku-1ffb.part").write_bytes(b"late")
            raise OSError(errno.ENOTEMPTY, "Directory not empty", str(folder))
        REMOVE(folder)

    monkeypatch.setattr("hikaku.store.kept.shutil.rmtree", removed)
    return times


@pytest.mark.fault("A7")
@pytest.mark.parametrize("how", ["sweep", "drop_part"])
def test_a_worker_that_outlives_its_supervisor_by_a_moment_stops_no_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, how: str
) -> None:
    kept, part = left(tmp_path)
    written_meanwhile(monkeypatch, 2)
    getattr(kept, how)({} if how == "sweep" else "abc")
    assert not part.exists()


def test_what_somebody_goes_on_writing_is_left_to_the_next_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept, part = left(tmp_path)
    times = written_meanwhile(monkeypatch, TRIES)
    kept.sweep({})
    assert part.exists() and next(times, None) is None
    kept.sweep({})
    assert not part.exists()


def test_what_is_gone_already_is_no_fault(tmp_path: Path) -> None:
    kept, part = left(tmp_path)
    REMOVE(part)
    kept.drop_part("abc")


def test_a_disk_that_fails_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    kept, _ = left(tmp_path)

    def fails(folder: Path) -> None:
        raise OSError(errno.EIO, "Input/output error")

    monkeypatch.setattr("hikaku.store.kept.shutil.rmtree", fails)
    with pytest.raises(OSError, match="Input/output"):
        kept.sweep({})


def test_one_that_is_killed_while_weights_are_dropped_leaves_nothing_that_is_not_swept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "store.files"
    (folder / "abc").mkdir(parents=True)
    (folder / "abc" / "best.safetensors").write_bytes(b"weights")

    def killed(folder: Path) -> None:
        (folder / "best.safetensors").unlink()
        raise KeyboardInterrupt

    monkeypatch.setattr("hikaku.store.kept.shutil.rmtree", killed)
    with pytest.raises(KeyboardInterrupt):
        Kept(folder).drop("abc", ["best.safetensors"])
    monkeypatch.setattr("hikaku.store.kept.shutil.rmtree", REMOVE)
    Kept(folder).sweep({})
    assert not any(folder.iterdir())


def test_of_a_folder_that_holds_more_only_the_named_files_are_dropped(tmp_path: Path) -> None:
    folder = tmp_path / "abc"
    folder.mkdir()
    for name in ("best.safetensors", "mine.txt"):
        (folder / name).write_bytes(b"")
    Kept(tmp_path).drop("abc", ["best.safetensors"])
    assert [path.name for path in folder.iterdir()] == ["mine.txt"]
