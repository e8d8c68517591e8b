"""Changes of images against Pillow's, which the papers used; and the augmentations made of them."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image, ImageEnhance, ImageOps
from stage import moment
from torch import Tensor
from torch.nn import functional as F

from hikaku.techniques import images
from hikaku.techniques.augmix import AugMix
from hikaku.techniques.colour_jitter import ColourJitter
from hikaku.techniques.crop import Crop
from hikaku.techniques.progressive_resizing import ProgressiveResizing
from hikaku.techniques.randaugment import RandAugment
from hikaku.techniques.trivial_augment import TrivialAugment

RANGES = images.Ranges(shear=0.3, shift=0.25, degrees=30, factor=0.9, bits=4)


def pictures(count: int = 3, channels: int = 3, height: int = 10, width: int = 12) -> Tensor:
    """Return smooth pictures whose pixels are whole bytes, from 0.1 to 0.9."""
    noise = torch.rand(count, channels, 4, 4, generator=torch.Generator().manual_seed(1))
    smooth = F.interpolate(noise, (height, width), mode="bilinear")
    return ((0.1 + 0.8 * smooth) * 255).round() / 255


def by_pillow(x: Tensor, change: Callable[[Image.Image], Image.Image]) -> Tensor:
    bytes_ = (x * 255).round().to(torch.uint8).permute(0, 2, 3, 1).numpy()
    changed = np.stack([np.asarray(change(Image.fromarray(one))) for one in bytes_])
    return torch.from_numpy(changed).permute(0, 3, 1, 2).float() / 255


def every(x: Tensor, value: float) -> Tensor:
    return torch.full((len(x),), value)


@pytest.mark.parametrize("factor", [0.3, 1.0, 1.7])
@pytest.mark.parametrize(
    ("name", "theirs"),
    [
        ("brightness", ImageEnhance.Brightness),
        ("colour", ImageEnhance.Color),
        ("contrast", ImageEnhance.Contrast),
        ("sharpness", ImageEnhance.Sharpness),
    ],
)
def test_blends_are_pillows_but_for_its_rounding(name: str, theirs: Any, factor: float) -> None:
    x = pictures()
    found = images.BLENDS[name](x, every(x, factor))
    wanted = by_pillow(x, lambda image: theirs(image).enhance(factor))
    torch.testing.assert_close(found, wanted, rtol=0, atol=2.1 / 255)


@pytest.mark.parametrize(
    ("ours", "theirs", "rounding"),
    [
        (lambda x: images.posterized(x, every(x, 3.2)), lambda i: ImageOps.posterize(i, 5), 1e-6),
        (
            lambda x: images.solarized(x, every(x, 100 / 255)),
            lambda i: ImageOps.solarize(i, 100),
            1e-6,
        ),
        (images.stretched, ImageOps.autocontrast, 1.01 / 255),
        (images.equalized, ImageOps.equalize, 1e-6),
    ],
)
@pytest.mark.parametrize("side", [10, 40])
def test_plain_changes_are_pillows(ours: Any, theirs: Any, rounding: float, side: int) -> None:
    x = pictures(height=side, width=side)
    torch.testing.assert_close(ours(x), by_pillow(x, theirs), rtol=0, atol=rounding)


@pytest.mark.parametrize("name", images.GEOMETRIC)
def test_what_moves_pixels_is_pillows_affine_map_inside_of_the_image(name: str) -> None:
    x, height, width = pictures(height=20, width=24), 20, 24
    place = (images.GEOMETRIC.index(name) + 0.75) / len(images.GEOMETRIC)
    found = images.among(x, images.GEOMETRIC, every(x, place), every(x, 0.6), RANGES)
    shear, shift, turn = 0.6 * 0.3, 0.6 * 0.25, math.radians(0.6 * 30)
    linear = {
        "shear-x": (1, shear, 0, 1),
        "shear-y": (1, 0, shear, 1),
        "rotate": (math.cos(turn), -math.sin(turn), math.sin(turn), math.cos(turn)),
    }.get(name, (1, 0, 0, 1))
    a, b, c, d = linear
    move = {"shift-x": (shift * width, 0), "shift-y": (0, shift * height)}.get(name, (0, 0))
    middle = (width / 2, height / 2)
    data = (
        *(a, b, middle[0] - a * middle[0] - b * middle[1] + move[0]),
        *(c, d, middle[1] - c * middle[0] - d * middle[1] + move[1]),
    )
    size = (width, height)
    wanted = by_pillow(
        x, lambda i: i.transform(size, Image.Transform.AFFINE, data, Image.Resampling.BILINEAR)
    )
    # At the edge of what is known Pillow cuts off, and ours fades.
    whole = images.among(
        torch.ones_like(x), images.GEOMETRIC, every(x, place), every(x, 0.6), RANGES
    )
    inside = (whole > 0.999) & (wanted > 0)
    assert 0.4 < float(inside.float().mean()) < 1
    torch.testing.assert_close(found[inside], wanted[inside], rtol=0, atol=1.5 / 255)


def test_every_sample_gets_the_change_that_it_drew() -> None:
    x = pictures(len(images.OPERATIONS), height=20, width=24)
    chosen = (torch.arange(len(x)) + 0.25) / len(x)
    found = images.among(x, images.OPERATIONS, chosen, every(x, 0.5), RANGES)
    assert torch.equal(found[0], x[0])
    for number, name in enumerate(images.OPERATIONS):
        one = images.among(x, (name,), every(x, 0.25), every(x, 0.5), RANGES)
        torch.testing.assert_close(found[number], one[number])
        assert name == "identity" or not torch.equal(found[number], x[number])


AUGMENTS = [
    RandAugment(),
    TrivialAugment(),
    AugMix(),
    ColourJitter(),
    Crop(),
    ProgressiveResizing(),
]


@pytest.mark.parametrize("augment", AUGMENTS, ids=lambda one: type(one).__name__)
def test_standardized_images_are_changed_as_the_images_are(augment: Any) -> None:
    x, y = pictures(6), torch.eye(3)[[0, 1, 2, 0, 1, 2]]
    mean, deviation = torch.tensor([0.5, 0.4, 0.3]), torch.tensor([0.2, 0.3, 0.1])
    mean, deviation = mean[:, None, None], deviation[:, None, None]
    # The whole range is there, so black and white are the same in both.
    x[0, :, 0, 0], x[0, :, 0, 1] = 0, 1
    found, same = augment.change(x, y, moment(step=20))
    other, _ = augment.change((x - mean) / deviation, y, moment(step=20))
    assert same is y and not torch.equal(found, x)
    assert isinstance(augment, Crop) or (found.min() >= -1e-5 and found.max() <= 1 + 1e-5)
    torch.testing.assert_close(other * deviation + mean, found, rtol=0, atol=2e-4)


@pytest.mark.parametrize("augment", [RandAugment(strength=0.0), ColourJitter(0.0, 0.0, 0.0)])
def test_without_strength_what_has_a_strength_changes_nothing(augment: Any) -> None:
    x = pictures(4)
    found, _ = augment.change(x, x, moment())
    weak = {"RandAugment": 0.999}.get(type(augment).__name__, 1e-5)  # four have no strength
    assert float((found - x).abs().max()) <= weak


def test_a_mixture_is_no_farther_from_the_image_than_its_chains_are() -> None:
    x = pictures(40)
    found, _ = AugMix(strength=0.0, width=1, depth=1).change(x, x, moment())
    assert 0 < float((found - x).abs().max()) < 1
    assert float((found - x).abs().mean()) < 0.2


@pytest.mark.parametrize(
    ("frame", "pad"), [("mirrored", "reflect"), ("repeated", "edge"), ("zeros", "constant")]
)
def test_a_crop_is_a_part_of_the_framed_image(frame: Any, pad: Any) -> None:
    x = pictures(8, height=6, width=7)
    found, _ = Crop(2, frame).change(x, x, moment())
    u = moment().draws.uniform("crop", (8, 2))
    places = (u * 5).floor().long().tolist()
    framed = np.pad(x.numpy(), ((0, 0), (0, 0), (2, 2), (2, 2)), mode=pad)
    assert len({tuple(place) for place in places}) > 3
    for number, (row, column) in enumerate(places):
        part = framed[number, :, row : row + 6, column : column + 7]
        np.testing.assert_array_equal(found[number].numpy(), part)


def test_images_grow_to_their_own_size_and_small_ones_are_really_small() -> None:
    x = pictures(2, height=10, width=20)
    sizes = [
        tuple(ProgressiveResizing(size="small").change(x, x, moment(step))[0].shape[2:])
        for step in (0, 40, 80, 99)
    ]
    assert sizes == [(5, 10), (8, 15), (10, 20), (10, 20)]
    kept, _ = ProgressiveResizing().change(x, x, moment(0))
    assert kept.shape == x.shape and not torch.equal(kept, x)
    assert ProgressiveResizing().change(x, x, moment(80))[0] is x
