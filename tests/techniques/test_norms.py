"""Norms and noise of samples are those of torch, at the sites that they should have."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from test_edits import Notes, batches, edits
from torch import nn

from hikaku.models.sites import Site, Sites
from hikaku.techniques.gaussian_noise import GaussianNoise
from hikaku.techniques.group_norm import GroupNorm
from hikaku.techniques.instance_norm import InstanceNorm
from hikaku.techniques.layer_norm import LayerNorm
from hikaku.techniques.local_response_norm import LocalResponseNorm
from hikaku.techniques.rms_norm import RMSNorm
from hikaku.techniques.spatial_dropout import SpatialDropout

CONVS = [("conv1", "output"), ("conv2", "output")]
ALL = [*CONVS, ("fc1", "output")]


@pytest.mark.parametrize(
    ("technique", "places", "first", "last"),
    [
        (GroupNorm(2), ALL, nn.GroupNorm(2, 4), nn.GroupNorm(2, 8)),
        (LayerNorm(), ALL, nn.LayerNorm((4, 8, 8)), nn.LayerNorm(8)),
        (RMSNorm(), ALL, nn.RMSNorm((4, 8, 8), 1e-6), nn.RMSNorm(8, 1e-6)),
        (InstanceNorm(), CONVS, nn.InstanceNorm2d(4, affine=True), None),
    ],
    ids=lambda one: type(one).__name__,
)
def test_a_norm_of_samples_is_that_of_torch(
    technique: Any, places: list[tuple[str, str]], first: nn.Module, last: nn.Module | None
) -> None:
    notes = edits(technique)
    assert notes.places == places
    x = batches((4, 8, 8))[0]
    torch.testing.assert_close(notes.layers[0](x), first(x))
    if last is not None:
        flat = batches((8,))[0]
        torch.testing.assert_close(notes.layers[2](flat), last(flat))


def test_layer_norm_of_channels_is_torch_s_over_the_last_dimension_of_channels_last() -> None:
    layer = edits(LayerNorm(over="channels")).layers[0]
    x = batches((4, 8, 8))[0]
    wanted = nn.LayerNorm(4)(x.permute(0, 2, 3, 1)).permute(0, 3, 1, 2)
    torch.testing.assert_close(layer(x), wanted)
    assert layer.weight.shape == (4,)


@pytest.mark.parametrize("technique", [LayerNorm(), RMSNorm()])
def test_no_learnt_number_of_a_norm_is_in_a_row(technique: Any) -> None:
    """Techniques that act on each unit's row of weights would take it for one."""
    layers = edits(technique).layers
    assert {value.dim() for layer in layers for value in layer.parameters()} == {1}


def test_behind_a_dense_layer_of_tokens_the_features_are_grouped() -> None:
    site = Site(0, "fc", "weight", 0, "linear", (5, 6), (5, 8))
    notes = Notes()
    GroupNorm(4).edit(notes, Sites((site,)))
    x = batches((5, 8))[0]
    found = notes.layers[0](x)
    torch.testing.assert_close(found, nn.GroupNorm(4, 8)(x.movedim(-1, 1)).movedim(1, -1))


def test_groups_are_as_many_as_divide_the_channels() -> None:
    """Four, six and eight channels, of at most five groups."""
    assert [layer.groups for layer in edits(GroupNorm(5)).layers] == [4, 3, 4]


def test_local_response_norm_is_alexnet_s_formula() -> None:
    notes = edits(LocalResponseNorm(size=3, alpha=0.1, beta=0.75, k=2.0))
    assert [(site.kind, where) for site, where, *_ in notes.asked] == [("activation", "output")] * 2
    x = batches((4, 8, 8))[0]
    near = [x[:, max(0, c - 1) : c + 2].square().sum(1) for c in range(4)]
    torch.testing.assert_close(notes.layers[0](x), x / (2 + 0.1 * torch.stack(near, 1)) ** 0.75)


def test_spatial_dropout_takes_whole_channels() -> None:
    notes = edits(SpatialDropout(0.5))
    assert [layer.features for layer in notes.layers] == [(4, 1, 1), (6, 1, 1)]
    layer = notes.layers[0].train()
    layer.noise = torch.tensor([0.1, 0.6, 0.5, 0.4]).reshape(1, 4, 1, 1).expand(6, 4, 1, 1)
    x = batches((4, 8, 8))[0]
    kept = torch.tensor([0.0, 2.0, 2.0, 0.0]).reshape(1, 4, 1, 1)
    torch.testing.assert_close(layer(x), x * kept)


def test_gaussian_noise_stands_before_the_first_weight_or_where_it_is_told() -> None:
    notes = edits(GaussianNoise(0.5))
    assert notes.places == [("conv1", "input")]
    assert edits(GaussianNoise(at=("fc*",))).places == [("fc1", "input"), ("fc2", "input")]
    layer, x = notes.layers[0].train(), torch.zeros(6, 3, 8, 8)
    layer.noise = torch.randn(6, 3, 8, 8, generator=torch.Generator().manual_seed(0))
    torch.testing.assert_close(layer(x), 0.5 * layer.noise)
    assert torch.equal(layer.eval()(x), x)
