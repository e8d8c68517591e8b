from pathlib import Path

import numpy as np
import pytest
from data_files import cifar, put

from hikaku.data.readers.cifar_binary import files, read
from hikaku.errors import DataError
from hikaku.study.own_data import CifarBinary

ASKED = CifarBinary()


def cifar_10(path: Path) -> Path:
    for number in (1, 2):
        put(path / f"data_batch_{number}.bin", cifar(number, 10, range(10)))
    put(path / "test_batch.bin", cifar(3, 5, (9, 8)))
    return path


def cifar_100(path: Path) -> Path:
    put(path / "train.bin", cifar(1, 200, range(100), coarse=True))
    put(path / "test.bin", cifar(2, 3, (99,), coarse=True))
    return path


def test_the_batches_come_in_order_and_the_test_batch_last(tmp_path: Path) -> None:
    task = read(cifar_10(tmp_path), "classification", ASKED)
    records = np.frombuffer(cifar(2, 10, range(10)), np.uint8).reshape(10, 3073)
    assert task.inputs.shape == (25, 3, 32, 32)
    assert np.array_equal(task.inputs[13, 1, 2], records[3, 1 + 1024 + 64 : 1 + 1024 + 96])
    assert task.targets[8:13].tolist() == [8, 9, 0, 1, 2]
    assert task.targets[20:].tolist() == [9, 8, 9, 8, 9]
    assert (task.official_test, task.scale) == (5, 255.0)
    assert task.classes[:3] == ("airplane", "automobile", "bird")


def test_the_fine_labels_of_cifar_100_are_the_classes(tmp_path: Path) -> None:
    task = read(cifar_100(tmp_path), "classification", ASKED)
    assert task.targets[:200].tolist() == [*range(100)] * 2
    assert (len(task.classes), task.official_test) == (100, 3)


def test_the_names_of_the_classes_may_lie_beside(tmp_path: Path) -> None:
    cifar_100(tmp_path)
    put(tmp_path / "fine_label_names.txt", "\n".join(f"thing{n}" for n in range(100)))
    assert read(tmp_path, "classification", ASKED).classes[99] == "thing99"
    put(cifar_10(tmp_path / "ten") / "batches.meta.txt", "\n".join("abcdefghij") + "\n\n")
    assert read(tmp_path / "ten", "classification", ASKED).classes == tuple("abcdefghij")


def test_without_a_test_file_there_is_no_official_test_set(tmp_path: Path) -> None:
    (cifar_10(tmp_path) / "test_batch.bin").unlink()
    assert read(tmp_path, "classification", ASKED).official_test == 0


@pytest.mark.parametrize("cut", [-1, 0, 1, 3072])
def test_a_file_that_is_no_whole_number_of_records_is_refused(tmp_path: Path, cut: int) -> None:
    path = cifar_10(tmp_path) / "data_batch_2.bin"
    path.write_bytes(path.read_bytes()[:cut])
    with pytest.raises(DataError, match="expected a multiple of 3,073 bytes, found") as caught:
        read(tmp_path, "classification", ASKED)
    assert caught.value.faults[0].where == f"{path}:"


def test_a_label_out_of_range_is_refused_with_file_and_record(tmp_path: Path) -> None:
    put(cifar_10(tmp_path) / "data_batch_1.bin", cifar(1, 11, [*range(10), 10]))
    with pytest.raises(DataError, match=r"data_batch_1.bin: record 10: label 10, .* 0 to 9"):
        read(tmp_path, "classification", ASKED)


def test_both_sets_in_one_folder_are_refused(tmp_path: Path) -> None:
    cifar_100(cifar_10(tmp_path))
    with pytest.raises(DataError, match="in one folder"):
        read(tmp_path, "classification", ASKED)


def test_a_test_file_alone_is_refused(tmp_path: Path) -> None:
    put(tmp_path / "test_batch.bin", cifar(3, 5, (9, 8)))
    with pytest.raises(DataError, match="none to train on"):
        read(tmp_path, "classification", ASKED)


def test_the_files_listed_are_those_that_are_read(tmp_path: Path) -> None:
    put(cifar_10(tmp_path) / "batches.meta.txt", "a")
    put(tmp_path / "readme.html", "a")
    assert [path.name for path in files(tmp_path)] == [
        *("data_batch_1.bin", "data_batch_2.bin"),
        *("test_batch.bin", "batches.meta.txt"),
    ]
