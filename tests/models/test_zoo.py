"""The networks of the catalogue: their sizes are the published ones, and all of them train."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from tiny import recipe, run_trial, use

from hikaku.data import builtin, cache
from hikaku.data.task import Task
from hikaku.execution.job import Job
from hikaku.models import zoo
from hikaku.study.catalogue import models
from hikaku.study.recipe import Use, Value
from hikaku.study.study import Data, Training

PAGE = Path(__file__).parents[2] / "docs" / "learn" / "models.md"
RGB, GREY, ROW = (3, 32, 32), (1, 28, 28), (13,)
NARROW: dict[str, dict[str, Value]] = {
    "alexnet-small": {"channels": (2, 4, 4, 4, 4), "dense": 8},
    "book-convnet": {"channels": 4, "dense": 8},
    "lenet": {},
    "mlp": {"hidden": (8,)},
    "resnet18-cifar": {"width": 2},
    "resnet9": {"width": 2},
    "small-cnn": {"channels": (2, 4), "dense": 8},
    "transformer": {"width": 8, "depth": 1, "heads": 2, "patch": 8},
    "two-conv": {"channels": 2, "dense": 8},
}
"""Settings under which each network trains in a moment."""


def parameters(name: str, shape: tuple[int, ...]) -> int:
    model = getattr(zoo, name.replace("-", "_"))(shape, 10)
    return sum(value.numel() for value in model.parameters())


def test_the_catalogue_lists_what_the_zoo_holds_and_nothing_else() -> None:
    assert sorted(entry.symbol for entry in models().values()) == sorted(zoo.__all__)
    assert set(NARROW) == set(models())


@pytest.mark.parametrize(
    ("name", "shape", "expected"),
    [
        ("resnet18-cifar", RGB, 11_173_962),  # as many as every public copy of it counts
        ("resnet9", RGB, 6_573_120),  # D. Page's; 10 more where the head has a bias
        ("two-conv", RGB, 896 + 9_248 + 3_686_912 + 5_130),  # as Keras' summary lists them
        ("book-convnet", GREY, 780 + 432_100 + 1_010),
    ],
)
def test_a_network_has_as_many_parameters_as_the_published_one(
    name: str, shape: tuple[int, ...], expected: int
) -> None:
    assert parameters(name, shape) == expected


def test_the_page_names_every_network_and_counts_its_parameters() -> None:
    rows = re.findall(r"^\| `([\w-]+)` \|.*\| ([\d,]+) \|$", PAGE.read_text("utf-8"), re.M)
    assert {name: int(count.replace(",", "")) for name, count in rows} == {
        name: parameters(name, RGB) for name in models()
    }


@pytest.mark.parametrize("name", sorted(models().keys() - {"mlp", "transformer"}))
def test_a_network_for_images_refuses_a_table_by_its_name(name: str) -> None:
    with pytest.raises(ValueError, match=f"{name} needs images"):
        getattr(zoo, name.replace("-", "_"))(ROW, 2)


def test_the_transformer_takes_a_table_and_images_that_its_patches_cover() -> None:
    assert zoo.transformer(ROW, 2)(torch.zeros(5, 13)).shape == (5, 2)
    with pytest.raises(ValueError, match="30 x 32 pixels cannot be cut into 4 x 4 patches"):
        zoo.transformer((3, 30, 32), 2)
    with pytest.raises(ValueError, match="width 10 cannot be shared by 4 heads"):
        zoo.transformer(ROW, 2, width=10)


@pytest.fixture(scope="module")
def images(tmp_path_factory: pytest.TempPathFactory) -> str:
    draws = np.random.default_rng(0)
    task = Task(
        "noise", draws.integers(0, 256, (60, 3, 16, 16), dtype=np.uint8),
        np.arange(60) % 3, "classification", ("a", "b", "c"), scale=255.0,
    )  # fmt: skip  # one call
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("HIKAKU_CACHE", str(tmp_path_factory.mktemp("cache")))
        return str(cache.keep(task))


def trained(task: str, model: Use, **slots: object) -> Job:
    data = Data(Use("noise"), train=30, validation=20, test="rest", beside=50)
    work = Training(data, model, replace(recipe(**slots), epochs=1, batch_size=15))
    return Job(key="key", work=work, seed=0, task=task)


EDITS = {
    "as it is": (),
    "batch norm and dropout": (use("batch-norm"), use("dropout", p=0.25)),
}


@pytest.mark.parametrize("layers", EDITS.values(), ids=EDITS)
@pytest.mark.parametrize("name", NARROW)
def test_every_network_trains_and_takes_edits(
    name: str, layers: tuple[Use, ...], images: str
) -> None:
    model = models()[name].use(NARROW[name])
    measured = run_trial(trained(images, model, layers=layers))
    assert measured.outcome.status == "done", measured.outcome.error


@pytest.mark.parametrize("name", ["mlp", "transformer"])
def test_a_table_of_values_is_learnt(
    name: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("HIKAKU_CACHE", str(tmp_path))
    task = str(cache.prepare(builtin.find("diabetes")))
    asked = trained(task, models()[name].use(NARROW[name]), loss=use("mse"), optimizer=use("adam"))
    measured = run_trial(
        replace(asked, work=replace(asked.work, recipe=replace(asked.work.recipe, epochs=20)))
    )
    losses = [r.value for r in measured.records if (r.split, r.metric) == ("train", "loss")]
    assert losses[-1] < 0.9 * losses[0]
