from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import pytest
import torch
from stage import identical
from torch import Tensor, nn
from torch.func import (
    functional_call,
    vmap,  # noqa: TID251  # a test lifts the layer to prove that it can be
)
from torch.nn import functional as F

from hikaku.models import noise
from hikaku.models.sites import Site, Sites
from hikaku.models.watch import probe
from hikaku.techniques import parts
from hikaku.techniques.batch_norm import BatchNorm
from hikaku.techniques.dropout import Dropout
from hikaku.techniques.elu import ELU
from hikaku.techniques.gelu import GELU
from hikaku.techniques.hardswish import Hardswish
from hikaku.techniques.leaky_relu import LeakyReLU
from hikaku.techniques.mish import Mish
from hikaku.techniques.relu import ReLU
from hikaku.techniques.selu import SELU
from hikaku.techniques.sigmoid import Sigmoid
from hikaku.techniques.silu import SiLU
from hikaku.techniques.tanh import Tanh


@dataclass
class Notes:
    """Stands in for surgery: writes down which edits are asked for."""

    asked: list[tuple[Site, str, nn.Module, str, str]] = field(default_factory=list)

    def insert(self, site: Site, where: str, layer: nn.Module, phase: str, label: str) -> None:
        self.asked.append((site, where, layer, phase, label))

    def swap(self, site: Site, layer: nn.Module, label: str) -> None:
        self.asked.append((site, "instead", layer, "swap", label))

    @property
    def places(self) -> list[tuple[str, str]]:
        return [(site.path, where) for site, where, *_ in self.asked]

    @property
    def layers(self) -> list[Any]:
        return [layer for _, _, layer, *_ in self.asked]


class Net(nn.Module):
    """Written as tutorials do, with functional activations; one of them hyperbolic."""

    def __init__(self) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(3, 4, 3, padding=1)
        self.conv2 = nn.Conv2d(4, 6, 3, padding=1)
        self.fc1 = nn.Linear(6 * 4, 8)
        self.act = nn.Tanh()
        self.fc2 = nn.Linear(8, 5)

    def forward(self, x: Tensor) -> Tensor:
        x = F.max_pool2d(F.relu(self.conv1(x)), 2)
        x = F.max_pool2d(self.conv2(x).relu(), 2).flatten(1)
        return self.fc2(self.act(self.fc1(x)))


def sites() -> Sites:
    return probe(Net(), torch.zeros(2, 3, 8, 8))


def edits(technique: Any) -> Notes:
    notes = Notes()
    technique.edit(notes, sites())
    return notes


def test_dropout_stands_before_every_dense_layer_the_head_included() -> None:
    notes = edits(Dropout(0.3))
    assert notes.places == [("fc1", "input"), ("fc2", "input")]
    assert [layer.features for layer in notes.layers] == [(24,), (8,)]
    assert {(phase, label) for *_, phase, label in notes.asked} == {("noise", "dropout")}


def test_dropout_leaves_the_data_alone_in_a_network_of_dense_layers() -> None:
    notes, found = (
        Notes(),
        probe(nn.Sequential(nn.Linear(3, 4), nn.ReLU(), nn.Linear(4, 2)), torch.zeros(2, 3)),
    )
    Dropout().edit(notes, found)
    assert notes.places == [("2", "input")]


def test_dropout_after_a_dense_layer_stands_behind_its_activation_and_spares_the_answer() -> None:
    notes = edits(Dropout(place="after"))
    assert notes.places == [("act", "output")]
    assert notes.layers[0].features == (8,)


def test_dropout_goes_where_it_is_told_and_knows_the_shape_there() -> None:
    before = edits(Dropout(at=("conv*",)))
    assert before.places == [("conv1", "input"), ("conv2", "input")]
    assert [layer.features for layer in before.layers] == [(3, 8, 8), (4, 4, 4)]
    after = edits(Dropout(at=("conv2", "fc2"), place="after"))
    assert [(site.kind, where) for site, where, *_ in after.asked] == [
        ("activation", "output"),
        ("weight", "output"),
    ]
    assert [layer.features for layer in after.layers] == [(6, 4, 4), (5,)]


def test_a_lifted_probability_is_held_as_a_buffer() -> None:
    layer = edits(Dropout(torch.tensor(0.3, dtype=torch.float64))).layers[0]
    assert isinstance(layer, noise.Dropout)
    assert identical(layer.p, torch.tensor(0.3, dtype=torch.float64))


def test_batch_norm_stands_before_the_activation_of_every_weight_but_the_head() -> None:
    notes = edits(BatchNorm())
    assert notes.places == [("conv1", "output"), ("conv2", "output"), ("fc1", "output")]
    assert [len(layer.running_mean) for layer in notes.layers] == [4, 6, 8]
    assert {(phase, label) for *_, phase, label in notes.asked} == {("normalisation", "batch-norm")}


def test_batch_norm_can_stand_after_the_activation() -> None:
    notes = edits(BatchNorm(place="after", at=("conv1", "fc*")))
    assert [(site.kind, site.outputs) for site, *_ in notes.asked] == [
        ("activation", (4, 8, 8)),
        ("activation", (8,)),
        ("weight", (5,)),
    ]
    assert [len(layer.running_mean) for layer in notes.layers] == [4, 8, 5]


def test_behind_a_dense_layer_over_a_sequence_the_last_dimension_is_normalised() -> None:
    notes = Notes()
    model = nn.Sequential(nn.Linear(3, 4), nn.ReLU(), nn.Flatten(), nn.Linear(28, 2))
    BatchNorm().edit(notes, probe(model, torch.zeros(2, 7, 3)))
    (norm,) = notes.layers
    assert norm(torch.zeros(2, 7, 4)).shape == (2, 7, 4)
    assert len(norm.running_mean) == 4


def batches(shape: tuple[int, ...]) -> list[Tensor]:
    generator = torch.Generator().manual_seed(0)
    return [3 * torch.randn(6, *shape, generator=generator) + 1 for _ in range(3)]


@pytest.mark.parametrize(
    ("shape", "oracle"),
    [
        ((4,), nn.BatchNorm1d),
        ((4, 9), nn.BatchNorm1d),
        ((4, 5, 3), nn.BatchNorm2d),
        ((4, 2, 3, 2), nn.BatchNorm3d),
    ],
)
@pytest.mark.parametrize("affine", [True, False])
def test_batch_norm_is_that_of_torch_in_training_and_evaluation(
    shape: tuple[int, ...], oracle: Any, affine: bool
) -> None:
    ours = parts.BatchNorm(4, 1e-3, 0.2, start=1.0, affine=affine, last=False)
    theirs = oracle(4, eps=1e-3, momentum=0.2, affine=affine)
    for x in batches(shape):
        assert torch.equal(ours(x), theirs(x))
    assert torch.equal(ours.running_mean, theirs.running_mean)
    assert torch.equal(ours.running_var, theirs.running_var)
    x = batches(shape)[0]
    assert torch.equal(ours.eval()(x), theirs.eval()(x))


def test_behind_a_dense_layer_the_features_are_normalised_whatever_stands_between() -> None:
    ours = parts.BatchNorm(4, 1e-5, 0.1, start=1.0, affine=True, last=True)
    x = batches((7, 4))[0]
    expected = nn.BatchNorm1d(4)(x.reshape(-1, 4)).reshape(x.shape)
    torch.testing.assert_close(ours(x), expected)


def test_the_running_figures_may_start_at_zero_and_take_what_share_they_are_told() -> None:
    (norm, *_) = edits(BatchNorm(eps=1e-6, momentum=0.25, running_start="zero")).layers
    assert not norm.running_var.any()
    x = batches((4, 8, 8))[0]
    norm(x)
    torch.testing.assert_close(norm.running_mean, 0.25 * x.mean((0, 2, 3)))
    torch.testing.assert_close(norm.running_var, 0.25 * x.var((0, 2, 3)))


def test_the_state_of_a_batch_norm_is_two_float_buffers() -> None:
    norm = edits(BatchNorm()).layers[0]
    assert {name: value.dtype for name, value in norm.named_buffers()} == {
        "running_mean": torch.float32,
        "running_var": torch.float32,
    }
    assert set(norm.state_dict()) == {"weight", "bias", "running_mean", "running_var"}
    assert not list(edits(BatchNorm(affine=False)).layers[0].parameters())


def test_a_stack_of_batch_norms_normalises_each_batch_by_itself() -> None:
    norm = parts.BatchNorm(4, 1e-5, 0.1, start=1.0, affine=True, last=False)
    stack = torch.stack(batches((4, 5, 3)))
    buffers = {name: value.repeat(3, 1) for name, value in norm.named_buffers()}
    outputs = vmap(lambda held, x: functional_call(norm, held, (x,)))(buffers, stack)
    for place, x in enumerate(stack):
        alone = {name: value.clone() for name, value in norm.named_buffers()}
        torch.testing.assert_close(outputs[place], functional_call(norm, alone, (x,)))
        for name, value in alone.items():
            torch.testing.assert_close(buffers[name][place], value)


@pytest.mark.parametrize(
    ("technique", "oracle"),
    [
        (ReLU(), lambda x: x.clamp(min=0)),
        (Sigmoid(), lambda x: 1 / (1 + (-x).exp())),
        (Tanh(), lambda x: (x.exp() - (-x).exp()) / (x.exp() + (-x).exp())),
        (LeakyReLU(0.2), lambda x: torch.where(x > 0, x, 0.2 * x)),
        (GELU(), lambda x: x * (1 + torch.erf(x / 2**0.5)) / 2),
        (
            GELU("tanh"),
            lambda x: x / 2 * (1 + torch.tanh((2 / torch.pi) ** 0.5 * (x + 0.044715 * x**3))),
        ),
        (ELU(0.7), lambda x: torch.where(x > 0, x, 0.7 * (x.exp() - 1))),
        (
            SELU(),
            lambda x: (
                1.0507009873554805 * torch.where(x > 0, x, 1.6732632423543772 * (x.exp() - 1))
            ),
        ),
        (SiLU(), lambda x: x / (1 + (-x).exp())),
        (Mish(), lambda x: x * torch.tanh((1 + x.exp()).log())),
        (Hardswish(), lambda x: x * ((x + 3).clamp(0, 6) / 6)),
    ],
    ids=lambda one: type(one).__name__,
)
def test_every_activation_is_swapped_by_a_layer_of_its_own(technique: Any, oracle: Any) -> None:
    notes = edits(technique)
    assert [site.op for site, *_ in notes.asked] == ["relu", "relu", "tanh"]
    assert {where for _, where, *_ in notes.asked} == {"instead"}
    assert len({id(layer) for layer in notes.layers}) == 3
    x = torch.linspace(-4, 4, 41, dtype=torch.float64)
    for layer in notes.layers:
        torch.testing.assert_close(layer(x), oracle(x))


@pytest.mark.parametrize("technique", [ReLU, Sigmoid, Tanh, LeakyReLU, GELU, Mish])
def test_an_activation_is_named_by_itself_or_by_the_weight_before_it(technique: Any) -> None:
    assert [site.index for site, *_ in edits(technique(at=("fc1",))).asked] == [
        site.index for site, *_ in edits(technique(at=("act",))).asked
    ]
    assert not edits(technique(at=("nowhere",))).asked
