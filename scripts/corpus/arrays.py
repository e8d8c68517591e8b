"""Damaged and hostile npz and npy files: headers that lie, objects, bombs, names out of place."""

from __future__ import annotations

import io
import os
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from corpus.case import DATA, Case, Content, flipped, reading, written
from hikaku.data.prepare import Preparation
from hikaku.data.unseen import Form, Wanted
from hikaku.data.unseen import read as read_unseen

X: NDArray[np.float32] = np.arange(24, dtype=np.float32).reshape(8, 3)
Y: NDArray[np.int64] = np.arange(8, dtype=np.int64) % 2


def cases() -> Iterator[Case]:
    """Yield every case of this kind."""
    whole = npz(x=npy(X), y=npy(Y))
    for cut in (0, 1, 4, 30, 64, 150, len(whole) // 2, len(whole) - 22, len(whole) - 1):
        yield _case(f"cut at {cut}", whole[:cut], "npz")
    for at in (0, 26, 40, 41, 60, 100, len(whole) - 21, len(whole) - 6):
        yield _case(f"byte {at} flipped", flipped(whole, at), "data.npz:")
    for name, header, word in _HEADERS:
        content = npz(x=magic(header) + bytes(96), y=npy(Y))
        yield _case(f"a header: {name}", content, word)
    for name, arrays, word in _arrays():
        yield _case(name, npz(**{key: npy(array) for key, array in arrays.items()}), word)
    for name, member, word in _members():
        yield _case(name, member, word)
    yield _case("a member packed by bzip2", npz(zipfile.ZIP_BZIP2, x=npy(X), y=npy(Y)), "packed in")
    yield _case("a member packed by lzma", npz(zipfile.ZIP_LZMA, x=npy(X), y=npy(Y)), "packed in")
    yield _case("HTML", b"<!DOCTYPE html>", "not an npz file")
    yield _case("no byte", b"", "not an npz file")
    yield _case("a wrong name asked for", whole, "no array 'z'", inputs="z")
    yield from _alone()
    for name, make in (("a folder", _folder), ("a pipe", _pipe), ("nowhere", _nowhere)):
        yield Case("npz", name, make, reading(), DATA, "data.npz:", ("D20",))


def _alone() -> Iterator[Case]:
    """Yield npy files that are given to predict on."""
    whole = npy(X)
    for name, content, word in (
        *((f"cut at {cut}", whole[:cut], "x.npy") for cut in (0, 5, 6, 9, 100, 128, 223)),
        ("a header larger than the file", magic(_header("(1000, 3)")) + bytes(96), "expected"),
        ("a header of 2^60 samples", magic(_header(f"({2**60}, 3)")) + bytes(96), "GiB"),
        ("a header of objects", magic(_header("(8, 3)", "'|O'")) + bytes(96), "Python objects"),
        ("samples of another shape", npy(X[:, :2]), "of the shape (2,)"),
        ("no sample", npy(X[:0]), "no sample"),
    ):
        yield Case("npy", name, written("x.npy", content), to_predict, DATA, word, ("D17",))


def to_predict(path: Path) -> object:
    """Read samples for a model of three numbers."""
    return read_unseen([path], Wanted({"": Form((3,), "float32")}, Preparation(1.0)))


def npy(array: NDArray[Any]) -> bytes:
    """Return an array as an npy file; objects are pickled, as who means harm would."""
    stream = io.BytesIO()
    np.save(stream, array, allow_pickle=True)
    return stream.getvalue()


def magic(header: str, version: tuple[int, int] = (1, 0)) -> bytes:
    """Return the head of an npy file with this text in it."""
    text = header.encode("latin-1").ljust(118) + b"\n"
    return b"\x93NUMPY" + bytes(version) + len(text).to_bytes(2, "little") + text


def npz(packing: int = zipfile.ZIP_STORED, /, **members: bytes) -> bytes:
    """Return an archive with these members, each called as arrays are."""
    return zipped({f"{name}.npy": content for name, content in members.items()}, packing)


def zipped(members: dict[str, bytes], packing: int = zipfile.ZIP_STORED) -> bytes:
    """Return an archive with these members under whatever names."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", packing) as archive:
        for name, content in members.items():
            archive.writestr(zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0)), content, packing)
    return stream.getvalue()


def _case(name: str, content: Content, word: str, **options: str) -> Case:
    make = written("data.npz", content)
    return Case("npz", name, make, reading(**options), DATA, word, ("D17",))


def _header(shape: str, descr: str = "'<f4'") -> str:
    return f"{{'descr': {descr}, 'fortran_order': False, 'shape': {shape}, }}"


_HEADERS = (
    ("larger than the file", _header("(1000, 3)"), "expected"),
    ("smaller than the file", _header("(4, 3)"), "expected"),
    ("2^60 samples", _header(f"({2**60}, 3)"), "GiB"),
    ("9 dimensions of 2^63", _header("(" + f"{2**63}, " * 9 + ")"), "GiB"),
    ("a negative shape", _header("(-8, -3)"), "x:"),
    ("a shape of texts", _header("('8', 3)"), "npz"),
    ("a shape of fractions", _header("(8.0, 3.0)"), "npz"),
    ("no shape", "{'descr': '<f4', 'fortran_order': False}", "npz"),
    ("objects", _header("(8, 3)", "'|O'"), "Python objects"),
    ("objects inside", _header("(8,)", "[('a', '|O'), ('b', '<f4')]"), "Python objects"),
    ("a type that is none", _header("(8, 3)", "'zz'"), "npz"),
    ("a type of no width", _header("(8, 3)", "'<U0'"), "expected"),
    ("no literal", "__import__('os').system('true')", "npz"),
    ("a call inside", _header("(exit(), 3)"), "npz"),
    ("brackets in brackets", "[" * 100, "npz"),
    ("no text", "\xff\xfe\x00", "npz"),
)


def _arrays() -> Iterator[tuple[str, dict[str, NDArray[Any]], str]]:
    yield "objects of Python", {"x": np.array([{}] * 8, object), "y": Y}, "Python objects"
    yield "targets of objects", {"x": X, "y": np.array([0, "a"] * 4, object)}, "Python objects"
    yield "no inputs", {"a": X, "y": Y}, "inputs are not found"
    yield "no targets", {"x": X, "b": Y}, "targets are not found"
    yield "no array", {}, "inputs are not found"
    yield "fewer targets", {"x": X, "y": Y[:5]}, "8 samples"
    yield "one number", {"x": np.array(3.0), "y": Y}, "one number"
    yield "no sample", {"x": X[:0], "y": Y[:0]}, "data.npz"
    yield "not a number", {"x": np.where(X == 5, np.nan, X), "y": Y}, "not finite"
    yield "infinite", {"x": np.where(X == 5, np.inf, X), "y": Y}, "not finite"
    yield "beyond 32 bits", {"x": X.astype(np.float64) * 1e300, "y": Y}, "not finite"
    yield "texts", {"x": np.full((8, 3), "a"), "y": Y}, "cannot be learnt"
    yield "complex", {"x": X.astype(complex), "y": Y}, "cannot be learnt"
    yield "dates", {"x": np.full((8,), "2026-01-01", "M8[D]"), "y": Y}, "cannot be learnt"
    yield "labels of fractions", {"x": X, "y": Y + 0.5}, "no class labels"
    yield "labels not finite", {"x": X, "y": np.where(Y, np.nan, 0.0)}, "not finite"
    yield "labels of one class", {"x": X, "y": np.zeros(8, np.int64)}, "one class"
    yield "labels of three dimensions", {"x": X, "y": np.zeros((8, 2, 2))}, "per sample"
    yield "labels as dates", {"x": X, "y": np.full(8, "2026-01-01", "M8[D]")}, "targets of type"
    yield "a test set alone", {"x_test": X, "y_test": Y}, "not found"
    yield "groups of another length", {"x": X, "y": Y, "groups": Y[:3]}, "groups"


def _bomb() -> bytes:
    zeros = magic(_header(f"({2**27 + 2**20}, 1)", "'|u1'")) + bytes(2**27 + 2**20)
    return npz(zipfile.ZIP_DEFLATED, x=zeros, y=npy(Y))


def _members() -> Iterator[tuple[str, Content, str]]:
    outside = {"../../x.npy": npy(X), "/y.npy": npy(Y)}
    yield "names out of the folder", zipped(outside), "inputs are not found"
    yield "names of a pickle", zipped({"x.pkl": b"cos\nsystem\n.", "y.npy": npy(Y)}), "not found"
    yield "a bomb", _bomb, "200 times"
    yield "version 9.0", npz(x=magic(_header("(8, 3)"), (9, 0)) + bytes(96), y=npy(Y)), "version"
    yield "no array in it", npz(x=b"text", y=npy(Y)), "npz"
    whole = bytearray(npz(x=npy(X), y=npy(Y)))
    place = whole.index(b"\x93NUMPY") + 128 + 8
    whole[place] ^= 0xFF
    yield "a wrong checksum", bytes(whole), "npz"
    encrypted = bytearray(npz(x=npy(X), y=npy(Y)))
    central = encrypted.index(b"PK\x01\x02")
    encrypted[central + 8] |= 1
    yield "marked as encrypted", bytes(encrypted), "npz"
    lying = bytearray(npz(x=npy(X), y=npy(Y)))
    central = lying.index(b"PK\x01\x02")
    lying[central + 24 : central + 28] = (2**31).to_bytes(4, "little")
    yield "a size that lies", bytes(lying), "data.npz"


def _folder(folder: Path) -> Path:
    (folder / "data.npz").mkdir()
    return folder / "data.npz"


def _pipe(folder: Path) -> Path:
    os.mkfifo(folder / "data.npz")
    return folder / "data.npz"


def _nowhere(folder: Path) -> Path:
    return folder / "data.npz"
