"""New files are read and prepared as the training data was, or refused with file and place."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from hikaku.data import files
from hikaku.data.prepare import Preparation, fit
from hikaku.data.task import Column
from hikaku.data.unseen import Form, Place, Wanted, read
from hikaku.errors import DataError

GREY = Wanted({"": Form((8, 8), "uint8")}, Preparation(scale=16.0))
COLOUR = Wanted({"": Form((3, 4, 6), "uint8")}, Preparation(scale=255.0))
VECTOR = Wanted({"": Form((5,), "float32")}, Preparation())
TWO = Wanted({"words": Form((3,), "int64"), "x": Form((2,), "float32")}, Preparation())
COLUMNS = (Column("age", gaps=True), Column("town", ("Kyoto", "Oslo"), gaps=True), Column("ill"))
TABLE = Wanted(
    {"": Form((3,), "float32")},
    Preparation(columns=COLUMNS, fill=(40.0, 0.0, 0.0)),
)


def saved(folder: Path, **arrays: Any) -> list[Path]:
    """Write each array to a file of its name; return the paths in order."""
    paths = [folder / f"{name}.npy" for name in arrays]
    for path, array in zip(paths, arrays.values(), strict=True):
        np.save(path, array)
    return paths


def faults(paths: list[Path], wanted: Wanted) -> list[str]:
    with pytest.raises(DataError) as caught:
        read(paths, wanted)
    return [fault.text() for fault in caught.value.faults]


def test_white_is_one_whatever_number_stood_for_it_in_training(tmp_path: Path) -> None:
    for mode in ("L", "RGB", "1"):
        Image.new(mode, (8, 8), "white").save(tmp_path / f"{mode}.png")
    found = read(sorted(tmp_path.iterdir()), GREY)
    assert isinstance(found.inputs, np.ndarray) and found.inputs.shape == (3, 1, 8, 8)
    assert (found.inputs == 1).all()
    # An array is in the numbers of the training data.
    (path,) = saved(tmp_path, raw=np.full((2, 8, 8), 16, np.uint8))
    assert (np.asarray(read([path], GREY).inputs) == 1).all()
    assert read([path], GREY).places == (Place(str(path), 0), Place(str(path), 1))


def test_images_are_brought_to_the_size_that_the_training_data_was(tmp_path: Path) -> None:
    Image.new("RGB", (60, 30), "red").save(tmp_path / "red.jpg")
    (fault,) = faults([tmp_path / "red.jpg"], COLOUR)
    assert "red.jpg: it is 60 × 30 pixels" in fault and "trained on 6 × 4" in fault
    square = Wanted({"": Form((3, 8, 8), "uint8")}, Preparation(scale=255.0), size=8)
    found = read([tmp_path / "red.jpg"], square)
    assert np.asarray(found.inputs).shape == (1, 3, 8, 8)
    assert np.asarray(found.inputs)[0, 0].min() > 0.9
    assert "resized" in str(found.notes[0])


def test_what_is_done_to_many_images_is_said_once(tmp_path: Path) -> None:
    square = Wanted({"": Form((3, 8, 8), "uint8")}, Preparation(scale=255.0), size=8)
    for name, side in (("a", 9), ("b", 8), ("c", 9), ("d", 30)):
        Image.new("RGB", (side, side), "red").save(tmp_path / f"{name}.png")
    (note,) = read(sorted(tmp_path.iterdir()), square).notes
    assert "3 of 4 images, the first is" in str(note) and "a.png" in str(note)


def test_a_folder_stands_for_its_images_by_name(tmp_path: Path) -> None:
    for name, shade in (("b.png", 255), ("a.PNG", 0), (".hidden.png", 9)):
        Image.new("L", (8, 8), shade).save(tmp_path / name, "png")
    (tmp_path / "notes.txt").write_text("hello")
    (tmp_path / "empty").mkdir()
    found = read([tmp_path], GREY)
    assert [Path(place.file).name for place in found.places] == ["a.PNG", "b.png"]
    assert np.asarray(found.inputs).mean((1, 2, 3)).tolist() == [0, 1]
    (fault,) = faults([tmp_path / "empty"], GREY)
    assert "empty: there is no image in this folder" in fault


def test_everything_that_is_wrong_is_told_at_once_with_its_file(tmp_path: Path) -> None:
    Image.new("L", (9, 9)).save(tmp_path / "large.png")
    (tmp_path / "cut.png").write_bytes((tmp_path / "large.png").read_bytes()[:40])
    (tmp_path / "notes.txt").write_text("hello")
    (tmp_path / "rows.csv").write_text("a,b\n1,2\n")
    (tmp_path / "objects.npy").write_bytes(b"no array")
    names = ("large.png", "cut.png", "notes.txt", "rows.csv", "objects.npy", "missing.png")
    found = faults([tmp_path / name for name in names], GREY)
    assert [text.split(": ")[0].rpartition("/")[2] for text in found] == list(names)
    assert "give images, or arrays" in found[3]


def test_arrays_come_as_batches_or_as_one_sample(tmp_path: Path) -> None:
    rows = np.arange(10.0).reshape(2, 5)
    batch, one = saved(tmp_path, batch=rows, one=rows[0])
    found = read([batch, one], VECTOR)
    assert np.array_equal(np.asarray(found.inputs), [*rows, rows[0]])
    assert np.asarray(found.inputs).dtype == np.float32
    last = np.moveaxis(np.zeros((2, 3, 4, 6), np.uint8), 1, 3)
    (path,) = saved(tmp_path, last=last)
    assert np.asarray(read([path], COLOUR).inputs).shape == (2, 3, 4, 6)


@pytest.mark.parametrize(
    ("array", "wanted", "fault"),
    [
        (np.zeros((2, 4)), VECTOR, "samples of the shape (4,)"),
        (np.full((2, 5), np.nan), VECTOR, "not finite"),
        (np.full((2, 5), 1e300), VECTOR, "not finite"),
        (np.zeros((0, 5)), VECTOR, "there is no sample"),
        (np.full((2, 5), "a"), VECTOR, "numbers of type <U1"),
        (np.full((2, 5), 1j), VECTOR, "numbers of type complex128"),
        (np.zeros((1, 8, 8)), GREY, "numbers of type float64"),
        (np.full((1, 8, 8), 300), GREY, "numbers beyond uint8"),
        (np.array([object()]), VECTOR, "it holds Python objects"),
        (np.zeros((1, 3)), TABLE, "give a .csv with the columns: age, town, ill"),
    ],
)
def test_an_array_that_does_not_fit_is_refused(
    tmp_path: Path, array: Any, wanted: Wanted, fault: str
) -> None:
    np.save(tmp_path / "array.npy", array, allow_pickle=True)
    (found,) = faults([tmp_path / "array.npy"], wanted)
    assert "array.npy:" in found and fault in found


def test_several_inputs_are_found_by_their_names(tmp_path: Path) -> None:
    path = tmp_path / "both.npz"
    np.savez(path, words=np.arange(6).reshape(2, 3), x=np.zeros((2, 2)), y=[0, 1])
    found = read([path], TWO).inputs
    assert isinstance(found, dict) and found["words"].dtype == np.int64
    assert [len(array) for array in found.values()] == [2, 2]
    np.savez(path, words=np.arange(6).reshape(2, 3), x=np.zeros((3, 2)))
    assert "the arrays hold 2, 3 samples" in faults([path], TWO)[0]
    np.savez(path, word=np.zeros((2, 3)))
    assert "its arrays are: word" in faults([path], TWO)[0]
    np.savez(path, words=np.zeros((2, 3)), x=np.zeros((2, 3)))
    assert len(faults([path], TWO)) == 2


def test_a_single_input_is_found_in_an_npz_by_its_usual_name(tmp_path: Path) -> None:
    path = tmp_path / "one.npz"
    np.savez(path, x=np.ones((2, 5)), y=[0, 1])
    assert np.asarray(read([path], VECTOR).inputs).shape == (2, 5)
    np.savez(path, anything=np.ones((2, 5)))
    assert np.asarray(read([path], VECTOR).inputs).shape == (2, 5)
    np.savez(path, one=np.ones((2, 5)), other=np.ones((2, 5)))
    assert "the inputs are not found in it" in faults([path], VECTOR)[0]


def test_rows_are_found_by_the_names_of_their_columns(tmp_path: Path) -> None:
    path = tmp_path / "new.csv"
    path.write_text("ill,extra,town,age\ntrue,x,Oslo,31.5\nfalse,x,Kyoto,\n0,x,Lima,NA\n")
    found = read([path], TABLE)
    # age, its gap, Kyoto, Oslo, the town's gap, ill
    assert np.array_equal(
        np.asarray(found.inputs),
        [[31.5, 0, 0, 1, 0, 1], [40, 1, 1, 0, 0, 0], [40, 1, 0, 0, 1, 0]],
    )
    assert [place.row for place in found.places] == [2, 3, 4]
    (note,) = found.notes
    assert "town: 'Lima' did not occur in training" in str(note) and "line 4" in str(note)


def test_cells_and_columns_that_do_not_fit_are_told_together(tmp_path: Path) -> None:
    path = tmp_path / "bad.csv"
    path.write_text("age,town,ill\nold,Oslo,1\n3,Oslo,much\n1e99,Oslo,1\n")
    found = faults([path], TABLE)
    assert len(found) == 2
    assert "bad.csv: age:" in found[0] and "'1e99', 'old' on line 2, 4" in found[0]
    assert "bad.csv: ill:" in found[1] and "'much' on line 3" in found[1]
    path.write_text("agee,town\n1,Oslo\n")
    found = faults([path], TABLE)
    assert "there is no column 'age'. Did you mean 'agee'?" in found[0]
    assert "'ill'" in found[1]
    path.write_text("age,town,ill\n")
    assert "there is a header and no row" in faults([path], TABLE)[0]


def test_decimal_commas_are_read_where_semicolons_separate(tmp_path: Path) -> None:
    path = tmp_path / "german.csv"
    path.write_text("age;town;ill\n31,5;Oslo;1\n")
    assert np.asarray(read([path], TABLE).inputs)[0, 0] == 31.5


def test_the_training_rows_themselves_come_back_as_they_were_trained_on(tmp_path: Path) -> None:
    path = tmp_path / "train.csv"
    lines = [f"{n % 7},{'AB'[n % 2]},{'' if n % 5 == 0 else n},{'yes' if n % 3 else 'no'}"
             for n in range(40)]  # fmt: skip
    path.write_text("\n".join(["kind,letter,number,answer", *lines]) + "\n")
    options = {"target": "answer", "categorical": ("kind",)}
    task = files.read(path, "classification", options)
    preparation = fit(task, np.arange(30))
    found = read([path], replace(TABLE, preparation=preparation))
    assert np.array_equal(np.asarray(found.inputs), np.asarray(preparation(task.inputs)))
