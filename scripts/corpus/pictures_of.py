"""Folders of images with one that is none, and Parquet files of images and tables."""

from __future__ import annotations

import os
import struct
import zlib
from collections.abc import Iterator
from functools import cache
from io import BytesIO
from pathlib import Path

import numpy as np
from PIL import Image

from corpus.case import DATA, Case, Make, reading

FORMATS = ("PNG", "JPEG", "BMP", "GIF", "PPM", "TIFF", "WEBP")


def cases() -> Iterator[Case]:
    """Yield every case of this kind."""
    for name, content, word, fault in (*_damaged(), *_too_large(), *_other_formats()):
        yield Case("images", name, with_image(content), reading(), DATA, word, (fault,))
    for name, make, word, fault in _folders():
        yield Case("images", name, make, reading(), DATA, word, (fault,))


def image(format: str = "PNG", side: int = 8, seed: int = 0) -> bytes:
    """Return a small image of chance, in this format."""
    stream = BytesIO()
    values = np.random.default_rng(seed).integers(0, 256, (side, side, 3), dtype=np.uint8)
    Image.fromarray(values).save(stream, format)
    return stream.getvalue()


def png(width: int, height: int, data: bytes = b"\0" * 99) -> bytes:
    """Return a PNG that announces this size, whatever is in it."""

    def chunk(kind: bytes, content: bytes) -> bytes:
        check = struct.pack(">I", zlib.crc32(kind + content))
        return struct.pack(">I", len(content)) + kind + content + check

    head = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))
    body = chunk(b"IDAT", zlib.compress(data))
    return b"\x89PNG\r\n\x1a\n" + head + body + chunk(b"IEND", b"")


@cache
def _good() -> tuple[bytes, ...]:
    return tuple(image(seed=seed) for seed in range(4))


def folder_of(folder: Path) -> Path:
    """Write two classes of two good images each."""
    for number, content in enumerate(_good()):
        path = folder / ("cat" if number < 2 else "dog") / f"{number}.png"
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(content)
    return folder


def with_image(content: bytes, name: str = "cat/bad.jpg") -> Make:
    """Return what writes the good images and this one beside them."""

    def make(folder: Path) -> Path:
        (folder_of(folder) / name).write_bytes(content)
        return folder

    return make


def _damaged() -> Iterator[tuple[str, bytes, str, str]]:
    bad = "cat/bad.jpg:"
    yield "no byte", b"", "not a byte", "D7"
    yield "HTML", b"<!DOCTYPE html><html>404</html>", bad, "D7"
    yield "text", b"not found", bad, "D7"
    yield "bytes of chance", np.random.default_rng(1).bytes(4096), bad, "D7"
    for format in FORMATS:
        whole = image(format)
        for cut in (1, 4, 12, len(whole) // 2):
            yield f"{format} cut at {cut}", whole[:cut], bad, "D7"
    yield "a flipped head", b"\x88" + image()[1:], bad, "D7"
    yield "a wrong checksum", image()[:-40] + b"\xff" + image()[-39:], bad, "D7"


def _too_large() -> Iterator[tuple[str, bytes, str, str]]:
    bad = "cat/bad.jpg:"
    yield "60,000 by 60,000 pixels", png(60_000, 60_000), "more pixels", "D8"
    yield "8,001 by 8,000 pixels", png(8001, 8000), "8,001 × 8,000", "D8"
    yield "2^31 wide", png(2**31 - 1, 1), bad, "D8"
    yield "no pixel", png(0, 8), bad, "D8"
    yield "a text chunk of 10 MB", _text_bomb(), bad, "D8"
    gif = bytearray(image("GIF"))
    gif[6:10] = b"\xff\xff\xff\xff"
    yield "a GIF of 65,535 squared", bytes(gif), bad, "D8"
    bmp = bytearray(image("BMP"))
    bmp[18:26] = struct.pack("<ii", 2**30, 2**30)
    yield "a BMP of 2^60 pixels", bytes(bmp), bad, "D8"
    yield "a PPM of 10^18 pixels", b"P6 1000000000 1000000000 255\n", bad, "D8"


def _other_formats() -> Iterator[tuple[str, bytes, str, str]]:
    bad = "cat/bad.jpg:"
    yield "FITS", b"SIMPLE  =                    T".ljust(2880), bad, "D9"
    yield "PSD", b"8BPS\0\1" + bytes(6) + b"\0\3" + bytes(60), bad, "D9"
    yield "EPS", b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 8 8\n", bad, "D9"
    yield "SVG", b'<svg xmlns="http://www.w3.org/2000/svg"/>', bad, "D9"
    yield "PDF", b"%PDF-1.7\n", bad, "D9"
    yield "ICNS", b"icns\0\0\0\x10" + bytes(8), bad, "D9"
    yield "MPEG", b"\0\0\1\xb3" + bytes(60), bad, "D9"
    yield "WMF", b"\xd7\xcd\xc6\x9a" + bytes(60), bad, "D9"
    yield "DDS", b"DDS " + bytes(124), bad, "D9"
    yield "a size of its own", image(side=9), "of 2 sizes", "D10"
    stream = BytesIO()
    Image.fromarray(np.ones((8, 8), np.float32)).save(stream, "TIFF")
    yield "values of 32 bits", stream.getvalue(), "32 bits", "D11"


def _text_bomb() -> bytes:
    packed = b"k\0\0" + zlib.compress(bytes(10_000_000), 1)
    chunk = struct.pack(">I", len(packed)) + b"zTXt" + packed
    check = struct.pack(">I", zlib.crc32(b"zTXt" + packed))
    start = png(8, 8)
    return start[:33] + chunk + check + start[33:]


def _folders() -> Iterator[tuple[str, Make, str, str]]:
    yield "nothing in it", lambda folder: folder, "no ", "D12"
    yield "no class", _loose, "no format that is read", "D12"
    yield "a class without an image", _empty_class, "no image of this class", "D12"
    yield "one class", _one_class, "one class", "D13"
    yield "a link out of it", _linked("/etc/passwd"), "leads out", "D12"
    yield "a link to a device", _linked("/dev/zero"), "leads out", "D12"
    yield "a link to the folder above", _linked("../..", "cat/up"), "leads out", "D12"
    yield "a link to itself", _linked("link.png"), "leads nowhere", "D12"
    yield "a link to nothing", _linked("gone.png"), "cannot be read", "D12"
    yield "a link that leads back", _linked("..", "cat/back"), "leads back", "D12"
    yield "a class that leads out", _linked("/etc", "etc"), "leads out", "D12"
    yield "links to millions of folders", _in_circles, "read already", "D12"
    yield "200 folders in one another", _deep, "without end", "D12"
    yield "a pipe", _pipe, "regular", "D20"
    yield "a folder called as an image", _folder_for_image, "no image of this class", "D20"
    yield "a class name that is no text", _no_text, "UTF-8", "D18"
    yield "nowhere", lambda folder: folder / "none", "none:", "D20"


def _linked(target: str, name: str = "cat/link.png") -> Make:
    def make(folder: Path) -> Path:
        (folder_of(folder) / name).symlink_to(target)
        return folder

    return make


def _empty_class(folder: Path) -> Path:
    (folder_of(folder) / "bird").mkdir()
    return folder


def _one_class(folder: Path) -> Path:
    (folder / "cat").mkdir()
    (folder / "cat" / "0.png").write_bytes(image())
    return folder


def _loose(folder: Path) -> Path:
    (folder / "0.png").write_bytes(image())
    return folder


def _in_circles(folder: Path) -> Path:
    for number in range(20):
        (folder / "cat" / str(number)).mkdir(parents=True)
        for side in "ab":
            (folder / "cat" / str(number) / side).symlink_to(f"../{number + 1}")
    return folder


def _pipe(folder: Path) -> Path:
    os.mkfifo(folder_of(folder) / "cat" / "pipe.png")
    return folder


def _folder_for_image(folder: Path) -> Path:
    (folder_of(folder) / "bird" / "folder.png").mkdir(parents=True)
    return folder


def _deep(folder: Path) -> Path:
    (folder_of(folder) / "cat" / "/".join("d" * 200)).mkdir(parents=True)
    return folder


def _no_text(folder: Path) -> Path:
    name = os.fsencode(folder_of(folder)) + b"/caf\xe9"
    os.mkdir(name)  # noqa: PTH102 - a name that is no text
    Path(os.fsdecode(name), "0.png").write_bytes(image(seed=9))
    return folder
