"""A chain of dense layers is recognised where a model is one, and does what the model does."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch
from chains import START, found, mlp_trial, own_trial, words
from kinds import Kind
from own_models import job as own_job
from own_models import prepared_as_in_a_worker
from tiny import use
from torch import nn

from hikaku.execution.plain import prepared
from hikaku.study.recipe import Use
from hikaku.training import recognise
from hikaku.training.chain import (
    FORMULAS,
    Activation,
    Chain,
    Dense,
    Noise,
    Norm,
    interpret,
)
from hikaku.training.outside_random import generators
from hikaku.training.takes import takes

pytestmark = pytest.mark.usefixtures(prepared_as_in_a_worker.__name__)


@pytest.mark.parametrize(
    ("layers", "expected"),
    [
        ((), "dense relu dense relu dense"),
        ((use("batch-norm"),), "dense norm relu dense norm relu dense"),
        ((use("batch-norm", place="after"),), "dense relu norm dense relu norm dense"),
        ((use("batch-norm", affine=False),), "dense norm relu dense norm relu dense"),
        ((use("dropout"),), "dense relu noise dense relu noise dense"),
        ((use("dropout", place="after"),), "dense relu noise dense relu noise dense"),
        ((use("dropout", at=("1",)),), "noise dense relu dense relu dense"),
        ((use("relu"),), "dense relu dense relu dense"),
        ((use("sigmoid"),), "dense sigmoid dense sigmoid dense"),
        ((use("tanh"),), "dense tanh dense tanh dense"),
        ((use("leaky-relu", slope=0.3),), "dense leaky-relu dense leaky-relu dense"),
        ((use("gelu"),), "dense gelu dense gelu dense"),
        ((use("gelu", approximate="tanh"),), "dense gelu-tanh dense gelu-tanh dense"),
        (
            (use("dropout", place="after"), use("batch-norm"), use("gelu", at=("1",))),
            "dense norm gelu noise dense norm relu noise dense",
        ),
    ],
    ids=str,
)
def test_our_mlp_is_a_chain_under_every_technique_that_edits_layers(
    layers: tuple[Use, ...], expected: str
) -> None:
    chain = found(mlp_trial(*layers))
    assert words(chain) == expected
    assert isinstance(chain, Chain) and chain.widths == (64, 12, 9, 10)


def test_a_chain_names_weights_buffers_and_constants_as_the_program_does() -> None:
    trial = mlp_trial(use("batch-norm", momentum=0.2), use("dropout"), hidden=(12,))
    chain = found(trial)
    assert isinstance(chain, Chain)
    dense, norm, _, noise, head = chain.ops
    at = "hikaku.1:batch-norm"
    assert dense == Dense("1.weight", "1.bias", 64, 12)
    assert norm == Norm(
        *(f"{at}.running_mean", f"{at}.running_var", f"{at}.weight", f"{at}.bias"),
        *(1e-5, 0.2, None, 12),
    )
    assert isinstance(noise, Noise) and noise.p in trial.program.constants
    assert noise.path in trial.program.noise
    assert head == Dense("3.weight", "3.bias", 12, 10)


FUNCTIONAL = """
def __init__(self, inputs, classes):
    super().__init__()
    self.fc1, self.fc2 = nn.Linear(inputs[0], 8), nn.Linear(8, 8, bias=False)
    self.norm, self.drop, self.fc3 = nn.BatchNorm1d(8), nn.Dropout(0.3), nn.Linear(8, classes)

def forward(self, x):
    x = x.view(x.size(0), -1)
    x = F.relu(self.norm(self.fc1(x)))
    return self.fc3(self.drop(torch.tanh(self.fc2(x))))
"""


def test_a_model_in_functional_style_with_norm_and_dropout_of_its_own_is_a_chain(
    tmp_path: Path,
) -> None:
    chain = found(own_trial(tmp_path, FUNCTIONAL))
    assert words(chain) == "dense norm relu dense tanh noise dense"
    assert isinstance(chain, Chain)
    assert chain.ops[3] == Dense("fc2.weight", None, 8, 8)
    norm = chain.ops[1]
    assert isinstance(norm, Norm) and norm.counter == "norm.num_batches_tracked"


@pytest.mark.parametrize(
    ("arm", "expected"),
    [
        ("dropout", "dense norm relu noise dense tanh noise noise dense"),
        ("batch norm", "dense norm norm relu dense norm tanh noise dense"),
        ("activation swap", "dense norm gelu dense gelu noise dense"),
    ],
)
def test_edits_of_a_model_of_ones_own_are_in_its_chain(
    tmp_path: Path, arm: str, expected: str
) -> None:
    assert words(found(own_trial(tmp_path, FUNCTIONAL, arm=arm))) == expected


SEQUENTIAL = """
def Net(inputs, classes):
    return nn.Sequential(
        nn.Flatten(), nn.Linear(inputs[0], 8), nn.BatchNorm1d(8, affine=False), nn.{act},
        nn.Dropout(0.2), nn.Identity(), nn.Linear(8, classes),
    )
"""


@pytest.mark.parametrize("arm", ["base", "dropout", "batch norm"])
@pytest.mark.parametrize(
    ("act", "kind"),
    [
        ("ReLU(inplace=True)", "relu"),
        ("ELU(0.7)", "elu"),
        ("SELU()", "selu"),
        ("SiLU()", "silu"),
        ("Mish()", "mish"),
        ("GELU('tanh')", "gelu-tanh"),
        ("LeakyReLU(0.2)", "leaky-relu"),
    ],
)
def test_a_sequential_with_layers_of_torch_is_a_chain(
    tmp_path: Path, arm: str, act: str, kind: str
) -> None:
    asked = own_job(Kind("", SEQUENTIAL.format(act=act)), arm, tmp_path)
    chain = found(prepared(asked))
    assert kind in words(chain).split() and isinstance(chain, Chain)


def test_regression_is_a_chain_with_or_without_its_last_dimension(tmp_path: Path) -> None:
    body = """
def __init__(self, inputs):
    super().__init__()
    self.fc1, self.fc2 = nn.Linear(inputs[0], 8), nn.Linear(8, 1)

def forward(self, x):
    return self.fc2(self.fc1(x).sigmoid()).squeeze(1)
"""
    assert words(found(own_trial(tmp_path, body, "values"))) == "dense sigmoid dense"


def test_dropout_called_as_a_function_is_noise_of_ours(tmp_path: Path) -> None:
    forward = "return self.fc3(F.dropout(self.fc2(self.fc1(x)), 0.4, self.training))"
    chain = found(own_trial(tmp_path, START + f"\ndef forward(self, x):\n    {forward}"))
    assert words(chain) == "dense dense noise dense"


def test_looking_changes_neither_program_nor_state_nor_generators() -> None:
    trial = mlp_trial(use("batch-norm"), use("dropout"))
    x = trial.material.data[0]
    assert isinstance(x, torch.Tensor)
    before = {name: value.clone() for name, value in trial.state.weights.items()}
    data, moved = x.clone(), generators()
    hooks = [len(m._forward_hooks) for m in trial.program.train_model.modules()]
    assert found(trial) == found(trial)
    assert generators() == moved and torch.equal(x, data)
    assert hooks == [len(m._forward_hooks) for m in trial.program.train_model.modules()]
    assert all(torch.equal(before[n], value) for n, value in trial.state.weights.items())
    assert not any(value.requires_grad for value in trial.state.params.values())


@pytest.mark.parametrize("fault", ["slope", "momentum", "eps", "order", "noise"])
def test_a_wrong_chain_is_found_out_by_its_numbers(fault: str) -> None:
    layers = (use("batch-norm"), use("dropout"), use("leaky-relu"))
    trial = mlp_trial(*layers, hidden=(12, 12))
    chain = found(trial)
    assert isinstance(chain, Chain)
    dense, norm, act, noise, *rest = chain.ops
    assert isinstance(norm, Norm) and isinstance(act, Activation)
    wrong = {
        "slope": (dense, norm, replace(act, slope=0.0101), noise, *rest),
        "momentum": (dense, replace(norm, momentum=0.1001), act, noise, *rest),
        "eps": (dense, replace(norm, eps=1.1e-5), act, noise, *rest),
        "order": (dense, act, norm, noise, *rest),
        "noise": (dense, noise, norm, act, *rest),
    }[fault]
    x = trial.material.data[0]
    assert isinstance(x, torch.Tensor)
    recognise.prove(chain, trial.program, trial.state, x[:8], ())
    with pytest.raises(recognise.NotOne, match="numbers"):
        recognise.prove(replace(chain, ops=wrong), trial.program, trial.state, x[:8], ())


TORCHS = {
    "relu": nn.ReLU(),
    "leaky-relu": nn.LeakyReLU(0.2),
    "sigmoid": nn.Sigmoid(),
    "tanh": nn.Tanh(),
    "gelu": nn.GELU(),
    "gelu-tanh": nn.GELU("tanh"),
    "elu": nn.ELU(0.2),
    "selu": nn.SELU(),
    "silu": nn.SiLU(),
    "mish": nn.Mish(),
    "hardswish": nn.Hardswish(),
}


@pytest.mark.parametrize("kind", FORMULAS)
def test_each_formula_is_torchs_with_its_gradient_also_far_out_and_for_nan(kind: str) -> None:
    far = torch.tensor([0.0, -0.0, 800.0, -800.0], dtype=torch.float64)
    x = torch.cat([torch.linspace(-9, 9, 97, dtype=torch.float64), far])
    ours, theirs = (x.clone().requires_grad_() for _ in range(2))
    mine, torchs = FORMULAS[kind](ours, 0.2), TORCHS[kind](theirs)
    assert torch.allclose(mine, torchs, rtol=1e-13, atol=1e-15)
    mine.sum().backward()
    torchs.sum().backward()
    assert torch.allclose(ours.grad, theirs.grad, rtol=1e-12, atol=1e-14)
    assert FORMULAS[kind](torch.tensor([float("nan")]), 0.2).isnan().all()


def test_the_interpreter_leaves_out_noise_and_batch_figures_in_evaluation() -> None:
    chain = Chain(
        3,
        (
            Dense("w", None, 3, 2),
            Norm("m", "v", None, None, 0.0, 0.5, "n", 2),
            Noise("d", "p"),
            Dense("h", "b", 2, 1),
        ),
    )
    params = {
        "w": torch.tensor([[1.0, 0, 0], [0, 1, 0]]),
        "h": torch.ones(1, 2),
        "b": torch.ones(1),
    }
    buffers = {"m": torch.zeros(2), "v": torch.full((2,), 4.0), "n": torch.tensor(7)}
    constants, noise = {"p": torch.tensor(0.5)}, {"d.noise": torch.tensor([[0.9, 0.1]] * 2)}
    x = torch.tensor([[[2.0], [6.0], [0.0]], [[4.0], [2.0], [0.0]]])
    logits, same = interpret(chain, params, buffers, constants, noise, x, False)
    assert logits.tolist() == [[5.0], [4.0]]  # (2 + 6) / √4 + 1, (4 + 2) / √4 + 1
    assert all(torch.equal(same[name], value) for name, value in buffers.items())
    logits, moved = interpret(chain, params, buffers, constants, noise, x, True)
    assert logits.tolist() == [[-1.0], [3.0]]  # the first unit is ∓1, kept and doubled
    assert moved["m"].tolist() == [1.5, 2.0] and moved["n"] == 8
    assert moved["v"].tolist() == [3.0, 6.0]  # half of 4, half of the unbiased 2 and 8


def test_what_acts_on_the_gradient_or_the_update_alone_is_taken(tmp_path: Path) -> None:
    recipe = {
        "optimizer": use("adam"),
        "penalty": (use("l2"),),
        "clip": (use("clip-norm"),),
        "project": (use("decoupled-decay"),),
        "schedule": use("warmup-cosine"),
        "stopping": use("early-stopping"),
        "loss": use("label-smoothing"),
    }
    slots = mlp_trial(**recipe).program.slots
    assert takes(slots) is None

    class Reads:
        reads_activations = True

    filled: dict[str, Any] = {
        "gradient": object(),
        "augment": (object(),),
        "averaging": object(),
        "penalty": (*slots.penalty, Reads()),
    }
    for name, value in filled.items():
        assert takes(replace(slots, **{name: value})) is not None, name
