"""Experiment C's arms are what its article did."""

from __future__ import annotations

import torch

from hikaku.models.noise import Dropout
from hikaku.study.decode import load
from hikaku.study.gallery import resolve
from hikaku.training.program import build
from hikaku.training.sample import Sample
from hikaku.training.size import Size

SHAPE = (3, 32, 32)


def test_dropout_stands_before_each_dense_layer_and_nowhere_else() -> None:
    study = load(resolve("lenet-dropout"))
    draws = torch.Generator().manual_seed(0)
    sample = Sample(SHAPE, 10, (4000,) * 10, torch.rand(2, *SHAPE, generator=draws))
    (variant,) = study.variants
    size = Size(steps=400, steps_per_epoch=400)
    program, _ = build(variant.work, sample, size, 0, study.folder)
    found = [
        (path, module.features, float(module.p))
        for path, module in program.train_model.named_modules()
        if isinstance(module, Dropout)
    ]
    assert found == [
        (f"hikaku.fc{n}:dropout", (features,), 0.5) for n, features in ((1, 400), (2, 120), (3, 84))
    ]


def test_the_base_is_trained_by_adam_with_pytorchs_own_start_for_100_epochs() -> None:
    recipe = load(resolve("lenet-dropout")).base.recipe
    assert (recipe.epochs, recipe.init, recipe.optimizer.name) == (100, None, "adam")
