"""A model's layers, costs and sites are told as they are, whatever kind of model it is."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from hikaku.errors import StudyError
from hikaku.models.calling import Calling
from hikaku.models.zoo import mlp, resnet9, small_cnn
from hikaku.portrait import Act, Layer, Portrait
from hikaku.study.catalogue import techniques
from hikaku.techniques import registry
from hikaku.techniques.slots import Layers
from hikaku.training.portrait import portrait
from hikaku.words import message

NAMES = ("batch-norm", "dropout", "relu", "tanh")


def acting(*names: str) -> dict[str, Layers]:
    return {name: registry.build(techniques()[name].use()) for name in names}


def drawn(model: nn.Module, x: Tensor, *names: str) -> Portrait:
    return portrait(model, x, Calling(outputs=3), acting(*(names or NAMES)))


def layers(found: Portrait) -> dict[str, Layer]:
    return {layer.path: layer for layer in found.layers}


class Shared(nn.Module):
    """A layer that runs twice, one that never does, a frozen one, tied ones, functional calls."""

    def __init__(self) -> None:
        super().__init__()
        self.twice = nn.Linear(6, 6)
        self.never = nn.Linear(2, 2)
        self.frozen = nn.Linear(6, 6, bias=False)
        self.frozen.weight.requires_grad = False
        self.tied = nn.Linear(6, 6, bias=False)
        self.tied.weight = self.twice.weight
        self.head = nn.Linear(6, 3)
        self.free = nn.Parameter(torch.ones(6, 6))

    def forward(self, x: Tensor) -> Tensor:
        x = F.relu(self.twice(F.relu(self.twice(x))))
        x = F.dropout(self.tied(self.frozen(x)) @ self.free, 0.3, self.training)
        return self.head(x)


def test_dense_layers_cost_two_operations_per_weight_and_sample() -> None:
    found = layers(drawn(mlp((1, 4, 4), 3, hidden=(5,)), torch.ones(2, 1, 4, 4)))
    assert {path: (layer.flops, layer.parameters) for path, layer in found.items()} == {
        "0": (0, 0),
        "1": (2 * 16 * 5, 16 * 5 + 5),
        "2": (0, 0),
        "3": (2 * 5 * 3, 5 * 3 + 3),
    }


def test_a_convolution_costs_its_kernel_at_every_pixel() -> None:
    found = drawn(small_cnn((2, 8, 8), 3, channels=(4,), dense=6), torch.ones(2, 2, 8, 8))
    first = found.layers[0]
    assert (first.path, first.type, first.outputs) == ("conv.0.0", "Conv2d", (4, 8, 8))
    assert first.flops == 2 * 9 * 2 * 4 * 64
    assert found.flops == first.flops + 2 * (64 * 6 + 6 * 3)


def test_the_number_of_samples_given_does_not_change_what_one_costs() -> None:
    model = small_cnn((2, 8, 8), 3, channels=(4,), dense=6)
    few, many = (drawn(model, torch.ones(n, 2, 8, 8)) for n in (2, 7))
    assert few == many


def test_what_is_shared_frozen_unused_or_its_own_is_counted_where_it_belongs() -> None:
    found = drawn(Shared(), torch.ones(2, 6))
    rows = layers(found)
    assert (rows["twice"].calls, rows["twice"].flops) == (2, 2 * 2 * 36)
    assert (rows["frozen"].parameters, rows["frozen"].trained) == (36, 0)
    assert (rows["tied"].parameters, rows["tied"].flops) == (0, 2 * 36)
    assert (rows["never"].calls, rows["never"].parameters) == (0, 6)
    assert (rows[""].parameters, rows[""].flops) == (36, 2 * 36)
    assert found.parameters == sum(value.numel() for value in Shared().parameters())
    assert found.parameters - found.trained == 36


def test_recurrent_layers_and_transformers_are_counted_too() -> None:
    steps, size = 5, 8
    x = torch.ones(2, steps, size)
    found = portrait(nn.LSTM(size, 16, batch_first=True), x, Calling(16), {})
    assert found.flops == 2 * steps * 4 * 16 * (size + 16)
    encoder = nn.TransformerEncoderLayer(size, 2, 32, batch_first=True)
    rows = layers(portrait(encoder, x, Calling(8), {}))
    assert rows["linear1"].flops == 2 * steps * size * 32
    assert rows["self_attn"].flops == 2 * steps * size * (3 * size + size) + 4 * steps**2 * size


def test_techniques_act_where_their_edits_would_go() -> None:
    found = drawn(small_cnn((2, 8, 8), 3, channels=(4,), dense=6), torch.ones(2, 2, 8, 8))
    acts = {
        place.path: {(act.technique, act.where) for act in place.acts} for place in found.places
    }
    swaps = {("relu", "instead"), ("tanh", "instead")}
    assert acts == {
        "conv.0.0": {("batch-norm", "output")},
        "conv.0.1": swaps,
        "fc1": {("batch-norm", "output"), ("dropout", "input")},
        "relu": swaps,
        "fc2": {("dropout", "input")},
    }
    assert [place.path for place in found.places if place.head] == ["fc2"]


def test_a_models_own_dropout_is_a_site_where_nothing_of_ours_acts() -> None:
    found = drawn(Shared(), torch.ones(2, 6))
    assert [place.acts for place in found.places if place.op == "dropout"] == [()]


def test_a_technique_that_refuses_the_model_acts_nowhere_in_it() -> None:
    class Refuses:
        def edit(self, model: object, sites: object) -> None:
            raise StudyError.of(message("not this one"))

    found = portrait(mlp((4,), 3), torch.ones(2, 4), Calling(3), {"refuses": Refuses()})
    assert not any(place.acts for place in found.places)


def test_looking_changes_neither_the_model_nor_the_batch() -> None:
    class Writes(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.norm = nn.BatchNorm1d(4)

        def forward(self, x: Tensor) -> Tensor:
            return self.norm(x.mul_(2))

    model, x = Writes().train(), torch.ones(3, 4)
    before = {name: value.clone() for name, value in model.state_dict().items()}
    drawn(model, x)
    assert model.training and torch.equal(x, torch.ones(3, 4))
    assert all(torch.equal(before[name], value) for name, value in model.state_dict().items())
    assert not model._forward_hooks and not model.norm._forward_hooks


@pytest.mark.parametrize("is_fast", [True, False])
def test_the_switch_for_fast_transformers_is_left_as_it_was(is_fast: bool) -> None:
    before = torch.backends.mha.get_fastpath_enabled()
    try:
        torch.backends.mha.set_fastpath_enabled(is_fast)
        drawn(mlp((4,), 3), torch.ones(2, 4))
        assert torch.backends.mha.get_fastpath_enabled() is is_fast
    finally:
        torch.backends.mha.set_fastpath_enabled(before)


def test_residual_blocks_are_places_too() -> None:
    found = drawn(resnet9((3, 8, 8), 3, 2), torch.rand(2, 3, 8, 8), "stochastic-depth", "relu")
    blocks = [place for place in found.places if place.op == "residual block"]
    assert [(place.path, place.outputs) for place in blocks] == [
        ("2", (4, 4, 4)),
        ("5", (16, 1, 1)),
    ]
    assert all(place.acts == (Act("stochastic-depth", "output"),) for place in blocks)
    sites = [place for place in found.places if place not in blocks]
    assert not any(act.technique == "stochastic-depth" for place in sites for act in place.acts)
