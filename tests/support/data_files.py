"""Small data files of every format, good and bad, for tests."""

import struct
import zlib
from collections.abc import Mapping, Sequence
from io import BytesIO
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from PIL import Image


def pixels(seed: int, *shape: int) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, 256, shape, dtype=np.uint8)


def coloured(seed: int, side: int = 4) -> Image.Image:
    return Image.fromarray(pixels(seed, side, side, 3))


def grey(seed: int, side: int = 4) -> Image.Image:
    return Image.fromarray(pixels(seed, side, side))


def encoded(image: Image.Image, format: str = "PNG", **how: object) -> bytes:
    stream = BytesIO()
    image.save(stream, format, **how)
    return stream.getvalue()


def put(path: Path, content: bytes | str) -> Path:
    """Write a file, and the folders above it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def image_folder(path: Path, classes: Sequence[str] = ("cat", "dog"), each: int = 3) -> Path:
    """Write a folder with so many different coloured images of each class."""
    for number, name in enumerate(classes):
        for row in range(each):
            put(path / name / f"{row}.png", encoded(coloured(100 * number + row)))
    return path


def png_of(width: int, height: int) -> bytes:
    """Return a PNG of one chunk of nothing that announces this size."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return (
            struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        )

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    start = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header)
    return start + chunk(b"IDAT", zlib.compress(b"\0" * 99)) + chunk(b"IEND", b"")


def cifar(seed: int, n: int, labels: Sequence[int], coarse: bool = False) -> bytes:
    """Return so many records; `labels` are repeated."""
    records = pixels(seed, n, 3072 + 1 + coarse)
    records[:, 0] = 7
    records[:, int(coarse)] = np.resize(np.array(labels, np.uint8), n)
    return records.tobytes()


def parquet(
    path: Path,
    contents: Sequence[object],
    labels: Sequence[object],
    metadata: Mapping[str, str] | None = None,
    names: tuple[str, str] = ("img", "label"),
) -> Path:
    """Write images as structs of bytes and path, and their labels."""
    image = pa.array(
        [None if content is None else {"bytes": content, "path": None} for content in contents],
        pa.struct([("bytes", pa.binary()), ("path", pa.string())]),
    )
    table = pa.table({names[0]: image, names[1]: pa.array(labels)})
    path.parent.mkdir(parents=True, exist_ok=True)
    pq.write_table(table.replace_schema_metadata(metadata), path)
    return path


def npz(path: Path, **arrays: object) -> Path:
    np.savez(path, **arrays)
    return path
