"""Experiment D's arms are what its article did, by the book's conventions."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from hikaku.models.zoo import mlp
from hikaku.study.decode import load
from hikaku.study.gallery import resolve
from hikaku.study.recipe import Recipe
from hikaku.study.study import Study, trained
from hikaku.training.program import build
from hikaku.training.sample import Sample
from hikaku.training.size import size
from hikaku.training.updates import is_due


@pytest.fixture(scope="module")
def study() -> Study:
    return load(resolve("batch-norm-scale"))


def recipes(study: Study) -> dict[str, Recipe]:
    return {arm.name: trained(arm.work).recipe for arm in study.arms}


def spread(recipe: Recipe) -> float:
    """Return the scale of the first weights, as the study writes it."""
    assert recipe.init is not None and recipe.init.name == "normal"
    return float(str(dict(recipe.init.settings)["std"]))


def test_sixteen_scales_with_and_without_batch_norm_are_32_arms(study: Study) -> None:
    found = [(spread(recipe), bool(recipe.layers)) for recipe in recipes(study).values()]
    assert len(found) == 32 and found[0][1] is False
    for normed in (False, True):
        scales = sorted((scale for scale, has in found if has is normed), reverse=True)
        np.testing.assert_allclose(scales, np.logspace(0, -4, 16), rtol=1e-5)


def test_a_name_tells_scale_and_batch_norm(study: Study) -> None:
    for name, recipe in recipes(study).items():
        if name == "base":
            continue
        scale = float(name.removeprefix("std=").removesuffix(", batch-norm"))
        assert scale == pytest.approx(spread(recipe), rel=0.05)
        assert name.endswith(", batch-norm") == bool(recipe.layers)


def test_batch_norm_is_compared_with_none_at_its_own_scale(study: Study) -> None:
    found = recipes(study)
    assert len(study.compared) == 16
    for arm in study.compared:
        other = found[arm.against]
        assert trained(arm.work).recipe.layers and not other.layers
        assert spread(trained(arm.work).recipe) == spread(other)


def test_the_batch_norm_is_the_books(study: Study) -> None:
    settings = {
        tuple(sorted(dict(use.settings).items()))
        for recipe in recipes(study).values()
        for use in recipe.layers
    }
    assert [dict(found) for found in settings] == [
        {
            "affine": True, "at": (), "eps": 1e-6, "momentum": 0.1, "place": "before",
            "running_start": "zero",
        }
    ]  # fmt: skip  # one line of settings


def test_the_data_are_the_first_thousand_images(study: Study) -> None:
    data = study.base.data
    assert (data.use.name, data.take, data.train, data.validation) == ("mnist", "first", 1000, 0)
    assert {arm.work.data for arm in study.arms} == {data}


def test_it_is_evaluated_after_update_1_11_and_so_on_to_191(study: Study) -> None:
    recipe = study.base.recipe
    assert (recipe.steps, recipe.batch_size, recipe.order) == (191, 100, "with-replacement")
    facts = build(study.base, sample(), size(recipe, 1000), 0, study.folder)[0].facts
    due = [update for update in range(1, 192) if is_due(recipe, update, facts)]
    assert due == list(range(1, 192, 10))


def test_weights_start_at_their_scale_and_biases_at_zero(study: Study) -> None:
    arm = next(arm for arm in study.arms if arm.name == "std=0.014, batch-norm")
    _, state = build(arm.work, sample(), size(arm.work.recipe, 1000), 0, study.folder)
    weights = {name: value for name, value in state.params.items() if value.dim() == 2}
    assert [tuple(value.shape) for value in weights.values()] == [
        (100, 784), *[(100, 100)] * 4, (10, 100)
    ]  # fmt: skip  # a list of shapes
    assert sum(value.numel() for value in mlp((784,), 10, (100,) * 5).parameters()) == 119_910
    first = weights[next(iter(weights))]
    assert float(first.std()) == pytest.approx(0.0135936, rel=0.02)
    biases = [value for name, value in state.params.items() if name.endswith("bias")]
    assert all(bool((value == 0).all()) for value in biases)
    running = [value for name, value in state.buffers.items() if "running_var" in name]
    assert len(running) == 5 and all(bool((value == 0).all()) for value in running)


def sample() -> Sample:
    draws = torch.Generator().manual_seed(0)
    return Sample((1, 28, 28), 10, (100,) * 10, torch.rand(2, 1, 28, 28, generator=draws))
