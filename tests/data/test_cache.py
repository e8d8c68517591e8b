import json
import os
import pickle
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from hikaku.data import cache
from hikaku.data.builtin import DIGITS, Builtin
from hikaku.data.cache import load, open_task, prepare
from hikaku.data.named import Samples
from hikaku.data.prepare import fit
from hikaku.errors import DataError

READ: list[tuple[Path, ...]] = []


def read_numbers(files: tuple[Path, ...]):
    READ.append(files)
    x = np.loadtxt(files[0], dtype=np.uint8).reshape(-1, 2, 2)
    return Samples(x, np.arange(len(x)) % 2, official_test=1)


ENTRY = Builtin(
    name="numbers", summary="", source="", licence="", kind="classification", classes=2,
    official_test=True, scale=9.0, read=read_numbers, files={"numbers.txt": "md5:"},
)  # fmt: skip


@pytest.fixture(autouse=True)
def source(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    READ.clear()
    monkeypatch.setenv("HIKAKU_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("HIKAKU_DATA", str(tmp_path / "data"))
    path = tmp_path / "data" / "numbers" / "numbers.txt"
    path.parent.mkdir(parents=True)
    path.write_text("0 1 2 3 4 5 6 7 8 9 8 7")
    return path


def test_a_set_is_decoded_once_and_then_memory_mapped() -> None:
    folder = prepare(ENTRY)
    assert prepare(ENTRY) == folder
    assert len(READ) == 1
    task = open_task(folder)
    assert isinstance(task.inputs, np.memmap)
    assert task.inputs.tolist() == [[[0, 1], [2, 3]], [[4, 5], [6, 7]], [[8, 9], [8, 7]]]
    assert (task.name, task.kind, task.classes) == ("numbers", "classification", ("0", "1"))
    assert (task.official_test, task.scale) == (1, 9.0)


def test_a_mapped_set_cannot_be_written_to() -> None:
    with pytest.raises(ValueError, match="read-only"):
        open_task(prepare(ENTRY)).inputs[0] = 0


def test_the_model_sees_scaled_contiguous_images_with_a_channel() -> None:
    task = open_task(prepare(ENTRY))
    x = fit(task, np.arange(3))(task.inputs[np.array([2, 0])])
    assert task.shape == (1, 2, 2)
    assert x.dtype == np.float32
    assert x.flags.c_contiguous
    assert (
        x.tolist()
        == (np.array([[[[8, 9], [8, 7]]], [[[0, 1], [2, 3]]]], np.float32) / np.float32(9)).tolist()
    )


def test_a_table_keeps_its_shape() -> None:
    task = replace(open_task(prepare(ENTRY)), inputs=np.ones((3, 5), np.uint8), scale=2.0)
    assert task.shape == (5,)
    assert fit(task, np.arange(3))(task.inputs).tolist() == [[0.5] * 5] * 3


@pytest.mark.fault("D19")
def test_a_changed_source_is_decoded_again_under_another_fingerprint(source: Path) -> None:
    before = open_task(prepare(ENTRY))
    source.write_text("9 1 2 3 4 5 6 7 8 9 8 7")
    os.utime(source, ns=(1, 1))
    after = open_task(prepare(ENTRY))
    assert after.inputs[0, 0, 0] == 9
    assert after.fingerprint != before.fingerprint


def test_the_fingerprint_is_of_the_contents_and_not_of_the_place(source: Path) -> None:
    before = open_task(prepare(ENTRY)).fingerprint
    os.utime(source, ns=(1, 1))
    assert open_task(prepare(ENTRY)).fingerprint == before
    assert len(READ) == 2


def test_the_name_is_no_part_of_the_fingerprint(source: Path) -> None:
    before = open_task(prepare(ENTRY)).fingerprint
    source.parent.rename(source.parent.with_name("renamed"))
    assert open_task(prepare(replace(ENTRY, name="renamed"))).fingerprint == before


@pytest.mark.parametrize("change", [{"scale": 1.0}, {"classes": 3}, {"kind": "regression"}])
def test_an_entry_with_another_meaning_is_decoded_again_under_another_fingerprint(
    change: dict[str, object],
) -> None:
    before = open_task(prepare(ENTRY)).fingerprint
    assert open_task(prepare(replace(ENTRY, **change))).fingerprint != before


def cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-1])


def flip(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[-1] ^= 1
    path.write_bytes(bytes(content))
    os.utime(path, ns=(1, 1))


@pytest.mark.parametrize("name", ["inputs.npy", "targets.npy", "task.json"])
@pytest.mark.parametrize("harm", [cut, flip, Path.unlink], ids=["cut", "flipped", "gone"])
def test_a_damaged_cache_is_made_again(name: str, harm) -> None:
    folder = prepare(ENTRY)
    before = open_task(folder)
    expected = before.inputs.tolist(), before.targets.tolist(), before.fingerprint
    harm(folder / name)
    after = open_task(prepare(ENTRY))
    assert (after.inputs.tolist(), after.targets.tolist(), after.fingerprint) == expected
    assert sorted(path.name for path in folder.parent.iterdir()) == [folder.name]


@pytest.mark.parametrize("card", ["", "[]", "{}", "null", '{"stamps": {}}', '{"stamps": 3}'])
def test_a_card_of_any_other_content_is_made_again(card: str) -> None:
    folder = prepare(ENTRY)
    (folder / "task.json").write_text(card)
    prepare(ENTRY)
    assert json.loads((folder / "task.json").read_text())["name"] == "numbers"


def test_two_processes_that_decode_at_once_agree(monkeypatch: pytest.MonkeyPatch) -> None:
    def read_while_another_finishes(files: tuple[Path, ...]):
        if len(READ) == 0:
            READ.append(())
            prepare(ENTRY)
        return read_numbers(files)

    folder = prepare(replace(ENTRY, read=read_while_another_finishes))
    assert len(READ) == 3
    assert open_task(folder).inputs.shape == (3, 2, 2)
    assert list(folder.parent.iterdir()) == [folder]


def test_a_decoder_that_fails_leaves_nothing(source: Path) -> None:
    source.write_text("no numbers")
    with pytest.raises(ValueError, match="could not convert"):
        prepare(ENTRY)
    assert not (cache.cache_folder() / "decoded").exists()


def test_a_cache_that_cannot_be_written_is_a_data_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("HIKAKU_CACHE", str(tmp_path / "file"))
    with pytest.raises(DataError, match="HIKAKU_CACHE"):
        prepare(ENTRY)


def test_digits_need_no_file_and_no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("HIKAKU_DATA")
    task = load("digits")
    assert task.inputs.shape == (1797, 8, 8)
    assert task.inputs.dtype == np.uint8
    assert (int(task.inputs.min()), int(task.inputs.max())) == (0, 16)
    assert np.bincount(task.targets).tolist() == [178, 182, 177, 183, 181, 182, 181, 179, 174, 180]
    assert task.official_test == 0
    assert float(fit(task, np.arange(9))(task.inputs).max()) == 1.0


def test_digits_have_the_contents_they_always_had() -> None:
    assert load("digits").fingerprint == "74e7528c8098318082f96d27ce90e935"


def test_a_decoded_folder_travels_to_a_worker_as_a_path() -> None:
    folder = pickle.loads(pickle.dumps(prepare(DIGITS)))  # noqa: TID251  # our own bytes
    assert open_task(folder).fingerprint == load("digits").fingerprint
