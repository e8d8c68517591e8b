"""Pictures of samples are real images: their pixels, labels and sizes come out in the file."""

from __future__ import annotations

import base64
import json
from io import BytesIO
from pathlib import Path
from typing import Any, Literal

import numpy as np
import pytest
from PIL import Image

from hikaku.errors import EnvironmentFault
from hikaku.present.charts import draw
from hikaku.present.functions import Functions
from hikaku.present.html import page
from hikaku.present.report import Chart, Report
from hikaku.present.samples import Mosaic, Traces
from hikaku.present.still import cautions, png

ROOM = np.random.default_rng(0)


def mosaic(*shape: int, labels: tuple[str, ...] = ()) -> Mosaic:
    images = ROOM.integers(0, 256, shape).astype(np.uint8)
    return Mosaic(images, labels or tuple(f"label {n}" for n in range(shape[0])))


def traces() -> Traces:
    return Traces(ROOM.normal(size=(7, 2, 30)), np.arange(30), tuple("abcdefg"))


def functions() -> Functions:
    at = np.linspace(-5, 5, 21)
    return Functions(("one", "two"), at, np.array([at, at**2]))


def rows_of(picture: Mosaic | Traces) -> list[dict[str, Any]]:
    (found,) = draw(picture, "en")["datasets"].values()
    return found


def tiles(picture: Mosaic) -> list[np.ndarray]:
    heads = [row["url"].partition(",")[2] for row in rows_of(picture)]
    return [np.asarray(Image.open(BytesIO(base64.b64decode(head)))) for head in heads]


def test_few_pixels_become_squares_of_one_colour() -> None:
    picture = mosaic(3, 8, 8)
    for image, tile in zip(picture.images, tiles(picture), strict=True):
        side = len(tile) // 8
        assert tile.shape == (8 * side, 8 * side) and side > 4
        assert (tile == np.kron(image, np.ones((side, side), np.uint8))).all()


@pytest.mark.parametrize("size", [(8, 4), (60, 90), (500, 20), (1, 1)])
def test_every_size_keeps_its_proportions_within_the_room(size: tuple[int, int]) -> None:
    spec = draw(mosaic(2, *size, 3), "en")
    image = spec["spec"]["layer"][0]["mark"]
    assert max(image["width"], image["height"]) <= 96
    if min(size) > 20:
        assert image["height"] / image["width"] == pytest.approx(size[0] / size[1], rel=0.02)


def test_labels_are_cut_and_cannot_act() -> None:
    picture = mosaic(2, 8, 8, labels=("x" * 50, "a\u202eb\nc"))
    assert [row["label"] for row in rows_of(picture)] == ["x" * 15 + "…", "a�b c"]


@pytest.mark.parametrize("picture", [mosaic(25, 8, 8), traces(), functions()])
def test_a_png_is_drawn_on_white_with_its_title(
    tmp_path: Path, picture: Mosaic | Traces | Functions
) -> None:
    chart = Chart(picture, title="A title", alt="")
    path = png(chart, tmp_path / "new" / "picture.png")
    image = np.asarray(Image.open(path).convert("L"))
    assert min(image.shape) > 300
    assert (image[:20] == 255).all() and (image[20:100, :400] < 128).any()
    without = png(Chart(picture, title="", alt=""), tmp_path / "bare.png")
    assert without.read_bytes() != path.read_bytes()


def test_a_label_is_drawn_in_whatever_script_it_is_written(tmp_path: Path) -> None:
    drawn = [
        png(Chart(mosaic_of(label), title="", alt=""), tmp_path / f"{n}.png").read_bytes()
        for n, label in enumerate(("", "frog", "猫", "автомобиль"))
    ]
    assert len(set(drawn)) == 4


@pytest.mark.parametrize("form", ["png", "svg"])
def test_letters_that_no_font_has_are_told_of_a_picture(form: Literal["png", "svg"]) -> None:
    known, strange = (Chart(mosaic_of(label), title="", alt="") for label in ("猫", "a\ue0ff"))
    assert not list(cautions(known, form))
    (told,) = cautions(strange, form)
    assert "\ue0ff (U+E0FF)" in str(told)
    assert ("boxes" in str(told)) == (form == "png")


def mosaic_of(label: str) -> Mosaic:
    return Mosaic(np.zeros((1, 8, 8), np.uint8), (label,))


def test_a_page_holds_the_images_and_may_show_them() -> None:
    text = page(Report((Chart(mosaic(25, 8, 8), title="t", alt="a"),)))
    assert text.count("<image ") == 25
    assert "img-src data:;" in text


def test_sequences_share_one_scale_and_keep_their_order() -> None:
    rows, spec = rows_of(traces()), draw(traces(), "en")
    assert len(rows) == 7 * 2 * 30
    assert [rows[n * 60]["label"] for n in range(7)] == list("abcdefg")
    assert "resolve" not in spec
    assert json.dumps(spec, allow_nan=False)


def test_a_file_that_cannot_be_written_is_said_in_words(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(EnvironmentFault, match="the picture cannot be written"):
        png(Chart(functions(), title="", alt=""), tmp_path / "file" / "a.png")
