"""The studies of the course report draw and measure what it drew and measured."""

from __future__ import annotations

import pytest

from hikaku.study.decode import load
from hikaku.study.gallery import resolve


@pytest.mark.parametrize("name", ["vanishing-gradients", "deep-gradients", "init-grid"])
def test_the_test_set_has_a_curve_with_a_point_every_10_updates(name: str) -> None:
    study = load(resolve(name))
    assert study.base.data.validation == "test"
    every = study.base.recipe.evaluate_every
    assert every is not None and (every.every, every.unit) == (10, "step")


def test_activation_and_first_weights_are_a_grid_without_and_with_batch_norm() -> None:
    study = load(resolve("init-grid"))
    assert study.design is not None and study.design.kind == "grid"
    cells = {
        (tuple(use.name for use in recipe.layers), recipe.init.name)
        for recipe in (arm.work.recipe for arm in study.arms)
        if recipe.init is not None
    }
    norms = [(), ("sigmoid",), ("batch-norm",), ("sigmoid", "batch-norm")]
    starts = ["normal", "xavier-normal", "he-normal"]
    assert cells == {(norm, start) for norm in norms for start in starts}


def test_batch_norm_s_fall_is_judged_by_the_validation_loss() -> None:
    study = load(resolve("normalisation-layers"))
    figures = {str(claim.figure) for claim in study.claims if "fastest" in claim.source}
    assert all("validation loss" in figure for figure in figures) and figures


def test_the_book_s_network_is_tested_on_its_thousand_images() -> None:
    data = load(resolve("book-convnet")).base.data
    assert (data.take, data.train, data.test) == ("first", 5000, 1000)


def test_batch_norm_meets_another_start_and_another_place() -> None:
    arms = {arm.name: arm for arm in load(resolve("mnist-mlp")).arms}
    after = dict(arms["batch-norm-after"].work.recipe.layers[0].settings)
    assert after["place"] == "after"
    assert arms["batch-norm-he"].against == "he-normal"
