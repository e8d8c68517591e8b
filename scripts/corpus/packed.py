"""Damaged IDX files, gzip streams, CIFAR records, and archives of them."""

from __future__ import annotations

import gzip
import io
import os
import struct
import tarfile
from collections.abc import Iterator
from pathlib import Path

from corpus.case import DATA, Case, Content, Make, flipped, reading, written
from hikaku.data.named import read_cifar10
from hikaku.data.readers.idx import read_idx, read_pair

HEAD = bytes((0, 0, 8, 3)) + struct.pack(">3I", 4, 5, 6)
IDX = HEAD + bytes(120)
RECORD = 3073
CIFAR = b"".join(bytes([label]) + bytes(3072) for label in (0, 1, 2, 3))


def cases() -> Iterator[Case]:
    """Yield every case of this kind."""
    yield from _idx()
    yield from _cifar()
    yield from _archives()


def _idx() -> Iterator[Case]:
    def case(name: str, content: Content, word: str, fault: str = "D1") -> Case:
        return Case("idx", name, written("images", content), images, DATA, word, (fault,))

    for cut in (0, 1, 3, 4, 7, 8, 12, 15, 16, 17, len(IDX) - 1):
        yield case(f"cut at {cut}", IDX[:cut], "images:")
    for more in (b"\0", b"\0" * 4096):
        yield case(f"{len(more)} bytes more", IDX + more, "found more")
    for at in range(16):
        yield case(f"byte {at} flipped", flipped(IDX, at), "images:")
    huge = bytes((0, 0, 8, 3)) + struct.pack(">3I", *[2**32 - 1] * 3)
    yield case("dimensions that overflow", huge, "no more than")
    yield case("dimensions that overflow, packed", gzip.compress(huge), "no more than", "D2")
    packed = gzip.compress(IDX, mtime=0)
    for cut in (1, 2, 9, 10, 11, len(packed) - 9, len(packed) - 8, len(packed) - 4, -1):
        yield case(f"gzip cut at {cut}", packed[:cut], "images:", "D2")
    for at in (2, 3, len(packed) - 8, len(packed) - 1):
        yield case(f"gzip byte {at} flipped", flipped(packed, at), "images:", "D2")
    yield case("a bomb of 1,000 to 1", bomb, "no more than", "D2")
    pair = written("labels", bytes((0, 0, 8, 1)) + struct.pack(">I", 4) + b"\0\1\2\x0a")
    yield Case("idx", "a label out of range", _with_images(pair), labels, DATA, "label 10", ("D1",))
    pair = written("labels", bytes((0, 0, 8, 1)) + struct.pack(">I", 3) + b"\0\1\2")
    yield Case("idx", "fewer labels", _with_images(pair), labels, DATA, "3 labels for 4", ("D1",))
    for name, make in (("a folder", lambda folder: folder), ("a pipe", _pipe)):
        yield Case("idx", name, make, images, DATA, "regular", ("D20",))


def images(path: Path) -> object:
    """Read an IDX file of three dimensions."""
    return read_idx(path, 3)


def labels(path: Path) -> object:
    """Read the IDX files `images` and `labels` beside one another."""
    return read_pair(path.with_name("images"), path, 10)


def _with_images(make: Make) -> Make:
    def both(folder: Path) -> Path:
        written("images", IDX)(folder)
        return make(folder)

    return both


def _pipe(folder: Path) -> Path:
    os.mkfifo(folder / "images")
    return folder / "images"


def bomb() -> bytes:
    """Return an IDX file packed a thousand to one, whose header agrees with what comes out."""
    images = 256
    stream = io.BytesIO()
    with gzip.GzipFile(fileobj=stream, mode="wb", mtime=0, compresslevel=1) as file:
        file.write(bytes((0, 0, 8, 3)) + struct.pack(">3I", images, 1024, 1024))
        for _ in range(images):
            file.write(bytes(2**20))
    return stream.getvalue()


def _cifar() -> Iterator[Case]:
    def case(name: str, word: str, **files: bytes) -> Case:
        return Case("cifar", name, _folder(files), reading(), DATA, word, ("D3",))

    for cut in (0, 1, 3072, 3074, 2 * RECORD - 1, 2 * RECORD + 1, len(CIFAR) - 1):
        yield case(f"cut at {cut}", "multiple of 3,073", data_batch_1=CIFAR[:cut])
    for label in (10, 11, 128, 255):
        wrong = CIFAR[:RECORD] + bytes([label]) + CIFAR[RECORD + 1 :]
        yield case(f"label {label}", "record 1", data_batch_1=wrong)
    hundred = b"".join(bytes([0, label]) + bytes(3072) for label in (0, 1, 100))
    yield case("CIFAR-100 label 100", "record 2", train=hundred)
    yield case("CIFAR-100 cut", "multiple of 3,074", train=hundred[:-1])
    yield case("both sets", "one folder", data_batch_1=CIFAR, train=hundred)
    yield case("only a test file", "none to train on", test_batch=CIFAR)
    yield case("one class alone", "classes without", data_batch_1=CIFAR[:RECORD] * 4)

    def pipe(folder: Path) -> Path:
        os.mkfifo(folder / "data_batch_1.bin")
        return folder

    def inside(folder: Path) -> Path:
        (folder / "data_batch_1.bin").mkdir()
        return folder

    yield Case("cifar", "a pipe", pipe, reading(), DATA, "regular", ("D20",))
    yield Case("cifar", "a folder for a file", inside, reading(), DATA, "no image", ("D20",))


def _folder(files: dict[str, bytes]) -> Make:
    def make(folder: Path) -> Path:
        for name, content in files.items():
            (folder / f"{name}.bin").write_bytes(content)
        return folder

    return make


def _archives() -> Iterator[Case]:
    def case(name: str, content: Content, word: str) -> Case:
        make = written("cifar-10-binary.tar.gz", content)
        return Case("archive", name, make, _cifar10, DATA, word, ("D2", "D3"))

    whole = gzip.compress(archive({"data_batch_1.bin": CIFAR}), mtime=0)
    every = b"".join(bytes([label]) + bytes(3072) for label in range(10))
    few = gzip.compress(archive({"cifar/data_batch_1.bin": every}), mtime=0)
    yield case("not the published number", few, "expected 50,000")
    yield case("records cut", gzip.compress(archive({"data_batch_1.bin": CIFAR[:-1]})), "3,073")
    for cut in (0, 1, 20, len(whole) // 2, len(whole) - 1):
        yield case(f"cut at {cut}", whole[:cut], "tar.gz:")
    yield case("no archive", b"<html>404</html>", "tar archive")
    outside = gzip.compress(archive({"../../data_batch_1.bin": every, "/etc/x.txt": b""}), mtime=0)
    yield case("members out of the folder", outside, "expected 50,000")
    yield case("a bomb", _archived_bomb, "200 times")
    link = archive({}, links={"data_batch_1.bin": "/etc/passwd", "test_batch.bin": "/dev/zero"})
    yield case("links for files", gzip.compress(link, mtime=0), "tar.gz")


def _archived_bomb() -> bytes:
    return gzip.compress(archive({"data_batch_1.bin": bytes(2**27 + 2**20)}), 1)


def _cifar10(path: Path) -> object:
    return read_cifar10((path,))


def archive(files: dict[str, bytes], links: dict[str, str] | None = None) -> bytes:
    """Return a tar archive with these members, under whatever names."""
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode="w") as tar:
        for name, content in files.items():
            member = tarfile.TarInfo(name)
            member.size = len(content)
            tar.addfile(member, io.BytesIO(content))
        for name, target in (links or {}).items():
            member = tarfile.TarInfo(name)
            member.type, member.linkname = tarfile.SYMTYPE, target
            tar.addfile(member)
    return stream.getvalue()
