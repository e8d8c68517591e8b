from pathlib import Path

import numpy as np
import pytest
from data_files import coloured, encoded, image_folder, put

from hikaku.data.readers.image_folder import files, read
from hikaku.errors import DataError
from hikaku.study.own_data import Images


def notes(path: Path) -> str:
    return "\n".join(map(str, read(path, "classification", Images()).notes))


def test_the_classes_are_the_folders_and_the_order_is_that_of_the_names(tmp_path: Path) -> None:
    task = read(image_folder(tmp_path / "pets"), "classification", Images())
    assert (task.name, task.classes) == ("pets", ("cat", "dog"))
    assert task.targets.tolist() == [0, 0, 0, 1, 1, 1]
    assert task.inputs.shape == (6, 3, 4, 4)
    assert np.array_equal(task.inputs[4], np.asarray(coloured(101)).transpose(2, 0, 1))
    assert (task.scale, task.official_test, task.notes) == (255.0, 0, ())


def test_given_sets_come_one_after_the_other(tmp_path: Path) -> None:
    for name, each in (("train", 3), ("val", 2), ("test", 1)):
        image_folder(tmp_path / name, each=each)
    task = read(tmp_path, "classification", Images())
    assert (task.pool, task.official_validation, task.official_test) == (6, 4, 2)
    assert task.targets.tolist() == [0, 0, 0, 1, 1, 1, 0, 0, 1, 1, 0, 1]


def test_a_folder_of_train_and_validation_has_no_given_test_set(tmp_path: Path) -> None:
    for name in ("train", "validation"):
        image_folder(tmp_path / name)
    task = read(tmp_path, "classification", Images())
    assert (task.official_validation, task.official_test) == (6, 0)


def test_a_class_may_be_called_train(tmp_path: Path) -> None:
    task = read(image_folder(tmp_path, ("bus", "train")), "classification", Images())
    assert task.classes == ("bus", "train")


def test_images_in_folders_inside_a_class_belong_to_it(tmp_path: Path) -> None:
    image_folder(tmp_path)
    put(tmp_path / "dog" / "old" / "9.png", encoded(coloured(9)))
    assert read(tmp_path, "classification", Images()).targets.tolist() == [0, 0, 0, 1, 1, 1, 1]


@pytest.mark.fault("D18")
def test_names_of_classes_need_not_be_ascii(tmp_path: Path) -> None:
    task = read(image_folder(tmp_path, ("犬", "ねこ 🐈")), "classification", Images())
    assert task.classes == ("ねこ 🐈", "犬")


def test_links_inside_the_folder_are_followed_to_images_and_to_folders(tmp_path: Path) -> None:
    image_folder(tmp_path)
    (tmp_path / "kitten").symlink_to(tmp_path / "cat")
    (tmp_path / "dog" / "a.png").symlink_to(tmp_path / "cat" / "0.png")
    targets = read(tmp_path, "classification", Images()).targets
    assert targets.tolist() == [0, 0, 0, 1, 1, 1, 1, 2, 2, 2]


@pytest.mark.fault("D12")
def test_links_out_of_the_folder_are_refused_each_by_its_name(tmp_path: Path) -> None:
    image_folder(tmp_path / "real")
    root = image_folder(tmp_path / "sent")
    (root / "cat" / "out.png").symlink_to(tmp_path / "real" / "dog" / "0.png")
    (root / "bird").symlink_to(tmp_path / "real" / "cat")
    (root / "dog" / "round").symlink_to(root / "dog" / "round")
    with pytest.raises(DataError, match="leads out of the folder") as caught:
        read(root, "classification", Images())
    named = {fault.where.removeprefix(f"{root}/") for fault in caught.value.faults}
    assert named == {"cat/out.png:", "bird:", "dog/round:"}


@pytest.mark.fault("D12")
def test_folders_without_end_are_given_up(tmp_path: Path) -> None:
    image_folder(tmp_path)
    (tmp_path / "cat" / "/".join("a" * 60)).mkdir(parents=True)
    with pytest.raises(DataError, match="without end"):
        read(tmp_path, "classification", Images())


def test_the_order_of_the_classes_can_be_asked_for(tmp_path: Path) -> None:
    task = read(image_folder(tmp_path), "classification", Images(classes=("dog", "cat")))
    assert task.targets.tolist() == [1, 1, 1, 0, 0, 0]


def test_stray_files_are_noted_and_the_litter_of_desktops_is_not(tmp_path: Path) -> None:
    image_folder(tmp_path)
    for name in (".DS_Store", "cat/Thumbs.db", "dog/.hidden.png", "desktop.ini"):
        put(tmp_path / name, b"x")
    assert notes(tmp_path) == ""
    put(tmp_path / "readme.txt", b"x")
    put(tmp_path / "cat" / "labels.csv", b"x")
    assert "2 files or folders were passed over" in notes(tmp_path)
    assert "labels.csv" in notes(tmp_path)


def test_folders_beside_the_given_sets_are_noted(tmp_path: Path) -> None:
    for name in ("train", "test", "extra"):
        image_folder(tmp_path / name)
    assert "1 files or folders were passed over" in notes(tmp_path)
    assert read(tmp_path, "classification", Images()).targets.shape == (12,)


def test_every_class_without_an_image_and_every_bad_image_is_named(tmp_path: Path) -> None:
    image_folder(tmp_path)
    for name in ("emu", "fox"):
        put(tmp_path / name / "note.txt", b"x")
    with pytest.raises(DataError) as caught:
        read(tmp_path, "classification", Images())
    assert [fault.where for fault in caught.value.faults] == [
        f"{tmp_path / 'emu'}:",
        f"{tmp_path / 'fox'}:",
    ]
    assert "no image of this class" in str(caught.value)


def test_a_link_that_leads_back_ends_the_walk(tmp_path: Path) -> None:
    image_folder(tmp_path)
    (tmp_path / "cat" / "up").symlink_to(tmp_path)
    with pytest.raises(DataError, match="leads back") as caught:
        read(tmp_path, "classification", Images())
    assert "cat/up" in str(caught.value)


def test_a_folder_that_may_not_be_read_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    image_folder(tmp_path)
    listing = Path.iterdir

    def forbidden(path: Path):
        if path.name == "dog":
            raise PermissionError(13, "Permission denied")
        return listing(path)

    monkeypatch.setattr(Path, "iterdir", forbidden)
    with pytest.raises(DataError, match="Permission denied") as caught:
        read(tmp_path, "classification", Images())
    assert f"{tmp_path / 'dog'}:" in [fault.where for fault in caught.value.faults]


def test_a_class_name_that_is_no_text_is_refused_in_words_that_can_be_printed(
    tmp_path: Path,
) -> None:
    image_folder(tmp_path, ("cat", "caf\udce9"))
    with pytest.raises(DataError, match="UTF-8") as caught:
        read(tmp_path, "classification", Images())
    assert str(caught.value).encode()


def test_values_are_not_learnt_from_names_of_folders(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="regression needs numbers"):
        read(image_folder(tmp_path), "regression", Images())


def test_the_files_listed_are_those_that_are_read(tmp_path: Path) -> None:
    image_folder(tmp_path, each=2)
    put(tmp_path / "cat" / "note.txt", b"x")
    names = [path.relative_to(tmp_path).as_posix() for path in files(tmp_path)]
    assert names == ["cat/0.png", "cat/1.png", "dog/0.png", "dog/1.png"]
