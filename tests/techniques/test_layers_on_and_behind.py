"""Layers on weights, behind blocks and by noise, held against other libraries' own."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from test_edits import Notes, edits, sites
from torch import Tensor, nn
from torch.func import functional_call
from torch.nn import functional as F

from hikaku.models import noise
from hikaku.models.sites import Site, Sites
from hikaku.models.surgery import Surgery
from hikaku.models.watch import probe
from hikaku.reference.noise import DropConnect as ReferenceDropConnect
from hikaku.techniques.alpha_dropout import AlphaDropout
from hikaku.techniques.drop_block import DropBlock
from hikaku.techniques.dropconnect import DropConnect
from hikaku.techniques.ghost_batch_norm import GhostBatchNorm
from hikaku.techniques.prelu import PReLU
from hikaku.techniques.stochastic_depth import StochasticDepth
from hikaku.techniques.weight_standardisation import WeightStandardisation


def numbers(*shape: int, seed: int = 0) -> Tensor:
    return torch.randn(shape, generator=torch.Generator().manual_seed(seed))


def uniform(*shape: int, seed: int = 0) -> Tensor:
    return torch.rand(shape, generator=torch.Generator().manual_seed(seed))


def noisy(layer: nn.Module, noise: Tensor, *given: Tensor) -> Tensor:
    found: Tensor = functional_call(layer, {"noise": noise}, given)
    return found


class Drawn:
    """Hands the reference library the numbers that ours was given."""

    def __init__(self, u: Any) -> None:
        self.u = u

    def random(self, size: tuple[int, ...]) -> Any:
        assert self.u.shape == size
        return self.u


def test_every_activation_gets_a_prelu_and_a_slope_of_its_own() -> None:
    notes = edits(PReLU(start=0.08))
    assert len(notes.layers) == 3
    assert len({id(layer.weight) for layer in notes.layers}) == 3
    x = numbers(4, 5)
    assert torch.equal(notes.layers[0](x), F.prelu(x, torch.tensor([0.08])))


def test_dropconnect_is_that_of_the_reference_library() -> None:
    notes = edits(DropConnect(0.3))
    assert notes.places == [("fc1", "weight"), ("fc2", "weight")]
    x, weight, u = numbers(6, 7).double(), numbers(5, 7, seed=1).double(), uniform(5, 7)
    bias = numbers(5, seed=2).double()
    found = F.linear(x, noisy(notes.layers[0], u, weight), bias)
    twin = ReferenceDropConnect(weight.T.numpy(), bias.numpy(), 0.3, Drawn(u.T.numpy()))
    assert np.allclose(found.numpy(), twin.forward(x.numpy()), atol=1e-12)


def test_alpha_dropout_is_torchs() -> None:
    notes, x = edits(AlphaDropout(0.4)), numbers(200, 24)
    assert notes.places == [("fc1", "input"), ("fc2", "input")]
    wanted = F.alpha_dropout(x, 0.4, training=True)
    lowest = wanted.flatten().mode().values
    u = torch.where((wanted - lowest).abs() < 1e-6, 0.0, 0.9)
    torch.testing.assert_close(noisy(notes.layers[0], u, x), wanted)


@pytest.mark.parametrize(("p", "block", "side"), [(0.1, 3, 8), (0.3, 2, 5), (0.2, 4, 4)])
def test_drop_block_zeroes_the_squares_around_chosen_places(
    p: float, block: int, side: int
) -> None:
    x, layer = numbers(3, 4, side, side), noise.DropBlock(p, block, (4, side, side))
    u = uniform(*layer.wanted(tuple(x.shape)))
    chance = p / block**2 * side**2 / (side - block + 1) ** 2
    kept = np.ones(x.shape)
    for sample, channel, row, column in np.argwhere(u.numpy() < chance):
        kept[sample, channel, row : row + block, column : column + block] = 0
    scale = kept[0].size / kept.sum((1, 2, 3), keepdims=True)
    assert 0 < kept.mean() < 1
    np.testing.assert_allclose(noisy(layer, u, x), x.numpy() * kept * scale, rtol=1e-5)


def test_about_the_asked_share_of_a_large_map_is_dropped() -> None:
    layer = noise.DropBlock(0.1, 7, (4, 64, 64))
    u = uniform(*layer.wanted((8, 4, 64, 64)))
    dropped = noisy(layer, u, torch.ones(8, 4, 64, 64)) == 0
    assert 0.07 < float(dropped.double().mean()) < 0.11


def test_drop_block_stands_behind_the_activation_of_every_convolution() -> None:
    found = [(site.kind, where) for site, where, *_ in edits(DropBlock()).asked]
    assert found == [("activation", "output")] * 2


def test_drop_block_finds_no_place_behind_a_convolution_of_sequences() -> None:
    site = Site(0, "conv", "weight", 0, "conv", (3, 9), (4, 9))
    notes = Notes()
    DropBlock().edit(notes, Sites((site,)))
    assert not notes.asked


def test_a_standardised_weight_is_one_that_a_batch_norm_of_its_units_would_make() -> None:
    notes = edits(WeightStandardisation())
    assert notes.places == [("conv1", "weight"), ("conv2", "weight")]
    weight = numbers(5, 3, 2, 2)
    wanted = F.batch_norm(weight.reshape(1, 5, -1), None, None, training=True, eps=1e-10)
    torch.testing.assert_close(notes.layers[0](weight), wanted.reshape(weight.shape))


@pytest.mark.parametrize(("samples", "parts"), [(8, (4, 4)), (11, (6, 5)), (3, (3,))])
def test_ghosts_are_batch_norms_of_parts_of_the_batch(samples: int, parts: tuple[int]) -> None:
    ours = edits(GhostBatchNorm(size=4, at=("conv1",))).layers[0]
    theirs, x = nn.BatchNorm2d(4), numbers(samples, 4, 3, 3)
    wanted = torch.cat([theirs(part) for part in x.split(parts)])
    torch.testing.assert_close(ours(x), wanted)
    for one, other in zip(ours.buffers(), theirs.buffers(), strict=False):
        torch.testing.assert_close(one, other)
    torch.testing.assert_close(ours.eval()(x), theirs.eval()(x))


class Residual(nn.Module):
    def __init__(self, width: int) -> None:
        super().__init__()
        self.inner = nn.Linear(width, width)

    def forward(self, x: Tensor) -> Tensor:
        return x + self.inner(x)


def residual() -> nn.Sequential:
    plain = nn.Sequential(nn.Linear(5, 5), nn.ReLU())
    return nn.Sequential(nn.Linear(3, 5), Residual(5), plain, Residual(5), nn.Linear(5, 2))


def test_blocks_are_modules_that_add_to_their_input_and_run_once() -> None:
    model = residual()
    assert [block.path for block in probe(model, torch.ones(2, 3)).blocks] == ["1", "3"]
    twice = nn.Sequential(model[0], model[1], model[1], model[4])
    assert probe(twice, torch.ones(2, 3)).blocks == ()


def test_later_blocks_are_skipped_more_and_what_is_kept_of_them_is_grown() -> None:
    model, x = residual(), numbers(40, 3)
    surgery = Surgery(model, probe(model, x))
    StochasticDepth(0.6).edit(surgery, surgery._sites)
    edited = surgery.finish(record_activations=False).train()
    u = [uniform(40, 1, seed=seed) for seed in (1, 2)]
    names = [f"hikaku.{path}:stochastic-depth.noise" for path in "13"]
    found = functional_call(edited, dict(zip(names, u, strict=True)), (x,))
    h = model[0](x)
    h = h + (u[0] >= 0.3) / 0.7 * model[1].inner(h)
    h = model[2](h)
    h = h + (u[1] >= 0.6) / 0.4 * model[3].inner(h)
    torch.testing.assert_close(found, model[4](h))
    assert torch.equal(edited.eval()(x), model.eval()(x))


def test_without_residual_blocks_stochastic_depth_finds_no_place() -> None:
    notes = Notes()
    StochasticDepth().edit(notes, sites())
    assert not notes.asked
