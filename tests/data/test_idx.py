import gzip
import os
import struct
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hikaku.data.readers.idx import read_idx, read_pair
from hikaku.errors import DataError

IMAGES = np.arange(5 * 3 * 2, dtype=np.uint8).reshape(5, 3, 2)
LABELS = np.array([0, 9, 4, 4, 1], dtype=np.uint8)


def idx(array: np.ndarray) -> bytes:
    head = bytes((0, 0, 8, array.ndim)) + struct.pack(f">{array.ndim}I", *array.shape)
    return head + array.tobytes()


def written(path: Path, content: bytes) -> Path:
    path.write_bytes(content)
    return path


@pytest.mark.parametrize("pack", [bytes, gzip.compress], ids=["raw", "gzip"])
def test_a_file_reads_as_the_array_in_it(tmp_path: Path, pack) -> None:
    read = read_idx(written(tmp_path / "images", pack(idx(IMAGES))), 3)
    assert read.dtype == np.uint8
    assert np.array_equal(read, IMAGES)


def test_gzip_is_known_by_content_and_not_by_name(tmp_path: Path) -> None:
    assert len(read_idx(written(tmp_path / "images.gz", idx(IMAGES)), 3)) == 5


@pytest.mark.parametrize("pack", [bytes, gzip.compress], ids=["raw", "gzip"])
@pytest.mark.parametrize("cut", [0, 1, 3, 4, 7, 15, 16, 45])
def test_a_cut_file_is_refused_with_its_name(tmp_path: Path, pack, cut: int) -> None:
    path = written(tmp_path / "images", pack(idx(IMAGES)[:cut]))
    with pytest.raises(DataError) as caught:
        read_idx(path, 3)
    assert caught.value.faults[0].where == f"{path}:"


def test_a_cut_body_tells_the_bytes_expected_and_found(tmp_path: Path) -> None:
    for pack in (bytes, gzip.compress):
        with pytest.raises(DataError, match=r"expected 46 bytes .*found (no more than )?40"):
            read_idx(written(tmp_path / "images", pack(idx(IMAGES)[:40])), 3)


@pytest.mark.parametrize("cut", [1, 9, 20, -9, -4, -1])
def test_a_cut_gzip_stream_is_refused(tmp_path: Path, cut: int) -> None:
    with pytest.raises(DataError):
        read_idx(written(tmp_path / "images.gz", gzip.compress(idx(IMAGES))[:cut]), 3)


def test_extra_bytes_are_refused(tmp_path: Path) -> None:
    for pack in (bytes, gzip.compress):
        with pytest.raises(DataError, match=r"expected 46 bytes .*found more"):
            read_idx(written(tmp_path / "images", pack(idx(IMAGES) + b"\0")), 3)


@pytest.mark.parametrize("magic", [(1, 0, 8, 3), (0, 0, 13, 3), (0, 0, 8, 1), (0, 0, 8, 4)])
def test_another_magic_is_refused_with_both_magics(tmp_path: Path, magic) -> None:
    content = bytes(magic) + idx(IMAGES)[4:]
    with pytest.raises(DataError) as caught:
        read_idx(written(tmp_path / "images", content), 3)
    assert bytes(magic).hex(" ") in str(caught.value)
    assert "00 00 08 03" in str(caught.value)


def test_a_wrong_checksum_is_refused(tmp_path: Path) -> None:
    packed = bytearray(gzip.compress(idx(IMAGES)))
    packed[-8] ^= 1
    with pytest.raises(DataError, match="damaged"):
        read_idx(written(tmp_path / "images.gz", bytes(packed)), 3)


def test_a_header_that_announces_more_than_the_file_can_hold_is_refused_unread(
    tmp_path: Path,
) -> None:
    bomb = bytes((0, 0, 8, 3)) + struct.pack(">3I", *[2**32 - 1] * 3)
    for pack in (bytes, gzip.compress):
        with pytest.raises(DataError, match="no more than"):
            read_idx(written(tmp_path / "images", pack(bomb)), 3)


def test_a_folder_and_a_pipe_are_refused_at_once(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    for path in (tmp_path, tmp_path / "pipe"):
        with pytest.raises(DataError, match="regular"):
            read_idx(path, 3)


def test_a_missing_file_is_a_data_error(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="cannot be read"):
        read_idx(tmp_path / "nowhere", 3)


@settings(deadline=None)
@given(place=st.integers(0, 45), flip=st.integers(1, 255), packed=st.booleans())
def test_a_flipped_byte_gives_an_array_of_its_header_or_a_data_error(
    tmp_path_factory: pytest.TempPathFactory, place: int, flip: int, packed: bool
) -> None:
    content = bytearray(gzip.compress(idx(IMAGES), mtime=0) if packed else idx(IMAGES))
    content[place % len(content)] ^= flip
    path = written(tmp_path_factory.getbasetemp() / "flipped", bytes(content))
    try:
        assert read_idx(path, 3).size == 30
    except DataError as error:
        assert str(path) in str(error)


def test_a_pair_gives_images_and_whole_number_labels(tmp_path: Path) -> None:
    x, y = read_pair(written(tmp_path / "x", idx(IMAGES)), written(tmp_path / "y", idx(LABELS)), 10)
    assert np.array_equal(x, IMAGES)
    assert y.dtype == np.int64
    assert y.tolist() == LABELS.tolist()


def test_another_number_of_labels_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="4 labels for 5 images"):
        read_pair(
            written(tmp_path / "x", idx(IMAGES)), written(tmp_path / "y", idx(LABELS[:4])), 10
        )


def test_a_label_out_of_range_is_refused_with_its_row(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="row 1: label 9, allowed are 0 to 8"):
        read_pair(written(tmp_path / "x", idx(IMAGES)), written(tmp_path / "y", idx(LABELS)), 9)
