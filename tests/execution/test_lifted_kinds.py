"""A stack takes every kind of model and data that the plain engine takes."""

from dataclasses import replace

import torch
from stacks import alone, assert_alike, double, start, together
from tiny import use
from torch import Tensor, nn

from hikaku.training import metrics
from hikaku.training.evaluate import Part, Reader
from hikaku.training.outside_random import outside_random
from hikaku.training.stack import Material, Start
from hikaku.training.state import TrainState


class Pair(nn.Module):
    """A model of two inputs."""

    def __init__(self) -> None:
        super().__init__()
        self.left, self.right = nn.Linear(64, 8), nn.Linear(3, 8)
        self.head = nn.Linear(8, 3)

    def forward(self, image: Tensor, facts: Tensor) -> Tensor:
        return self.head((self.left(image.flatten(1)) + self.right(facts)).relu())


def paired(seed: int) -> Start:
    one = start(seed)

    def both(part: Part) -> Part:
        return Part({"image": part.x, "facts": part.x[:, 0, 0, :3]}, part.y)

    material = one.material
    parts = [
        both(p) for p in (material.train, material.watched, material.validation, material.test)
    ]
    with outside_random(seed):
        model = Pair()
    params = {name: value.detach().clone() for name, value in model.named_parameters()}
    calling = replace(one.program.calling, by="name")
    return double(
        replace(
            one,
            program=replace(one.program, train_model=model, eval_model=model, calling=calling),
            state=TrainState(params, {}),
            material=Material(*parts, material.reader),
        )
    )


def test_a_stack_takes_models_of_several_inputs() -> None:
    starts = [paired(0), paired(1)]
    for one, trained in zip(starts, together(starts), strict=True):
        assert_alike(alone(one), trained)


def regression(seed: int) -> Start:
    one = start(seed, optimizer=use("sgd", lr=0.01), loss=use("mse"))

    def valued(part: Part) -> Part:
        return Part(part.x, torch.stack([part.y * k for k in (1.0, 0.5, -1.0)], dim=1).double())

    material = one.material
    parts = [
        valued(p) for p in (material.train, material.watched, material.validation, material.test)
    ]
    reader = Reader(0, metrics.REGRESSION, metrics.REGRESSION)
    facts = replace(one.program.facts, classes=0, class_counts=())
    return replace(
        double(replace(one, program=replace(one.program, facts=facts))),
        material=replace(
            Material(*parts, reader),
            **{
                name: Part(part.x.double(), part.y)
                for name, part in zip(
                    ("train", "watched", "validation", "test"), parts, strict=True
                )
            },
        ),
    )


def test_a_stack_takes_regression() -> None:
    starts = [regression(0), regression(1)]
    for one, trained in zip(starts, together(starts), strict=True):
        assert_alike(alone(one), trained)
