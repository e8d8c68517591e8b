"""What becomes of each kind of image; the pixels expected are worked out here, by hand."""

import zlib
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
from data_files import coloured, encoded, grey, pixels, png_of, put
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from hikaku.data.readers.pixels import MOST_PIXELS, Picture, stack
from hikaku.errors import DataError


def stacked(*contents: bytes | Path, size: int = 0, channels: str = "auto"):
    pictures = [Picture(f"image {number}", content) for number, content in enumerate(contents)]
    return stack(pictures, size, channels, "images:")


def only(content: bytes, channels: str = "auto") -> tuple[np.ndarray, str]:
    """Return the one image and what the notes say."""
    found = stacked(content, channels=channels)
    return found.images[0], "\n".join(map(str, found.notes))


def of_mode(mode: str, seed: int = 0) -> Image.Image:
    return coloured(seed).convert(mode)


def test_colour_comes_with_its_channels_first_and_grey_without_any() -> None:
    values = pixels(0, 4, 6, 3)
    found, notes = only(encoded(Image.fromarray(values)))
    assert np.array_equal(found, values.transpose(2, 0, 1))
    found, other = only(encoded(Image.fromarray(values[:, :, 0])))
    assert np.array_equal(found, values[:, :, 0])
    assert found.dtype == np.uint8
    assert notes == other == ""


@pytest.mark.parametrize("format", ["PNG", "BMP", "PPM", "TIFF", "WEBP"])
def test_lossless_formats_give_their_very_pixels(format: str) -> None:
    values = pixels(1, 5, 4, 3)
    how = {"lossless": True} if format == "WEBP" else {}
    found, notes = only(encoded(Image.fromarray(values), format, **how))
    assert np.array_equal(found, values.transpose(2, 0, 1))
    assert not notes


def test_files_and_bytes_are_read_alike(tmp_path: Path) -> None:
    content = encoded(coloured(3), "JPEG")
    path = put(tmp_path / "a.jpg", content)
    assert np.array_equal(stacked(path).images, stacked(content).images)


@pytest.mark.fault("D11")
def test_cmyk_becomes_rgb_with_a_note() -> None:
    image = Image.new("CMYK", (2, 2), (255, 0, 0, 0))
    found, notes = only(encoded(image, "TIFF"))
    assert found[:, 0, 0].tolist() == [0, 255, 255]
    assert "CMYK" in notes
    assert "1 of 1 images, the first is image 0" in notes


@pytest.mark.fault("D11")
def test_a_palette_becomes_rgb_with_a_note() -> None:
    image = Image.new("P", (3, 2), 1)
    image.putpalette([0, 0, 0, 10, 20, 30])
    found, notes = only(encoded(image))
    assert found[:, 0, 0].tolist() == [10, 20, 30]
    assert "palette" in notes


@pytest.mark.fault("D11")
def test_one_bit_is_black_and_white() -> None:
    found, notes = only(encoded(Image.fromarray(np.array([[True, False]]))))
    assert found.tolist() == [[255, 0]]
    assert not notes


@pytest.mark.fault("D11")
@pytest.mark.parametrize("format", ["PNG", "TIFF", "PPM"])
def test_sixteen_bits_keep_their_higher_eight_with_a_note(format: str) -> None:
    values = np.array([[0, 255, 256], [1000, 65535, 40000]], np.uint16)
    found, notes = only(encoded(Image.fromarray(values), format))
    assert found.tolist() == [[0, 0, 1], [3, 255, 156]]
    assert "16 bits" in notes


def sixteen_bit_colour() -> bytes:
    """Return a PNG of one pixel of 3 × 16 bits, which pillow reads but does not write."""
    plain = png_of(1, 1)
    header = plain[:8] + plain[8:24] + b"\x10\x02\0\0\0"
    header += zlib.crc32(header[12:29]).to_bytes(4, "big")
    data = zlib.compress(b"\0" + bytes([1, 99, 2, 99, 3, 99]))
    chunk = b"IDAT" + data
    body = len(data).to_bytes(4, "big") + chunk + zlib.crc32(chunk).to_bytes(4, "big")
    return header + body + plain[-12:]


def test_sixteen_bits_of_colour_are_noted_too() -> None:
    found, notes = only(sixteen_bit_colour())
    assert found[:, 0, 0].tolist() == [1, 2, 3]
    assert "16 bits" in notes


def test_values_of_32_bits_are_refused() -> None:
    for values in (np.array([[0.5, 0.25]], np.float32), np.array([[1, 70000]], np.int32)):
        with pytest.raises(DataError, match="32 bits"):
            stacked(encoded(Image.fromarray(values), "TIFF"))


@pytest.mark.fault("D11")
@pytest.mark.parametrize("mode", ["RGBA", "LA"])
def test_transparent_parts_are_laid_on_white_with_a_note(mode: str) -> None:
    image = Image.new("RGBA", (2, 1), (0, 0, 0, 255))
    image.putpixel((1, 0), (0, 0, 0, 0))
    found, notes = only(encoded(image.convert(mode)))
    assert found.ndim == (3 if mode == "RGBA" else 2)
    assert found.reshape(-1, 1, 2)[0].tolist() == [[0, 255]]
    assert "white" in notes


def test_a_transparent_colour_of_a_palette_is_laid_on_white() -> None:
    image = Image.new("P", (2, 1), 0)
    image.putpalette([0, 0, 0, 200, 0, 0])
    image.putpixel((1, 0), 1)
    found, notes = only(encoded(image, transparency=1))
    assert found[:, 0].T.tolist() == [[0, 0, 0], [255, 255, 255]]
    assert "white" in notes


def test_an_alpha_channel_that_hides_nothing_needs_no_note() -> None:
    values = pixels(2, 3, 3, 3)
    found, notes = only(encoded(Image.fromarray(values).convert("RGBA")))
    assert np.array_equal(found, values.transpose(2, 0, 1))
    assert not notes


@pytest.mark.fault("D11")
def test_a_photograph_is_turned_upright_as_its_exif_data_say() -> None:
    values = pixels(4, 2, 3)
    exif = Image.Exif()
    exif[0x0112] = 6  # to be turned a quarter clockwise
    found, notes = only(encoded(Image.fromarray(values), exif=exif))
    assert np.array_equal(found, np.rot90(values, -1))
    assert "upright" in notes


def test_damaged_exif_data_do_no_harm() -> None:
    plain = encoded(coloured(5), "JPEG")
    found = stacked(encoded(coloured(5), "JPEG", exif=b"Exif\0\0" + b"II*\0" + b"\xff" * 40))
    assert np.array_equal(found.images, stacked(plain).images)
    assert not found.notes


@pytest.mark.fault("D11")
@pytest.mark.parametrize("format", ["GIF", "TIFF", "WEBP"])
def test_of_several_frames_the_first_is_taken_with_a_note(format: str) -> None:
    frames = [Image.new("L", (3, 3), value) for value in (40, 90)]
    how = {"lossless": True} if format == "WEBP" else {}
    content = encoded(frames[0], format, save_all=True, append_images=frames[1:], **how)
    found, notes = only(content)
    assert (found == 40).all()
    assert "first of several frames" in notes


@pytest.mark.fault("D11")
def test_grey_among_colour_is_repeated_with_a_note_whichever_comes_first() -> None:
    one, two = grey(1), coloured(2)
    for images in ((one, one, two), (two, one, one)):
        found = stacked(*map(encoded, images))
        assert found.images.shape == (3, 3, 4, 4)
        for number, image in enumerate(images):
            wanted = np.asarray(image.convert("RGB")).transpose(2, 0, 1)
            assert np.array_equal(found.images[number], wanted)
        assert "grey was repeated over the three channels of colour: 2 of 3" in str(found.notes[0])


def test_channels_can_be_asked_for() -> None:
    contents = [encoded(grey(1)), encoded(coloured(2))]
    assert stacked(*contents[:1], channels="rgb").images.shape == (1, 3, 4, 4)
    found = stacked(*contents, channels="grey").images
    assert found.shape == (2, 4, 4)
    assert np.array_equal(found[1], np.asarray(coloured(2).convert("L")))


def test_images_of_several_sizes_are_resized_where_a_size_is_asked_for() -> None:
    found = stacked(encoded(coloured(1, 4)), encoded(coloured(2, 6)), size=4)
    assert found.images.shape == (2, 3, 4, 4)
    assert np.array_equal(found.images[0], np.asarray(coloured(1, 4)).transpose(2, 0, 1))
    assert "resized" in str(found.notes[0])
    assert "1 of 2" in str(found.notes[0])


def test_images_of_several_sizes_are_refused_with_two_examples_and_a_size() -> None:
    with pytest.raises(DataError) as caught:
        stacked(encoded(grey(1, 4)), encoded(grey(2, 4)), encoded(Image.new("L", (7, 5))))
    text = str(caught.value)
    assert "image 0 is 4 × 4, image 2 is 7 × 5" in text
    assert "size = 4" in text


def test_all_bad_images_are_named_and_beyond_ten_counted() -> None:
    with pytest.raises(DataError) as caught:
        stacked(*[b"no image"] * 12, encoded(grey(0)), b"")
    faults = caught.value.faults
    assert [fault.where for fault in faults[:10]] == [f"image {number}:" for number in range(10)]
    assert "and 3 more" in str(faults[10].what)
    assert len(faults) == 11


@pytest.mark.parametrize(
    ("width", "height"), [(8001, 8000), (30_000, 5_000), (60_000, 60_000), (2**31 - 1, 1)]
)
def test_a_decompression_bomb_is_refused_before_its_pixels_are_decoded(
    width: int, height: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    def decode(image: Image.Image) -> None:
        pytest.fail("pixels were decoded")

    monkeypatch.setattr("PIL.PngImagePlugin.PngImageFile.load", decode)
    assert width * height > MOST_PIXELS
    with pytest.raises(DataError, match="pixels"):
        stacked(png_of(width, height))


def test_images_that_do_not_fit_into_memory_are_refused_at_the_first_one() -> None:
    content = encoded(Image.new("L", (4000, 4000)))
    with pytest.raises(DataError, match="GiB") as caught:
        stacked(*[content] * 600)
    assert "size = 32" in str(caught.value)
    assert len(caught.value.faults) == 1


@pytest.mark.parametrize("format", ["EPS", "ICO", "PCX", "SGI", "TGA", "DDS"])
def test_formats_that_are_not_allowed_are_refused_even_where_pillow_reads_them(
    format: str,
) -> None:
    content = encoded(coloured(1, 16), format)
    assert Image.open(BytesIO(content)).format == format
    with pytest.raises(DataError, match="cannot be read as an image"):
        stacked(content)


@pytest.mark.parametrize("format", ["PNG", "JPEG", "BMP", "TIFF", "WEBP"])
def test_a_cut_image_is_refused(format: str) -> None:
    content = encoded(coloured(6, 16), format)
    for cut in (1, 10, len(content) // 2, len(content) * 9 // 10):
        with pytest.raises(DataError, match="image 0:"):
            stacked(content[:cut])


@settings(deadline=None, max_examples=60)
@given(
    format=st.sampled_from(["PNG", "JPEG", "GIF", "BMP", "TIFF", "WEBP"]),
    place=st.integers(0, 10_000),
    flip=st.integers(1, 255),
)
def test_a_flipped_byte_gives_an_image_or_a_data_error(format: str, place: int, flip: int) -> None:
    content = bytearray(encoded(coloured(7, 6), format))
    content[place % len(content)] ^= flip
    try:
        assert stacked(bytes(content)).images.dtype == np.uint8
    except DataError as error:
        assert "image" in str(error)


def test_progress_tells_how_many_of_how_many() -> None:
    told = []
    pictures = [Picture(str(number), encoded(grey(number))) for number in range(700)]
    stack(pictures, 0, "auto", "pets:", lambda *news: told.append(news))
    assert told == [("pets", 512, 700), ("pets", 700, 700)]
