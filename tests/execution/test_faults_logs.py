"""What a trial prints is kept, never much of it, and never at the cost of the run."""

from __future__ import annotations

import errno
import os
from collections.abc import Callable, Iterator
from multiprocessing import Pipe
from pathlib import Path

import pytest

from hikaku.execution.logs import MOST_BYTES, Log, Printed, drop_old


@pytest.fixture
def printed(tmp_path: Path) -> Iterator[tuple[Printed, Callable[[bytes], int]]]:
    read, write = Pipe(duplex=False)
    one = Printed(read, tmp_path / "logs")
    yield one, lambda text: os.write(write.fileno(), text)
    one.close()
    write.close()


@pytest.mark.fault("A20")
def test_a_log_holds_the_newest_words_and_has_a_largest_size(tmp_path: Path) -> None:
    log = Log(tmp_path / "logs" / "key.log")
    for number in range(400):
        log.write(f"{number:09}\n".encode() * 1000)
    files = sorted((tmp_path / "logs").iterdir())
    assert [path.name for path in files] == ["key.log", "key.log.1"]
    assert all(path.stat().st_size <= MOST_BYTES for path in files)
    kept = b"".join(path.read_bytes() for path in reversed(files)).split()
    assert kept[-1] == b"000000399" and kept == sorted(kept)


def test_what_a_trial_prints_goes_into_its_own_log_and_no_word_into_the_next(
    printed: tuple[Printed, Callable[[bytes], int]], tmp_path: Path
) -> None:
    one, prints = printed
    for name in ("first", "second"):
        one.goes_to(name)
        assert one.log == ""
        prints(f"of the {name}\n".encode())
    one.drain()
    folder = tmp_path / "logs"
    assert one.log == str(folder / "second.log")
    assert {path.name: path.read_text() for path in folder.iterdir()} == {
        "first.log": "of the first\n",
        "second.log": "of the second\n",
    }


def test_logs_are_for_their_owner_and_follow_no_link(tmp_path: Path) -> None:
    precious = tmp_path / "precious"
    precious.write_text("untouched")
    log = Log(tmp_path / "logs" / "key.log")
    log.write(b"word")
    assert log.path.stat().st_mode & 0o777 == 0o600
    assert log.path.parent.stat().st_mode & 0o777 == 0o700
    log.path.unlink()
    log.path.symlink_to(precious)
    log.write(b"word")
    assert precious.read_text() == "untouched"


@pytest.mark.fault("B2")
def test_a_log_that_cannot_be_written_stops_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "logs").write_text("a file where a folder is wanted")
    Log(tmp_path / "logs" / "key.log").write(b"word")

    def full(file: int, text: bytes) -> int:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "write", full)
    Log(tmp_path / "key.log").write(b"word")
    assert (tmp_path / "key.log").read_bytes() == b""


def test_without_a_folder_it_is_shown(capfd: pytest.CaptureFixture[str]) -> None:
    read, write = Pipe(duplex=False)
    one = Printed(read, None)
    one.goes_to("key")
    os.write(write.fileno(), b"a word\n")
    write.close()
    one.drain()
    one.drain()
    one.note("a traceback, which is not for the screen")
    assert one.ended and one.log == ""
    one.close()
    assert capfd.readouterr().err == "a word\n"


def test_only_the_newest_logs_stay(tmp_path: Path) -> None:
    for number in range(6):
        path = tmp_path / f"{number}.log"
        path.write_text("x")
        os.utime(path, (number, number))
    (tmp_path / "else.txt").write_text("x")
    drop_old(tmp_path, keep=2)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["4.log", "5.log", "else.txt"]
    drop_old(tmp_path / "nowhere")
