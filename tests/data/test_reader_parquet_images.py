import json
import os
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from data_files import coloured, encoded, parquet, put
from hypothesis import given, settings
from hypothesis import strategies as st

from hikaku.data.readers.parquet_images import files, read, read_files
from hikaku.data.task import Task
from hikaku.errors import DataError
from hikaku.study.own_data import Parquet

PICTURES = [encoded(coloured(number)) for number in range(6)]
LABELS = [0, 1, 0, 1, 1, 0]
PETS = {"class_names": "cat,dog"}
HUB = json.dumps({"info": {"features": {"label": {"names": ["cat", "dog"]}, "img": {}}}})

needs_cifar = pytest.mark.skipif(
    not os.environ.get("HIKAKU_DATA")
    or not (Path(os.environ["HIKAKU_DATA"]) / "cifar10-jpeg").is_dir(),
    reason="HIKAKU_DATA does not name a folder with cifar10-jpeg in it",
)


def classified(path: Path, **asked: object) -> Task:
    return read(path, "classification", Parquet(**asked))


def table(path: Path, **columns: object) -> Path:
    pq.write_table(pa.table(columns), path)
    return path


@pytest.mark.parametrize("metadata", [PETS, {"huggingface": HUB}], ids=["commas", "hub"])
def test_images_come_with_the_names_of_their_classes(tmp_path: Path, metadata) -> None:
    task = classified(parquet(tmp_path / "pets.parquet", PICTURES, LABELS, metadata))
    assert task.inputs.shape == (6, 3, 4, 4)
    assert np.array_equal(task.inputs[5], np.asarray(coloured(5)).transpose(2, 0, 1))
    assert task.targets.tolist() == LABELS
    assert (task.name, task.classes, task.scale) == ("pets", ("cat", "dog"), 255.0)
    assert (task.official_test, task.notes, task.standardize) == (0, (), False)


@pytest.mark.parametrize("metadata", [None, {"huggingface": "{"}, {"huggingface": "[1]"}])
def test_without_names_the_classes_are_numbers(tmp_path: Path, metadata) -> None:
    task = classified(parquet(tmp_path / "a.parquet", PICTURES, LABELS, metadata))
    assert task.classes == ("0", "1")


def test_labels_may_be_text_and_images_plain_bytes(tmp_path: Path) -> None:
    labels = ["b", "a"] * 3
    task = classified(table(tmp_path / "a.parquet", image=PICTURES, label=labels))
    assert task.inputs.shape == (6, 3, 4, 4)
    assert (task.targets.tolist(), task.classes) == ([1, 0] * 3, ("a", "b"))


def test_columns_can_be_named(tmp_path: Path) -> None:
    path = parquet(tmp_path / "a.parquet", PICTURES, LABELS, names=("photo", "kind"))
    assert classified(path, image="photo", label="kind").targets.tolist() == LABELS
    with pytest.raises(DataError, match="Did you mean 'photo'") as caught:
        classified(path, image="phto", label="kin")
    assert len(caught.value.faults) == 2


def test_a_folder_holds_the_given_sets_in_shards(tmp_path: Path) -> None:
    for number, at in ((0, 0), (1, 2)):
        name = f"train-0000{number}-of-00002.parquet"
        parquet(tmp_path / name, PICTURES[at : at + 2], LABELS[at : at + 2], PETS)
    parquet(tmp_path / "validation.parquet", PICTURES[4:5], LABELS[4:5], PETS)
    parquet(tmp_path / "test-00000-of-00001.parquet", PICTURES[5:], LABELS[5:], PETS)
    parquet(tmp_path / "other.parquet", PICTURES, LABELS)
    task = classified(tmp_path)
    assert task.targets.tolist() == LABELS
    assert (task.pool, task.official_validation, task.official_test) == (4, 1, 1)
    assert "other.parquet" in str(task.notes[0])
    assert [path.name[:5] for path in files(tmp_path)] == ["train", "train", "valid", "test-"]


def test_shards_that_name_no_set_are_all_to_train_on(tmp_path: Path) -> None:
    for number in (0, 1):
        parquet(tmp_path / f"part-{number}.parquet", PICTURES, LABELS)
    assert classified(tmp_path).pool == 12


def test_two_files_are_a_set_and_its_official_test_set(tmp_path: Path) -> None:
    train = parquet(tmp_path / "a.parquet", PICTURES[:4], LABELS[:4], PETS)
    test = parquet(tmp_path / "b.parquet", PICTURES[4:], LABELS[4:], PETS)
    task = read_files(train, test)
    assert (task.official_test, task.classes, len(task.inputs)) == (2, ("cat", "dog"), 6)


def test_classes_that_no_sample_is_of_are_left_out_with_a_note(tmp_path: Path) -> None:
    path = parquet(tmp_path / "a.parquet", PICTURES, [2, 0] * 3, {"class_names": "cat,cow,dog"})
    task = classified(path)
    assert (task.classes, task.targets.tolist()) == (("cat", "dog"), [1, 0] * 3)
    assert "cow" in str(task.notes[0])


def test_bad_images_are_named_by_file_and_row(tmp_path: Path) -> None:
    path = parquet(tmp_path / "a.parquet", [*PICTURES[:4], b"", PICTURES[0][:40]], LABELS)
    with pytest.raises(DataError) as caught:
        classified(path)
    assert [fault.where for fault in caught.value.faults] == [f"{path}[4]:", f"{path}[5]:"]


@pytest.mark.parametrize("contents", [[None, *PICTURES[1:]], [PICTURES[0], None] * 3])
def test_rows_without_an_image_are_refused_with_their_numbers(tmp_path: Path, contents) -> None:
    with pytest.raises(DataError, match="have no value here") as caught:
        classified(parquet(tmp_path / "a.parquet", contents, LABELS))
    assert f"a.parquet[{contents.index(None)}]" in str(caught.value)


def test_progress_is_told_of_images(tmp_path: Path) -> None:
    told: list[tuple[str, int, int]] = []
    path = parquet(tmp_path / "a.parquet", PICTURES, LABELS)
    read(path, "classification", Parquet(), lambda *news: told.append(news))
    assert told == [(str(path), 6, 6)]


def test_a_file_without_images_is_a_table(tmp_path: Path) -> None:
    path = table(
        tmp_path / "a.parquet",
        age=pa.array([1, 2, None, 5]),
        sick=[True, False, True, True],
        town=pa.array(["Ube", "Oita", "Ube", None]).dictionary_encode(),
        worth=pa.array([1.5, float("nan"), 2.5, 3.0]),
        label=["a", "b", "a", "b"],
    )
    task = classified(path)
    wanted = [[1, 1, 1, 1.5], [2, 0, 0, np.nan], [np.nan, 1, 1, 2.5], [5, 1, np.nan, 3]]
    assert np.array_equal(task.inputs, np.array(wanted, np.float32), equal_nan=True)
    assert [column.name for column in task.columns] == ["age", "sick", "town", "worth"]
    assert task.columns[2].categories == ("Oita", "Ube")
    assert [column.gaps for column in task.columns] == [True, False, True, True]
    assert task.standardize
    assert not classified(path, standardize=False).standardize


def test_columns_of_nothing_are_left_out_with_a_note(tmp_path: Path) -> None:
    path = table(
        tmp_path / "a.parquet", x=[1.0, 3.0], n=[None] * 2, f=[float("nan")] * 2, label=[0, 1]
    )
    task = classified(path)
    assert [column.name for column in task.columns] == ["x"]
    assert "left out: n, f" in str(task.notes[0])


def test_columns_of_a_table_that_are_neither_numbers_nor_text_are_all_named(
    tmp_path: Path,
) -> None:
    path = table(
        tmp_path / "a.parquet",
        when=pa.array([1, 2], pa.timestamp("s")),
        many=[[1], [2]],
        size=[1.0, 2.0],
        label=[0, 1],
    )
    with pytest.raises(DataError, match="neither numbers nor text") as caught:
        classified(path)
    assert len(caught.value.faults) == 2
    assert classified(path, drop=("when", "many")).inputs.tolist() == [[1.0], [2.0]]


def test_a_table_in_two_files_keeps_its_given_test_set(tmp_path: Path) -> None:
    table(tmp_path / "train.parquet", x=["a", "b", "b"], y=[0.5, 1.5, 2.5])
    table(tmp_path / "test.parquet", x=["c", "a"], y=[3.5, 4.5])
    task = read(tmp_path, "regression", Parquet(label="y"))
    assert (task.official_test, task.inputs[:, 0].tolist()) == (2, [0, 1, 1, 2, 0])
    assert task.targets.tolist() == [0.5, 1.5, 2.5, 3.5, 4.5]


def test_files_of_other_columns_are_refused(tmp_path: Path) -> None:
    table(tmp_path / "train.parquet", x=[1, 2], label=[0, 1])
    table(tmp_path / "test.parquet", x=[1.5, 2], label=[0, 1])
    with pytest.raises(DataError, match="differ in x") as caught:
        classified(tmp_path)
    assert caught.value.faults[0].where == f"{tmp_path / 'test.parquet'}:"


@pytest.mark.parametrize("cut", [0, 3, 100, -1, -9])
def test_a_cut_file_is_refused_with_its_name(tmp_path: Path, cut: int) -> None:
    path = parquet(tmp_path / "a.parquet", PICTURES, LABELS)
    put(path, path.read_bytes()[:cut])
    with pytest.raises(DataError, match="damaged") as caught:
        classified(path)
    assert caught.value.faults[0].where == f"{path}:"


@pytest.mark.parametrize("text", [b"label", b"Oita"])
def test_text_that_is_no_text_is_damage(tmp_path: Path, text: bytes) -> None:
    path = tmp_path / "a.parquet"
    columns = pa.table({"town": ["Ube", "Oita"] * 2, "label": [0, 1, 1, 0]})
    pq.write_table(columns, path, use_dictionary=False, compression="none", write_statistics=False)
    assert text in path.read_bytes()
    put(path, path.read_bytes().replace(text, b"\xff" + text[1:]))
    with pytest.raises(DataError, match="damaged"):
        classified(path)


@settings(deadline=None, max_examples=60)
@given(place=st.integers(0, 10_000), flip=st.integers(1, 255))
def test_a_flipped_byte_gives_a_task_or_a_data_error(
    tmp_path_factory: pytest.TempPathFactory, place: int, flip: int
) -> None:
    path = tmp_path_factory.getbasetemp() / "flipped.parquet"
    parquet(path, PICTURES, LABELS, PETS)
    content = bytearray(path.read_bytes())
    content[place % len(content)] ^= flip
    put(path, bytes(content))
    try:
        assert len(classified(path).inputs) == 6
    except DataError as error:
        assert "flipped" in str(error)


@needs_cifar
def test_the_real_cifar_10_has_its_published_contents() -> None:
    folder = Path(os.environ["HIKAKU_DATA"]) / "cifar10-jpeg"
    task = read_files(folder / "test.parquet")
    assert task.inputs.shape == (10_000, 3, 32, 32)
    assert task.classes[:2] == ("airplane", "automobile")
    assert np.bincount(task.targets).tolist() == [1000] * 10
    assert not task.notes
