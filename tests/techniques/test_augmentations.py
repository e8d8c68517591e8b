"""Changes of batches do what their papers say, sample by sample."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import pytest
import scipy.stats
import torch
from stage import Numbers, copied, identical, moment
from torch import Tensor

from hikaku.draws import Draws
from hikaku.techniques import parts
from hikaku.techniques.cutmix import CutMix
from hikaku.techniques.cutout import Cutout
from hikaku.techniques.flip import Flip
from hikaku.techniques.mixup import MixUp
from hikaku.techniques.random_erasing import RandomErasing
from hikaku.techniques.shift import Shift
from hikaku.training.step_draws import StepDraws

ALL = [CutMix(), Cutout(4), Flip(), MixUp(), RandomErasing(1.0), Shift(2)]
N = 64


def batch() -> tuple[Tensor, Tensor]:
    """Images of which every pixel is its own number, from 1, and one-hot targets."""
    x = torch.arange(1.0, N * 3 * 12 * 10 + 1).reshape(N, 3, 12, 10)
    return x, torch.eye(N)


@dataclass(frozen=True)
class Drawn:
    """Draws that are all one number."""

    value: float

    def uniform(self, purpose: str, shape: tuple[int, ...]) -> Tensor:
        return torch.full(shape, self.value)

    def normal(self, purpose: str, shape: tuple[int, ...]) -> Tensor:
        return torch.zeros(shape)


@pytest.mark.parametrize("technique", ALL, ids=lambda one: type(one).__name__)
def test_shapes_stay_and_what_was_given_too(technique) -> None:
    given = batch()
    before = copied(given)
    x, y = technique.change(*given, moment())
    assert (x.shape, x.dtype, y.shape) == (given[0].shape, given[0].dtype, given[1].shape)
    assert identical(before, given)
    assert not torch.equal(x, given[0])
    again, _ = technique.change(*given, moment())
    assert torch.equal(x, again)
    other, _ = technique.change(*given, moment(draws=Numbers("another")))
    assert not torch.equal(x, other)


def test_about_the_asked_share_of_images_is_mirrored() -> None:
    x, y = batch()
    found, targets = Flip(0.5).change(x, y, moment())
    mirrored = (found == x.flip(-1)).all((1, 2, 3))
    assert ((found == x).all((1, 2, 3)) | mirrored).all()
    assert 16 < int(mirrored.sum()) < 48
    assert targets is y
    assert torch.equal(Flip(0.0).change(x, y, moment())[0], x)


def test_a_shifted_image_is_the_image_moved_and_zeros() -> None:
    x, y = batch()
    found, _ = Shift(2).change(x, y, moment())
    steps = set()
    for before, after in zip(x, found, strict=True):
        fits = [
            (down, right)
            for down in range(-2, 3)
            for right in range(-2, 3)
            if torch.equal(after, rolled(before, down, right))
        ]
        assert len(fits) == 1
        steps.add(fits[0])
    assert len(steps) > 15


def rolled(image: Tensor, down: int, right: int) -> Tensor:
    padded = torch.nn.functional.pad(image, (2, 2, 2, 2))
    return padded[:, 2 - down : 14 - down, 2 - right : 12 - right]


def test_cutout_hides_one_square_in_every_image() -> None:
    x, y = batch()
    found, _ = Cutout(4).change(x, y, moment())
    hidden = found == 0
    assert torch.equal(found[~hidden], x[~hidden])
    whole = Cutout(4).change(x, y, moment(draws=Drawn(0.5)))[0][0, 0] == 0
    assert torch.equal(whole.nonzero().aminmax(dim=0)[0], torch.tensor([4, 3]))
    assert torch.equal(whole.nonzero().aminmax(dim=0)[1], torch.tensor([7, 6]))
    assert (hidden.flatten(1).sum(1) <= 48).all() and hidden.flatten(1).any(1).all()


def test_erased_rectangles_have_the_sizes_of_the_paper() -> None:
    x, y = batch()
    found, _ = RandomErasing(1.0, 0.1, 0.3).change(x, y, moment())
    shares = (found != x)[:, 0].flatten(1).float().mean(1)
    assert float(shares.min()) > 0.05 and float(shares.max()) < 0.36
    untouched, _ = RandomErasing(0.0).change(x, y, moment())
    assert torch.equal(untouched, x)


def test_mixup_mixes_inputs_and_targets_alike() -> None:
    x, y = batch()
    found, targets = MixUp(1.0).change(x, y, moment())
    torch.testing.assert_close(found, torch.tensordot(targets, x, 1), rtol=1e-4, atol=1e-2)
    torch.testing.assert_close(targets.sum(1), torch.ones(N))


def test_cutmix_targets_are_the_shares_of_the_pixels() -> None:
    x, y = batch()
    found, targets = CutMix().change(x, y, moment())
    own = (found == x)[:, 0].flatten(1).float().mean(1)
    torch.testing.assert_close(targets.diagonal()[own < 1], own[own < 1])
    assert ((targets.sum(1) - 1).abs() < 1e-6).all()
    taken = targets.clone().fill_diagonal_(0).argmax(1)
    pixel = (found != x)[0, 0].nonzero()[0]
    assert torch.equal(found[0, :, pixel[0], pixel[1]], x[taken[0], :, pixel[0], pixel[1]])


@pytest.mark.parametrize("alpha", [0.5, 1.0, 3.0])
def test_shares_are_drawn_from_a_beta_distribution(alpha: float) -> None:
    # The real draws: those of a stand-in would be independent whatever their purposes are.
    draws = (StepDraws(Draws(5), number) for number in range(5000))
    found = np.array([float(parts.beta(one, "share", alpha)) for one in draws])
    assert found.var() == pytest.approx(1 / (4 * (2 * alpha + 1)), rel=0.04)
    assert scipy.stats.kstest(found, scipy.stats.beta(alpha, alpha).cdf)[1] > 0.01


@dataclass(frozen=True)
class Asked:
    """Draws that remember under which purposes either kind of number was asked for."""

    uniforms: set[str] = field(default_factory=set)
    normals: set[str] = field(default_factory=set)

    def uniform(self, purpose: str, shape: tuple[int, ...]) -> Tensor:
        self.uniforms.add(purpose)
        return Numbers().uniform(purpose, shape)

    def normal(self, purpose: str, shape: tuple[int, ...]) -> Tensor:
        self.normals.add(purpose)
        return Numbers().normal(purpose, shape)


@pytest.mark.parametrize("technique", ALL, ids=lambda one: type(one).__name__)
def test_numbers_of_two_kinds_have_purposes_of_their_own(technique) -> None:
    asked = Asked()
    technique.change(*batch(), moment(draws=asked))
    assert asked.uniforms and not asked.uniforms & asked.normals
