"""Every network of the catalogue trains in a stack as it does alone."""

from __future__ import annotations

import pytest
from stacks import alone, assert_alike, double, start, together

from hikaku.study.catalogue import models
from hikaku.study.recipe import Use

NETWORKS: dict[str, Use] = {
    name: models()[name].use(settings)
    for name, settings in {
        "alexnet-small": {"channels": (2, 4, 4, 4, 4), "dense": 6},
        "book-convnet": {"channels": 3, "dense": 6},
        "resnet18-cifar": {"width": 2},
        "resnet9": {"width": 2},
        "transformer": {"width": 8, "depth": 1, "heads": 2},
        "two-conv": {"channels": 2, "dense": 6},
    }.items()
}


@pytest.mark.parametrize("model", NETWORKS.values(), ids=NETWORKS)
def test_two_seeds_in_a_stack_learn_what_each_learns_alone(model: Use) -> None:
    def trials() -> list:
        return [double(start(seed, model, steps=6)) for seed in (0, 1)]

    for lane, (one, other) in enumerate(zip(map(alone, trials()), together(trials()), strict=True)):
        assert one.step == 6, lane
        assert_alike(one, other)
