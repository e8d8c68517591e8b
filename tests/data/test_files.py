"""The whole corpus of odd and bad files: each is refused with file and place, or noted."""

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pytest
from data_files import cifar, coloured, encoded, grey, image_folder, npz, parquet, png_of, put
from PIL import Image

from hikaku.data import files
from hikaku.data.odd import odd
from hikaku.data.task import Task
from hikaku.errors import DataError

PNG = [encoded(coloured(number)) for number in range(4)]
X, Y = np.eye(4, dtype=np.float32), np.array([0, 1, 0, 1])


def pets(folder: Path, name: str = "", content: bytes = b"") -> Path:
    """Write a good folder of images, and one more file in it."""
    image_folder(folder / "pets")
    if name:
        put(folder / "pets" / name, content)
    return folder / "pets"


def sets(folder: Path) -> Path:
    """Write a folder of a train and a test set."""
    image_folder(folder / "pets" / "train")
    put(folder / "pets" / "test" / "cat" / "new.png", encoded(coloured(7)))
    put(folder / "pets" / "test" / "dog" / "new.png", encoded(coloured(8)))
    return folder / "pets"


def cut(path: Path, at: int) -> Path:
    return put(path, path.read_bytes()[:at])


def batches(folder: Path, *contents: bytes) -> Path:
    for number, content in enumerate(contents):
        put(folder / "cifar" / f"data_batch_{number + 1}.bin", content)
    return folder / "cifar"


def looped(folder: Path) -> Path:
    path = pets(folder)
    (path / "cat" / "again").symlink_to(path / "cat")
    (path / "dog" / "self.png").symlink_to("self.png")
    return path


def pipe(folder: Path) -> Path:
    path = pets(folder)
    os.mkfifo(path / "cat" / "pipe.png")
    return path


def oriented() -> bytes:
    exif = Image.Exif()
    exif[0x0112] = 3
    return encoded(coloured(9), exif=exif)


def doubled(folder: Path) -> Path:
    path = sets(folder)
    put(path / "test" / "dog" / "old.png", (path / "train" / "dog" / "0.png").read_bytes())
    return path


def frames() -> bytes:
    return encoded(grey(1), "GIF", save_all=True, append_images=[grey(2)])


def csv(text: str | bytes) -> Callable[[Path], Path]:
    return lambda folder: put(folder / "a.csv", text)


def arrays(**named: object) -> Callable[[Path], Path]:
    return lambda folder: npz(folder / "a.npz", **named)


def image(content: bytes, name: str = "cat/odd.png") -> Callable[[Path], Path]:
    return lambda folder: pets(folder, name, content)


@dataclass(frozen=True)
class Case:
    """A file, and what is said of it."""

    make: Callable[[Path], Path]
    said: str
    options: Mapping[str, object] = field(default_factory=dict)
    kind: str = "classification"


TARGET = {"target": "y"}
CLOUD = Image.new("RGBA", (4, 4), (0, 0, 0, 9))

REFUSED = {
    "nothing there": Case(lambda folder: folder / "none", "No such file"),
    "an unknown format": Case(lambda folder: put(folder / "a.xlsx", b"x"), "no format"),
    "an empty folder": Case(lambda folder: folder, "no format"),
    "a missing file": Case(lambda folder: folder / "none.csv", "No such file"),
    "images without classes": Case(
        lambda folder: put(folder / "pets" / "a.png", PNG[0]).parent, "no format"
    ),
    "given sets without classes": Case(
        lambda f: put(
            put(f / "p" / "train" / "a.png", PNG[0]).parents[1] / "test" / "b.png", b"x"
        ).parents[1],
        "train: there is no folder of a class",
    ),
    "an image cut short": Case(image(PNG[0][:50]), "odd.png: cannot be read as an image"),
    "an image of no byte": Case(image(b""), "odd.png: there is not a byte in it"),
    "a web page as image": Case(image(b"<html>404</html>", "cat/odd.jpg"), "odd.jpg: cannot be"),
    "a decompression bomb": Case(image(png_of(60_000, 60_000)), "odd.png: it announces"),
    "a bomb that pillow refuses": Case(image(png_of(2**30, 2**30)), "odd.png: it announces"),
    "images of two sizes": Case(image(encoded(coloured(1, 9))), "size = 4"),
    "an image of fractions": Case(
        image(encoded(Image.new("F", (4, 4)), "TIFF"), "cat/odd.tif"), "32 bits"
    ),
    "an empty class": Case(image(b"x", "emu/none.txt"), "emu: there is no image of this class"),
    "one class": Case(lambda f: image_folder(f / "pets", ("cat",)), "all samples are of one class"),
    "a link in a circle": Case(looped, "leads back to a folder above it"),
    "a pipe as image": Case(pipe, "pipe.png: not a regular file"),
    "a class for the test set alone": Case(
        lambda f: put(sets(f) / "test" / "emu" / "a.png", PNG[0]).parents[2],
        "no sample to train on is of these classes: emu",
    ),
    "classes that are not there": Case(pets, "labels out of range", {"classes": ("cat", "cow")}),
    "cifar cut short": Case(lambda f: batches(f, cifar(0, 9, range(9))[:-1]), "multiple of 3,073"),
    "cifar labels out of range": Case(
        lambda f: batches(f, cifar(0, 12, range(12))), "record 10: label 10"
    ),
    "an npz file that is none": Case(lambda f: put(f / "a.npz", b"\x93NUMPY"), "not an npz file"),
    "an npz file cut short": Case(
        lambda f: cut(npz(f / "a.npz", x=X, y=Y), 300), "not an npz file, or a damaged one"
    ),
    "pickled objects": Case(
        arrays(x=X, y=np.array([None, 1, 0, 1], dtype=object)), "y: it holds Python objects"
    ),
    "arrays of unequal lengths": Case(arrays(x=X, y=Y[:3]), "x holds 4 samples and y 3"),
    "sets of unequal lengths": Case(
        arrays(x_train=X, y_train=Y[:3], x_test=X[:1], y_test=Y[:2]), "x_train holds 4 samples"
    ),
    "arrays without their names": Case(arrays(a=X, b=Y), "its arrays are: a, b"),
    "arrays of one number": Case(arrays(x=X, y=np.array(3)), "y: it is one number"),
    "NaN among the inputs": Case(arrays(x=np.where(X > 0, np.nan, X), y=Y), "sample 0, counted"),
    "infinity among the inputs": Case(arrays(x=np.where(X > 0, np.inf, X), y=Y), "not finite"),
    "inputs of text": Case(arrays(x=X.astype(str), y=Y), "cannot be learnt from"),
    "labels of mixed type": Case(csv("x,y\n1,0\n2,1\n3,one\n4,0\n"), "'one' on line 4", TARGET),
    "labels as fractions": Case(arrays(x=X, y=Y / 2), "no class labels"),
    "targets that are missing": Case(arrays(x=X, y=np.array([1, np.nan, 0, 1])), "missing"),
    "values that are text": Case(
        arrays(x=X, y=np.array(list("abab"))), "regression needs numbers", kind="regression"
    ),
    "a ragged row": Case(csv("x,y\n1,a\n2\n"), "a.csv:3: 1 cells", TARGET),
    "a header twice": Case(csv("x,x,y\n1,2,a\n"), "two columns are called 'x'", TARGET),
    "a header without a name": Case(csv("x,,y\n1,2,a\n"), "column 2 of the header", TARGET),
    "a header alone": Case(csv("x,y\n"), "a header and no row", TARGET),
    "text in Latin 1": Case(csv("x,y\n1,é\n".encode("latin-1")), "not a text in UTF-8", TARGET),
    "text in UTF-16": Case(csv("x,y\n1,a\n".encode("utf-16")), "it is UTF-16", TARGET),
    "a table without a target": Case(csv("x,y\n1,a\n"), 'write target = "y"'),
    "a column of names": Case(csv("n,x,y\nA,1,a\nB,2,b\n"), "nothing can be learnt", TARGET),
    "commas in numbers": Case(csv('x,y\n"1,5",a\n"2,5",b\n'), "decimals as 3.14", TARGET),
    "parquet cut short": Case(
        lambda f: cut(parquet(f / "a.parquet", PNG, Y), -3), "not a Parquet file"
    ),
    "parquet without a row": Case(lambda f: parquet(f / "a.parquet", [], []), "0 rows"),
    "a damaged image in parquet": Case(
        lambda f: parquet(f / "a.parquet", [*PNG[:3], b"x"], Y), "a.parquet[3]: cannot be read"
    ),
    "parquet labels out of range": Case(
        lambda f: parquet(f / "a.parquet", PNG, [0, 1, 2, -1], {"class_names": "a,b"}),
        "labels out of range",
    ),
    "a parquet test set alone": Case(
        lambda f: parquet(f / "test.parquet", PNG, Y).parent, "no train.parquet beside test"
    ),
}

NOTED = {
    "CMYK": Case(image(encoded(Image.new("CMYK", (4, 4)), "JPEG"), "cat/odd.jpg"), "CMYK"),
    "16 bits": Case(image(encoded(Image.new("I;16", (4, 4), 999))), "16 bits"),
    "a palette": Case(image(encoded(coloured(9).convert("P"))), "palette"),
    "transparency": Case(image(encoded(CLOUD)), "laid on white"),
    "grey among colour": Case(image(encoded(grey(9))), "grey was repeated"),
    "a turned photograph": Case(image(oriented()), "turned upright"),
    "an animation": Case(image(frames(), "cat/odd.gif"), "first of several frames"),
    "a resized image": Case(image(encoded(coloured(1, 9))), "resized", {"size": 4}),
    "a stray file": Case(image(b"x", "cat/labels.txt"), "passed over"),
    "one sample in train and test": Case(doubled, "1 samples of the given test set stand in"),
    "a sample twice": Case(image(encoded(coloured(0))), "1 samples stand there more than once"),
    "one sample of two classes": Case(image(encoded(coloured(0)), "dog/a.png"), "different labels"),
    "classes written alike": Case(image(PNG[3], "Cat/a.png"), "differ only in how they"),
    "other separators": Case(csv("x;z;y\n1;2;a\n4;2;b\n"), "separated by ';'", TARGET),
    "decimal commas": Case(csv("x;y\n1,5;a\n4,0;b\n"), "decimal points in: x", TARGET),
    "an empty column": Case(csv("x,e,y\n1,,a\n4,,b\n"), "were left out: e", TARGET),
    "a constant column": Case(csv("x,c,y\n1,2,a\n4,2,b\n"), "same value in every row", TARGET),
    "a column that counts": Case(csv("x,c,y\n1,2,a\n4,3,b\n2,4,a\n"), "counts the rows", TARGET),
    "channels last": Case(arrays(x=np.ones((4, 5, 6, 3), np.uint8), y=Y), "channels last"),
    "classes of no sample": Case(
        lambda f: parquet(f / "a.parquet", PNG, Y, {"class_names": "a,b,c"}), "left out: c"
    ),
}


def read(case: Case, path: Path) -> Task:
    return files.read(path, case.kind, case.options)  # type: ignore[arg-type]  # as decoded


@pytest.mark.parametrize("case", REFUSED.values(), ids=REFUSED)
def test_it_is_refused_with_file_and_place(case: Case, tmp_path: Path) -> None:
    path = case.make(tmp_path)
    with pytest.raises(DataError) as caught:
        read(case, path)
    assert case.said in caught.value.text()
    assert any(name in caught.value.text() for name in (str(path), f"{path.stem}:"))
    assert caught.value.exit_code == 3
    assert caught.value.text("ja")


@pytest.mark.parametrize("case", NOTED.values(), ids=NOTED)
def test_it_is_read_with_a_note(case: Case, tmp_path: Path) -> None:
    task = read(case, case.make(tmp_path))
    said = [str(note) for note in (*task.notes, *odd(task))]
    assert case.said in "\n".join(said)
    assert len(said) == len(set(said))


@pytest.mark.parametrize(
    ("make", "read_files"),
    [
        (pets, ["cat/0.png", "cat/1.png", "cat/2.png", "dog/0.png", "dog/1.png", "dog/2.png"]),
        (lambda f: batches(f, cifar(0, 9, range(9))), ["data_batch_1.bin"]),
        (lambda f: parquet(f / "d" / "train.parquet", PNG, Y).parent, ["train.parquet"]),
        (csv("x,y\n1,a\n"), ["a.csv"]),
        (arrays(x=X, y=Y), ["a.npz"]),
    ],
)
def test_a_stamp_tells_of_every_file_that_is_read(tmp_path: Path, make, read_files) -> None:
    path = make(tmp_path)
    put(tmp_path / "beside.csv", "x")
    found = files.stamps(path, {})
    folder = path if path.is_dir() else path.parent
    assert [Path(name).relative_to(folder).as_posix() for name, _, _ in found] == read_files
    assert [size for _, size, _ in found] == [Path(name).stat().st_size for name, _, _ in found]
    os.utime(found[0][0], ns=(1, 1))
    assert files.stamps(path, {}) != found


def test_what_is_not_there_has_no_stamp(tmp_path: Path) -> None:
    for name in ("a.csv", "a.npz", "folder"):
        with pytest.raises(DataError, match="No such file"):
            files.stamps(tmp_path / name, {})


def test_options_reach_the_reader_and_others_keep_their_defaults(tmp_path: Path) -> None:
    path = csv("id,x,y\n1,1,a\n2,5,b\n")(tmp_path)
    task = files.read(path, "classification", {"target": "y", "drop": ("id",)})
    assert [column.name for column in task.columns] == ["x"]
    assert task.standardize
    plain = files.read(path, "classification", {"target": "y", "standardize": False})
    assert not plain.standardize


def test_progress_is_told_of_images(tmp_path: Path) -> None:
    told: list[tuple[str, int, int]] = []
    path = pets(tmp_path)
    files.read(path, "classification", {}, lambda *news: told.append(news))
    assert told == [(str(path), 6, 6)]
