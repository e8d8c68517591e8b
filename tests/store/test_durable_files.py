import errno
import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest
from strace import traced
from test_opening import in_a_small_file_system

from hikaku import durable


def names(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


@pytest.mark.parametrize("before", [None, b"old"])
def test_a_file_is_put_in_place_whole_and_nothing_else_stays(tmp_path: Path, before) -> None:
    path = tmp_path / ("n" * 250)
    if before is not None:
        path.write_bytes(before)
    durable.write(path, b"new" * 100_000)
    assert path.read_bytes() == b"new" * 100_000
    assert names(tmp_path) == {path.name}


def test_whoever_reads_the_old_file_reads_it_to_its_end(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"old")
    with (tmp_path / "file").open("rb") as reader:
        durable.write(tmp_path / "file", b"new")
        assert reader.read() == b"old"


def test_a_new_file_is_as_readable_as_any_other(tmp_path: Path) -> None:
    durable.write(tmp_path / "file", b"")
    (tmp_path / "other").touch()
    assert (tmp_path / "file").stat().st_mode == (tmp_path / "other").stat().st_mode


def test_a_link_stays_one_and_its_target_is_replaced(tmp_path: Path) -> None:
    (tmp_path / "deep").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "deep" / "file")
    for content in (b"first", b"second"):
        durable.write(tmp_path / "link", content)
        assert (tmp_path / "link").is_symlink()
        assert (tmp_path / "deep" / "file").read_bytes() == content


def test_a_pipe_is_written_to_and_stays_one(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    with subprocess.Popen(["cat", tmp_path / "pipe"], stdout=subprocess.PIPE) as reader:
        durable.write(tmp_path / "pipe", b"through")
        assert reader.communicate()[0] == b"through"
    assert stat.S_ISFIFO((tmp_path / "pipe").stat().st_mode)


def test_a_folder_is_no_place_for_a_file(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    with pytest.raises(OSError):
        durable.write(tmp_path / "folder", b"")
    assert names(tmp_path) == {"folder"}


@pytest.mark.fault("B2", "B3")
@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EIO], ids=errno.errorcode.get)
def test_what_cannot_be_flushed_is_not_put_in_place_and_not_tried_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    (tmp_path / "file").write_bytes(b"old")
    tries: list[int] = []

    def broken(handle: int) -> None:
        tries.append(handle)
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(os, "fsync", broken)
    with pytest.raises(OSError, match=os.strerror(number)):
        durable.write(tmp_path / "file", b"new")
    with pytest.raises(OSError), durable.replacing(tmp_path / "file") as new:
        new.write_bytes(b"new")
    assert len(tries) == 2
    assert (tmp_path / "file").read_bytes() == b"old"
    assert names(tmp_path) == {"file"}


@pytest.mark.fault("B2")
def test_on_a_full_disk_the_older_file_stays_and_nothing_else(tmp_path: Path) -> None:
    out = in_a_small_file_system(
        tmp_path,
        f"""
from pathlib import Path
from hikaku import durable
place = Path("{tmp_path}")
durable.write(place / "file", b"old" * 300_000)
try:
    durable.write(place / "file", b"new" * 600_000)
except OSError as error:
    print(error.errno)
print((place / "file").read_bytes() == b"old" * 300_000, len(list(place.iterdir())))
""",
    )
    assert out.split() == ["28", "True", "1"]


def test_of_a_writer_that_fails_nothing_stays(tmp_path: Path) -> None:
    (tmp_path / "file.onnx").write_bytes(b"old")
    with pytest.raises(ValueError), durable.replacing(tmp_path / "file.onnx", ".onnx") as new:
        assert new.suffix == ".onnx"
        new.write_bytes(b"half")
        raise ValueError
    assert names(tmp_path) == {"file.onnx"}
    assert (tmp_path / "file.onnx").read_bytes() == b"old"


def test_missing_folders_are_made_and_there_again_is_no_fault(tmp_path: Path) -> None:
    for _ in range(2):
        durable.make_folder(tmp_path / "a" / "b")
        assert (tmp_path / "a" / "b").is_dir()
    (tmp_path / "file").touch()
    with pytest.raises(FileExistsError):
        durable.make_folder(tmp_path / "file" / "below")


WRITE = """
import sys
from pathlib import Path
from hikaku import durable
durable.write(Path(sys.argv[1]), b"new" * 9)
"""


@pytest.mark.fault("A4")
def test_the_disk_is_asked_for_the_file_before_its_name_and_for_the_name_after(
    tmp_path: Path,
) -> None:
    ran = traced("trace=fsync,rename,renameat,renameat2", WRITE, tmp_path / "file")
    calls = [line.partition("(")[0] for line in ran.calls if str(tmp_path) in line]
    assert calls == ["fsync", "rename", "fsync"]


@pytest.mark.fault("A4")
@pytest.mark.parametrize("call", ["fsync", "rename", "write"])
def test_a_writer_killed_at_any_call_leaves_the_old_file_or_the_new(
    tmp_path: Path, call: str
) -> None:
    place = tmp_path / "place"
    place.mkdir()
    for when in (1, 2):
        (place / "file").write_bytes(b"old")
        inject = f"inject={call}:signal=KILL:when={when}"
        traced(f"trace={call}", WRITE, place / "file", inject=inject)
        assert (place / "file").read_bytes() in (b"old", b"new" * 9)
        assert all(name == "file" or name.endswith(durable.PART) for name in names(place))


def test_it_is_the_standard_library_alone() -> None:
    loaded = subprocess.run(
        [sys.executable, "-c", "import sys, hikaku.durable; print(*sys.modules)"],
        capture_output=True, text=True, check=True, env={**os.environ, "PYTHONPATH": "src"},
    ).stdout.split()  # fmt: skip
    foreign = {name.partition(".")[0] for name in loaded} - set(sys.stdlib_module_names)
    assert {name for name in foreign if not name.startswith("_")} <= {"hikaku"}
