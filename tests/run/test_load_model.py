"""`load_model` gives back the model that was trained, or says in words why it cannot."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import nn

import hikaku as hk
from hikaku.errors import StoreError, StudyError
from hikaku.run.load_model import Loaded, load
from hikaku.study.decode import from_mapping
from hikaku.study.study import Study

pytestmark = pytest.mark.slow

MODEL = """
from torch import nn
from torch.nn import functional as F

from parts.size import WIDTH


class Net(nn.Module):
    def __init__(self, classes, width=WIDTH):
        super().__init__()
        self.first = nn.Linear(64, width)
        self.head = nn.Linear(width, classes)

    def forward(self, x):
        x = F.relu(self.first(x.flatten(1)))
        return self.head(F.dropout(x, 0.2, training=self.training))
"""
SWAP = '''
"""Swap every activation for a PReLU that learns its slope."""
from dataclasses import dataclass

from torch import nn

from hikaku.study.card import Card

CARD = Card(slot="layers", family="activation", claim="none", formula="x", paper="none", year=2026)


@dataclass(frozen=True)
class Swap:
    """One PReLU per call."""

    def edit(self, model, sites):
        for site in sites.activations():
            model.swap(site, nn.PReLU(), "swap")
'''


def study(folder: Path, **changes: Any) -> Study:
    mapping = {
        "format": 1,
        "metric": "accuracy",
        "worth": 0.01,
        "seeds": 2,
        "model": "net.py:Net",
        "data": {"use": "digits", "train": 60, "validation": 30},
        "recipe": {"epochs": 2, "batch_size": 16, "optimizer": {"use": "sgd", "lr": 0.1}},
        "variant": [
            {"name": "batch norm", "layers": ["batch-norm", "dropout"]},
            {"name": "prelu", "layers": ["swap.py:Swap"]},
        ],
        "keep": {"weights": "all", "seeds": "all"},
    }
    return from_mapping(mapping | changes, name="tiny", folder=folder)


def write(folder: Path) -> Path:
    (folder / "parts").mkdir()
    (folder / "parts" / "__init__.py").write_text("")
    (folder / "net.py").write_text(MODEL)
    (folder / "swap.py").write_text(SWAP)
    (folder / "parts" / "size.py").write_text("WIDTH = 16\n")
    return folder


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of a study that was run, all its weights kept."""
    here = write(tmp_path_factory.mktemp("study"))
    hk.run(study(here), store=here / "store.db", quiet=True)
    return here


def loaded(folder: Path, arm: str = "base", seed: int | None = None, **more: Any) -> Loaded:
    which = more.pop("which", None)
    return load(study(folder, **more), arm, seed, which, str(folder / "store.db"))


@pytest.mark.parametrize("arm", ["base", "batch norm", "prelu"])
def test_a_loaded_model_is_plain_and_answers_as_the_kept_one(folder: Path, arm: str) -> None:
    model = hk.load_model(study(folder), arm, 0, store=folder / "store.db")
    assert isinstance(model, nn.Module) and not model.training
    x = torch.linspace(0, 1, 3 * 64).reshape(3, 1, 8, 8)
    kept = loaded(folder, arm, 0).restored
    assert torch.equal(model(x), kept.answer(x))
    names = set(model.state_dict())
    assert {"first.weight", "head.bias"} <= names
    assert (names == {"first.weight", "first.bias", "head.weight", "head.bias"}) == (arm == "base")
    if arm == "base":
        by_hand = torch.relu(x.flatten(1) @ model.first.weight.T + model.first.bias)
        expected = by_hand @ model.head.weight.T + model.head.bias
        assert torch.allclose(model(x), expected, atol=1e-6)


def test_a_loaded_model_can_be_trained_on_with_noise_of_its_own(folder: Path) -> None:
    model = hk.load_model(study(folder), "batch norm", store=folder / "store.db").train()
    x = torch.rand(8, 1, 8, 8)
    one, other = model(x), model(x)
    assert not torch.equal(one, other)
    one.sum().backward()
    assert model.first.weight.grad is not None


def test_the_best_seed_and_the_best_epoch_are_taken_unless_others_are_named(folder: Path) -> None:
    found = {
        (seed, epoch): loaded(folder, seed=seed, which=epoch) for seed in (0, 1) for epoch in (1, 2)
    }
    answer = hk.results(study(folder), store=folder / "store.db")
    losses = {
        (seed, epoch): value
        for seed in (0, 1)
        for epoch, value in enumerate(
            answer.results.curve("base", seed, "loss", "validation")[1], start=1
        )
    }
    best = min(losses, key=lambda place: losses[place])
    assert loaded(folder).file == found[best].file and loaded(folder).seed == best[0]
    assert loaded(folder, seed=0, which="last").file == found[0, 2].file
    assert {one.file.name for one in found.values()} == {
        "epoch-0001.safetensors",
        "epoch-0002.safetensors",
    }


def test_what_is_not_there_is_told_with_what_is(folder: Path) -> None:
    with pytest.raises(StudyError, match=r"tiny has no arm 'batch nrom'\. Did you mean 'batch nor"):
        loaded(folder, "batch nrom")
    with pytest.raises(StudyError, match="seed 7, is not done"):
        loaded(folder, seed=7)
    with pytest.raises(StoreError, match=r"kept are: epoch-0001\.safetensors, epoch-0002"):
        loaded(folder, seed=0, which=3)
    with pytest.raises(StudyError, match=r"no trial of base is done in .*store\.db") as caught:
        loaded(folder, recipe={"epochs": 9, "optimizer": "sgd"})
    assert "--store" in str(caught.value) and "done are" not in str(caught.value)


@pytest.fixture
def emptied(folder: Path) -> Iterator[Path]:
    """Take the weights of base away for a while, but those of seed 1."""
    path = loaded(folder, seed=0).file.parent
    away = path.rename(folder / "away")
    yield folder
    away.rename(path)


def test_weights_that_were_deleted_are_called_missing_and_can_be_trained_anew(
    emptied: Path,
) -> None:
    with pytest.raises(StoreError, match=r"is missing: .*store\.files.*epoch-0002") as caught:
        loaded(emptied, seed=0)
    assert "trains them anew" in str(caught.value) and "are there: 1" in str(caught.value)
    assert loaded(emptied, seed=1).seed == 1


def test_where_nothing_was_kept_the_mend_says_how_to_keep_it(emptied: Path) -> None:
    with pytest.raises(StoreError, match="no weights were kept") as caught:
        loaded(emptied, seed=0, keep={"weights": "none"})
    assert "[keep]" in str(caught.value) and "are there: 1" in str(caught.value)


def test_no_seed_is_offered_where_no_weights_are_there_at_all(folder: Path) -> None:
    away = (folder / "store.files").rename(folder / "all away")
    try:
        with pytest.raises(StoreError, match="is missing") as caught:
            loaded(folder)
    finally:
        away.rename(folder / "store.files")
    assert "ask for a seed" not in str(caught.value)


@pytest.fixture
def edited(folder: Path) -> Iterator[Path]:
    """Change a helper of the model for a while."""
    helper = folder / "parts" / "size.py"
    before = helper.read_text()
    helper.write_text("WIDTH = 17\n")
    yield folder
    helper.write_text(before)


def test_a_model_whose_source_changed_is_not_loaded(edited: Path) -> None:
    with pytest.raises(StoreError, match=r"parts/size\.py changed since") as caught:
        loaded(edited)
    assert 'keep.what = "model"' in str(caught.value)


def test_a_file_that_has_nothing_to_do_with_the_model_may_change(folder: Path) -> None:
    before = (folder / "swap.py").read_text()
    (folder / "swap.py").write_text(before + "\n# another word\n")
    try:
        assert loaded(folder, "batch norm").seed in (0, 1)
        with pytest.raises(StoreError, match=r"swap\.py changed"):
            loaded(folder, "prelu")
    finally:
        (folder / "swap.py").write_text(before)


def test_weights_with_their_code_need_no_source_and_no_data(tmp_path: Path) -> None:
    (tmp_path / "deep").mkdir()
    write(tmp_path)
    here = tmp_path / "deep"
    asked = study(
        here,
        model="../net.py:Net",
        variant=[{"name": "prelu", "layers": ["../swap.py:Swap"]}],
        keep={"what": "model"},
        seeds=1,
    )
    store = str(here / "store.db")
    hk.run(asked, store=store, quiet=True)
    x = torch.linspace(0, 1, 2 * 64).reshape(2, 1, 8, 8)
    before = {arm: load(asked, arm, None, None, store).restored.answer(x) for arm in NAMES}
    (tmp_path / "net.py").unlink()
    (tmp_path / "swap.py").write_text("no Python at all: (")
    for arm in NAMES:
        assert torch.equal(load(asked, arm, 0, None, store).restored.answer(x), before[arm])


NAMES = ("base", "prelu")
