"""Experiment A's arms are what its tutorial did, by PyTorch's own measure."""

from __future__ import annotations

import pytest
import torch

from hikaku.models.noise import Dropout
from hikaku.models.zoo import small_cnn
from hikaku.study.decode import load
from hikaku.study.gallery import resolve
from hikaku.study.study import Study
from hikaku.training.program import Program, build
from hikaku.training.sample import Sample
from hikaku.training.size import Size
from hikaku.training.state import TrainState

SHAPE = (3, 32, 32)
Arms = dict[str, tuple[Program, TrainState]]


@pytest.fixture(scope="module")
def study() -> Study:
    return load(resolve("cifar10-techniques"))


@pytest.fixture(scope="module")
def arms(study: Study) -> Arms:
    draws = torch.Generator().manual_seed(0)
    x = torch.rand(2, *SHAPE, generator=draws)
    sample = Sample(SHAPE, 10, (4000,) * 10, x)
    size = Size(steps=50 * 40, steps_per_epoch=40)
    return {arm.name: build(arm.work, sample, size, 0, study.folder) for arm in study.arms}


def test_the_data_are_divided_as_in_the_tutorial(study: Study) -> None:
    data = study.base.data
    assert (data.use.name, data.train, data.validation, data.test) == (
        "cifar10", "all", 10_000, "official",
    )  # fmt: skip  # one line of settings
    assert {arm.work.data for arm in study.arms} == {data}


def test_the_base_is_the_tutorials_network_with_pytorchs_own_start(study: Study) -> None:
    recipe = study.base.recipe
    assert (recipe.epochs, recipe.batch_size, recipe.init) == (50, 1024, None)
    assert dict(recipe.optimizer.settings) == {
        "lr": 1e-3, "beta1": 0.9, "beta2": 0.999, "eps": 1e-8,
    }  # fmt: skip  # one line of settings
    model = small_cnn(SHAPE, 10)
    assert sum(value.numel() for value in model.parameters()) == 356_810


def test_dropout_acts_on_the_flattened_features_alone(arms: Arms) -> None:
    program, _ = arms["dropout"]
    layers = [
        (path, module) for path, module in program.train_model.named_modules()
        if isinstance(module, Dropout)
    ]  # fmt: skip  # a filter
    assert [(path, module.features) for path, module in layers] == [("hikaku.fc1:dropout", (2048,))]
    assert float(layers[0][1].p) == 0.5


def test_batch_norm_follows_each_convolution_alone(arms: Arms) -> None:
    _, state = arms["batch-norm"]
    added = sorted(name for name in state.params if "batch-norm" in name)
    assert [name for name in added if name.endswith("weight")] == [
        f"hikaku.conv/{n}/0:batch-norm.weight" for n in range(3)
    ]


def test_l2_adds_to_every_gradient_what_adams_weight_decay_adds(study: Study, arms: Arms) -> None:
    program, state = arms["l2"]
    (penalty,) = program.slots.penalty
    params = {name: value.clone().requires_grad_() for name, value in state.params.items()}
    term = penalty.penalty(params, {}, program.facts)
    grads = torch.autograd.grad(term, list(params.values()))
    assert any(value.dim() == 1 for value in params.values())
    for grad, value in zip(grads, params.values(), strict=True):
        assert torch.allclose(grad, 1e-3 * value)


def test_early_stopping_waits_three_epochs_and_keeps_the_last_weights(study: Study) -> None:
    (stopping,) = [
        arm.work.recipe.stopping for arm in study.variants if arm.name == "early-stopping"
    ]
    assert stopping is not None
    settings = dict(stopping.settings)
    assert (settings["monitor"], settings["patience"]) == ("validation loss", 3)
    assert (settings["min_delta"], settings["restore"]) == (0.0, False)


def test_the_published_figures_of_base_are_those_of_the_last_epoch(study: Study) -> None:
    found = {
        (figure.reading, figure.split, figure.metric): figure.values for figure in study.published
    }
    assert found == {
        ("last", "validation", "accuracy"): (0.705,),
        ("last", "validation", "loss"): (0.924,),
        ("last", "test", "accuracy"): (0.702,),
        ("last", "test", "loss"): (0.919,),
    }
