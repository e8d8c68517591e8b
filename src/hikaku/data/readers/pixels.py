"""Many image files as one array of bytes: decoded, turned upright, brought to one size and form.

Every image that is not plain 8-bit grey or RGB is converted by a rule that stands here, and the
conversion is noted; what no rule covers is refused. A file's pixels are decoded only after its
header has been held against the limits.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import ExifTags, Image, ImageOps, TiffImagePlugin, WebPImagePlugin

from hikaku.data.readers.contents import MOST_BYTES, gather, shown, stamp, too_large
from hikaku.data.task import Progress
from hikaku.errors import DataError, Fault, HikakuError
from hikaku.words import Message, message

Bytes = NDArray[np.uint8]

# The plug-ins of two of these are loaded only when they are imported.
FORMATS = (
    *("PNG", "JPEG", "BMP", "GIF", "PPM"),
    *(TiffImagePlugin.TiffImageFile.format, WebPImagePlugin.WebPImageFile.format),
)
"""Others are never tried: each decoder is a door for damaged and hostile files."""
SUFFIXES = frozenset(
    f".{name}"
    for name in [
        "png",
        "jpg",
        "jpeg",
        "jpe",
        "bmp",
        "gif",
        "ppm",
        "pgm",
        "pbm",
        "pnm",
        "tif",
        "tiff",
        "webp",
    ]
)
MOST_PIXELS = 64_000_000
"""Pixels of one image; a photograph of a camera has up to 60 million."""
STEP = 512
"""Progress is told after so many images."""

CONVERTED = ("CMYK", "YCbCr", "HSV")
GREY = ("1", "L", "LA", "La", "I", "I;16", "I;16B", "I;16L", "I;16N")
SIXTEEN = ("I;16", "I;16B", "I;16L", "I;16N")

FIRST_FRAME = message("only the first of several frames was taken")
UPRIGHT = message("turned upright, as the file's EXIF orientation says")
EIGHT_BITS = message("16 bits per value were cut to the higher 8")
ON_WHITE = message("transparent parts were laid on white")
PALETTE = message("colours of a palette became RGB")
OTHER_COLOURS = message("CMYK and the like became RGB")
REPEATED = message("grey was repeated over the three channels of colour")
RESIZED = message("resized, the sides each by their own factor")


@dataclass(frozen=True)
class Picture:
    """One image not yet read: its place, as errors name it, and its file or its bytes."""

    where: str
    content: Path | bytes


@dataclass(frozen=True, eq=False)
class Stack:
    """Images of one size: (n, height, width) grey or (n, 3, height, width) RGB, and the notes."""

    images: Bytes
    notes: tuple[Message, ...] = ()


def stack(
    pictures: Sequence[Picture],
    size: int,
    channels: str,
    where: str,
    progress: Progress | None = None,
) -> Stack:
    """Return these images as one array of bytes, each resized to `size` × `size` unless it is 0.

    `channels` is "rgb", "grey", or "auto": grey where all of them are. Raises DataError with
    every image that cannot be read, where the images are of several sizes, or where they do not
    fit into memory; `where` names them all.
    """
    found = _Growing(len(pictures), where)
    with _bombs_refused():
        for number, picture in enumerate(pictures):
            try:
                values, changes = _decoded(picture.content, size, channels)
            except Exception as error:  # a damaged file makes the decoders raise almost anything
                found.faults += _faults(f"{picture.where}:", error)
            else:
                found.add(number, picture.where, values, changes)
            if progress and ((number + 1) % STEP == 0 or number + 1 == len(pictures)):
                progress(where.rstrip(":"), number + 1, len(pictures))
    return found.finished()


class _Growing:
    """The array as it fills, with what was found on the way."""

    def __init__(self, n: int, where: str) -> None:
        self.n, self.where = n, where
        self.array: Bytes | None = None
        self.faults: list[Fault] = []
        self.sizes: dict[tuple[int, ...], str] = {}
        self.changes: dict[Message, list[str]] = {}
        self.grey: list[str] = []

    def add(self, number: int, where: str, values: Bytes, changes: Sequence[Message]) -> None:
        """Take one image in: (height, width) or (height, width, 3)."""
        for change in changes:
            self.changes.setdefault(change, []).append(where)
        self.sizes.setdefault(values.shape[:2], where)
        if len(self.sizes) > 1:
            return  # of several sizes nothing can be kept; what else is wrong is still found
        if values.ndim == 2:
            self.grey.append(where)
        if self.array is None:
            self.array = self._room(values.shape)
        elif values.ndim == 3 and self.array.ndim == 3:
            coloured = self._room(values.shape)
            coloured[:number] = self.array[:number, None]
            self.array = coloured
        # One grey image is as good for each of three channels.
        self.array[number] = values if values.ndim == 2 else values.transpose(2, 0, 1)

    def _room(self, shape: tuple[int, ...]) -> Bytes:
        whole = (self.n, *shape[2:], *shape[:2])
        if np.prod(whole, dtype=np.float64) > MOST_BYTES:
            mend = message("write size = 32, or another number of pixels a side")
            raise too_large(self.where.rstrip(":"), int(np.prod(whole, dtype=np.float64)), mend)
        return np.empty(whole, np.uint8)

    def finished(self) -> Stack:
        """Return the whole, or raise DataError with all that is wrong."""
        mixed = [_mixed(self.sizes, self.where)] if len(self.sizes) > 1 else []
        gather([*mixed, *self.faults])
        if self.array is None:
            mend = message("put images there")
            raise DataError.of(message("there is no image"), where=self.where, mend=mend)
        if self.array.ndim == 4 and self.grey:
            self.changes[REPEATED] = self.grey
        notes = (
            message(
                "{what}: {count:,} of {total:,} images, the first is {first}",
                what=change,
                count=len(places),
                total=self.n,
                first=places[0],
            )
            for change, places in self.changes.items()
        )
        return Stack(self.array, tuple(notes))


def _decoded(content: Path | bytes, size: int, channels: str) -> tuple[Bytes, list[Message]]:
    """Return one image as bytes, (height, width) or (height, width, 3), and what was changed."""
    length = stamp(content)[1] if isinstance(content, Path) else len(content)
    if not length:
        mend = message("put the image there again, or take the file out")
        raise DataError.of(message("there is not a byte in it"), mend=mend)
    changes: list[Message] = []
    source = content if isinstance(content, Path) else BytesIO(content)
    with Image.open(source, formats=FORMATS) as opened:
        width, height = opened.size
        if width * height > MOST_PIXELS:
            raise _bomb(width, height)
        # A camera puts a preview behind the picture (MPO); that is no second frame.
        if getattr(opened, "is_animated", False) and opened.format != "MPO":
            changes.append(FIRST_FRAME)
        deep = any(";16" in str(tile) for tile in opened.tile)
        image = _upright(opened, changes)
        if image.mode in SIXTEEN or (image.mode == "I" and opened.format == "PPM"):
            image = _eight_bits(image, changes)
        if deep and EIGHT_BITS not in changes:
            changes.append(EIGHT_BITS)
        is_grey = channels == "grey" or (channels == "auto" and image.mode in GREY)
        image = _opaque(image, changes).convert("L" if is_grey else "RGB")
        if size and image.size != (size, size):
            changes.append(RESIZED)
            image = image.resize((size, size), Image.Resampling.BILINEAR)
        return np.asarray(image), changes


def _upright(image: Image.Image, changes: list[Message]) -> Image.Image:
    if image.getexif().get(ExifTags.Base.Orientation, 1) in range(2, 9):
        changes.append(UPRIGHT)
        return ImageOps.exif_transpose(image)
    return image


def _eight_bits(image: Image.Image, changes: list[Message]) -> Image.Image:
    """Return a grey image of 16 bits with the higher 8; one rule for all keeps them comparable."""
    changes.append(EIGHT_BITS)
    return Image.fromarray((np.asarray(image) >> 8).astype(np.uint8))


def _opaque(image: Image.Image, changes: list[Message]) -> Image.Image:
    """Return the image in colours that can become RGB or grey, nothing of it transparent."""
    if image.mode in ("F", "I"):
        raise DataError.of(
            message("its values have 32 bits, and an image of bytes holds 8"),
            mend=message("save the values as an array, in an npz file"),
        )
    if image.mode == "P":
        changes.append(PALETTE)
    if image.mode in CONVERTED:
        changes.append(OTHER_COLOURS)
    if not image.has_transparency_data:
        return image
    layer = image.convert("RGBA")
    if layer.getchannel("A").getextrema() == (255, 255):
        return layer.convert("RGB")
    changes.append(ON_WHITE)
    ground = Image.new("RGBA", layer.size, "white")
    ground.alpha_composite(layer)
    return ground.convert("RGB")


@contextmanager
def _bombs_refused() -> Iterator[None]:
    with warnings.catch_warnings():
        # Of damaged EXIF data, which many photographs have, pillow only warns.
        warnings.simplefilter("ignore", UserWarning)
        warnings.simplefilter("error", Image.DecompressionBombWarning)
        yield


def _bomb(width: int, height: int) -> DataError:
    return DataError.of(
        message(
            "it announces {width:,} × {height:,} pixels; {most:,} in all are allowed",
            width=width,
            height=height,
            most=MOST_PIXELS,
        ),
        mend=message("save it smaller, or take it out"),
    )


def _faults(where: str, error: Exception) -> list[Fault]:
    if isinstance(error, HikakuError):
        return [Fault(fault.what, where, fault.why, fault.mend) for fault in error.faults]
    what = message("cannot be read as an image")
    if isinstance(error, (Image.DecompressionBombWarning, Image.DecompressionBombError)):
        what = message("it announces more pixels than are allowed")
    reason = message("{reason}", reason=shown(str(error))[:200] or type(error).__name__)
    return [Fault(what, where, reason, message("mend the file or take it out"))]


def _mixed(sizes: dict[tuple[int, ...], str], where: str) -> Fault:
    (one, first), (other, second), *_ = sizes.items()
    side = min(224, *(min(shape) for shape in sizes))
    return Fault(
        message("the images are of {count:,} sizes", count=len(sizes)),
        where,
        message(
            "{first} is {one}, {second} is {other}",
            first=first,
            one=f"{one[1]} × {one[0]}",
            second=second,
            other=f"{other[1]} × {other[0]}",
        ),
        message("write size = {side}: all are resized to so many pixels a side", side=side),
    )
