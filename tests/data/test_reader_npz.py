import io
import zipfile
from pathlib import Path

import numpy as np
import pytest
from data_files import npz, pixels, put
from hypothesis import given, settings
from hypothesis import strategies as st

from hikaku.data.readers.npz import read
from hikaku.data.task import Task
from hikaku.errors import DataError
from hikaku.study.own_data import Npz

X = np.arange(24, dtype=np.float32).reshape(6, 4)
Y = np.array([0, 1, 2, 0, 1, 2])


def classified(path: Path, **asked: object) -> Task:
    return read(path, "classification", Npz(**asked))


@pytest.mark.parametrize(
    "names", [("x", "y"), ("inputs", "targets"), ("X", "labels"), ("data", "y")]
)
def test_arrays_are_found_by_their_usual_names(tmp_path: Path, names) -> None:
    task = classified(npz(tmp_path / "a.npz", **dict(zip(names, (X, Y), strict=True))))
    assert np.array_equal(task.inputs, X)
    assert task.targets.tolist() == Y.tolist()
    assert (task.name, task.classes, task.official_test) == ("a", ("0", "1", "2"), 0)


def test_arrays_can_be_named(tmp_path: Path) -> None:
    path = npz(tmp_path / "a.npz", x=X * 0, pictures=X, mood=Y)
    assert np.array_equal(classified(path, inputs="pictures", targets="mood").inputs, X)


def test_given_sets_come_one_after_the_other(tmp_path: Path) -> None:
    path = npz(
        tmp_path / "a.npz",
        **{"x_train": X, "y_train": Y, "x_val": X[:2], "y_val": Y[:2]},
        **{"x_test": X[2:], "y_test": Y[2:]},
    )
    task = classified(path)
    assert (task.pool, task.official_validation, task.official_test) == (6, 2, 4)
    assert task.targets.tolist() == [*Y, *Y[:2], *Y[2:]]


def test_named_arrays_may_come_in_given_sets_too(tmp_path: Path) -> None:
    path = npz(
        tmp_path / "a.npz",
        **{"image_train": X, "kind_train": Y, "image_test": X[3:], "kind_test": Y[3:]},
    )
    assert classified(path, inputs="image", targets="kind").official_test == 3


def test_groups_and_names_of_classes_are_kept(tmp_path: Path) -> None:
    path = npz(tmp_path / "a.npz", x=X, y=Y, groups=np.array(list("aabbcc")))
    task = classified(path, classes=("red", "green", "blue"))
    assert task.classes == ("red", "green", "blue")
    assert task.groups is not None
    assert task.groups.tolist() == [0, 0, 1, 1, 2, 2]


def test_values_are_learnt_where_the_study_says_so(tmp_path: Path) -> None:
    task = read(npz(tmp_path / "a.npz", x=X, y=Y / 2), "regression", Npz())
    assert task.targets.dtype == np.float32
    assert task.classes == ()


def test_images_of_bytes_stay_bytes_and_get_their_channels_first(tmp_path: Path) -> None:
    images = pixels(0, 6, 4, 5, 3)
    task = classified(npz(tmp_path / "a.npz", x=images, y=Y))
    assert np.array_equal(task.inputs, images.transpose(0, 3, 1, 2))
    assert task.scale == 255.0
    assert "channels" in " ".join(map(str, task.notes))


def test_other_byte_orders_and_memory_orders_read_alike(tmp_path: Path) -> None:
    path = npz(tmp_path / "a.npz", x=np.asfortranarray(X.astype(">f8")), y=Y.astype(">i2"))
    task = classified(path)
    assert np.array_equal(task.inputs, X)
    assert task.targets.tolist() == Y.tolist()


def test_compressed_files_read_alike(tmp_path: Path) -> None:
    np.savez_compressed(tmp_path / "a.npz", x=X, y=Y)
    assert np.array_equal(classified(tmp_path / "a.npz").inputs, X)


def test_what_would_run_code_is_never_run(tmp_path: Path) -> None:
    class Trap:
        def __reduce__(self):
            return (put, (tmp_path / "sprung", b""))

    objects = np.empty(6, object)
    objects[:] = [Trap()] * 6
    for arrays in ({"x": objects, "y": Y}, {"x": X, "y": objects}):
        with pytest.raises(DataError, match="Python objects"):
            classified(npz(tmp_path / "a.npz", **arrays))
    assert not (tmp_path / "sprung").exists()


def with_member(path: Path, name: str, content: bytes, **how: int) -> Path:
    with zipfile.ZipFile(path, "a", **how) as archive:
        archive.writestr(name, content)
    return path


def header(shape: tuple[int, ...], dtype: str = "<f4") -> bytes:
    stream = io.BytesIO()
    np.lib.format.write_array_header_1_0(
        stream, {"descr": dtype, "fortran_order": False, "shape": shape}
    )
    return stream.getvalue()


@pytest.mark.parametrize("shape", [(10**9, 10**9), (2**30,), (7,), (-1, 4)])
def test_a_header_that_announces_more_than_is_there_is_refused_unread(
    tmp_path: Path, shape: tuple[int, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    path = with_member(npz(tmp_path / "a.npz", y=Y), "x.npy", header(shape) + bytes(24))
    monkeypatch.setattr("numpy.lib.format.read_array", lambda *_, **__: pytest.fail("was read"))
    with pytest.raises(DataError, match=r"GiB|expected"):
        classified(path)


def test_another_packing_than_that_of_npz_is_refused(tmp_path: Path) -> None:
    path = with_member(
        npz(tmp_path / "a.npz", y=Y), "x.npy", header((1,)), compression=zipfile.ZIP_BZIP2
    )
    with pytest.raises(DataError, match="packed"):
        classified(path)


@pytest.mark.parametrize("save", [np.savez, np.savez_compressed])
def test_a_wrong_checksum_is_refused(tmp_path: Path, save) -> None:
    save(tmp_path / "a.npz", x=X, y=Y)
    content = bytearray((tmp_path / "a.npz").read_bytes())
    content[content.index(b"PK\1\2") + 16] ^= 1
    with pytest.raises(DataError, match="Bad CRC"):
        classified(put(tmp_path / "a.npz", bytes(content)))


def test_arrays_that_do_not_fit_into_memory_are_refused_unread(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("hikaku.data.readers.npz.MOST_BYTES", 200)
    with pytest.raises(DataError, match="GiB"):
        classified(npz(tmp_path / "a.npz", x=X, y=Y))


@settings(deadline=None, max_examples=60)
@given(place=st.integers(0, 10_000), flip=st.integers(1, 255))
def test_a_flipped_byte_gives_the_array_or_a_data_error(
    tmp_path_factory: pytest.TempPathFactory, place: int, flip: int
) -> None:
    path = npz(tmp_path_factory.getbasetemp() / "flipped.npz", x=X, y=Y)
    content = bytearray(path.read_bytes())
    content[place % len(content)] ^= flip
    path.write_bytes(bytes(content))
    try:
        assert np.array_equal(classified(path).inputs, X)
    except DataError as error:
        assert "flipped" in str(error)
