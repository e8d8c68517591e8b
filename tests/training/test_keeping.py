"""What stays of a trial's weights is what was evaluated, whole, and never something else."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import load_file
from tiny import job, run_trial, use

from hikaku.data import cache
from hikaku.data.prepare import fit
from hikaku.data.split import split
from hikaku.errors import StoreError
from hikaku.execution.job import Job
from hikaku.execution.material import part_of
from hikaku.execution.plain import prepared
from hikaku.record import Measured
from hikaku.store.kept import head
from hikaku.study.recipe import Evaluation, Recipe, Use
from hikaku.study.study import Keep, Training
from hikaku.study.trial import digest, plain, training
from hikaku.training import metrics
from hikaku.training.blueprint import Blueprint, from_head
from hikaku.training.restore import restored

TIED = """
from torch import nn
from torch.nn import functional as F


class Net(nn.Module):
    def __init__(self, classes):
        super().__init__()
        self.first = nn.Linear(64, 64)
        self.second = nn.Linear(64, 64)
        self.second.weight = self.first.weight
        self.frozen = nn.Linear(64, 64)
        self.frozen.requires_grad_(False)
        self.register_buffer("seen", __import__("torch").zeros(1))
        self.head = nn.Linear(64, classes)

    def forward(self, x):
        x = F.relu(self.second(F.relu(self.first(x.flatten(1)))))
        return self.head(F.dropout(self.frozen(x), 0.2, training=self.training))
"""


def quiet(step: int, steps: int) -> None:
    """Nobody listens."""


def keeping(folder: Path, keep: Keep, **slots: object) -> tuple[Measured, dict[str, Path]]:
    """Train a tiny trial that keeps its weights; return what it measured, and its files."""
    asked = replace(job(**slots), keep=keep, keep_in=str(folder))
    return run_trial(asked, quiet), files(folder)


def files(folder: Path, key: str = "key") -> dict[str, Path]:
    return {path.name: path for path in sorted((folder / key).glob("*"))}


def values(found: Measured, reading: str, name: str) -> dict[int, float]:
    split, _, metric = name.partition(" ")
    return {
        row.step: row.value
        for row in found.records
        if (row.reading, row.split, row.metric) == (reading, split, metric)
    }


def loss_of(path: Path, blueprint: Blueprint, folder: str = ".") -> float:
    """Return the validation loss of the model in a file, read anew."""
    task = cache.open_task(Path(job().task))
    parts = split(task, blueprint.work.data, blueprint.seed)
    part = part_of(task, parts.validation, fit(task, parts.train))
    outputs = restored(path, blueprint, folder).answer(part.x).double().numpy()
    return metrics.cross_entropy(outputs, part.y.numpy())


def test_keeping_changes_no_result(tmp_path: Path) -> None:
    plainly = run_trial(job(layers=(use("dropout"),)), quiet)
    for weights in ("best", "last", "all"):
        found, _ = keeping(tmp_path / weights, Keep(weights), layers=(use("dropout"),))
        assert found.records == plainly.records


@pytest.mark.parametrize(
    "slots",
    [
        {},
        {"layers": (use("dropout", p=0.3), use("batch-norm"))},
        {"layers": (use("leaky-relu", slope=0.1),), "penalty": (use("l2"),)},
    ],
    ids=["base", "dropout and batch norm", "another activation"],
)
def test_a_file_gives_the_scores_back_that_stand_in_it(
    tmp_path: Path, slots: dict[str, object]
) -> None:
    found, there = keeping(tmp_path, Keep(), **slots)
    curve = values(found, "curve", "validation loss")
    (path,) = there.values()
    said = head(path)
    assert path.name == "best.safetensors"
    assert said["scores"]["validation loss"] == min(curve.values()) == curve[said["step"]]
    assert loss_of(path, from_head(said, "")) == pytest.approx(min(curve.values()), abs=1e-6)


def test_the_best_is_the_best_of_every_kth_epoch_and_the_end(tmp_path: Path) -> None:
    recipe: dict[str, object] = {"epochs": 5, "optimizer": use("sgd", lr=1.0)}
    keep = Keep(monitor="train accuracy", mode="max", every=2)
    found, there = keeping(tmp_path, keep, **recipe)
    curve = values(found, "curve", "train accuracy")
    (path,) = there.values()
    considered = {step: value for step, value in curve.items() if step in (6, 12, 15)}
    assert len(curve) == 5
    assert path.name == "best-train-accuracy-every-2.safetensors"
    assert head(path)["scores"]["train accuracy"] == max(considered.values())


def test_the_last_weights_are_those_that_the_last_reading_read(tmp_path: Path) -> None:
    stopping = use("early-stopping", patience=1, monitor="train loss", min_delta=100.0)
    found, there = keeping(tmp_path, Keep("last"), epochs=6, stopping=stopping)
    (path,) = there.values()
    (last,) = values(found, "last", "validation loss").values()
    curve = values(found, "curve", "validation loss")
    assert path.name == "last.safetensors"
    # The rule went back to the first evaluation, so these are not the weights of the newest one.
    assert last == curve[min(curve)] != curve[max(curve)]
    assert loss_of(path, from_head(head(path), "")) == pytest.approx(last, abs=1e-6)


def test_all_is_a_file_for_each_epoch_with_its_own_weights(tmp_path: Path) -> None:
    found, there = keeping(tmp_path, Keep("all"))
    assert list(there) == [f"epoch-000{epoch}.safetensors" for epoch in (1, 2, 3)]
    curve = values(found, "curve", "validation loss")
    assert [head(path)["scores"]["validation loss"] for path in there.values()] == list(
        curve.values()
    )
    heads = [load_file(path)["fc2.weight"] for path in there.values()]
    assert not torch.equal(heads[0], heads[1]) and not torch.equal(heads[1], heads[2])


def test_evaluations_by_steps_have_files_of_their_own(tmp_path: Path) -> None:
    when = Evaluation(2, "step", 1)
    _, there = keeping(tmp_path, Keep("all", every=2), evaluate_every=when)
    assert list(there) == [f"step-00000{step}.safetensors" for step in (3, 7, 9)]


def test_a_trial_that_diverges_leaves_nothing(tmp_path: Path) -> None:
    for weights in ("best", "last", "all"):
        found, _ = keeping(tmp_path, Keep(weights), optimizer=use("sgd", lr=1e38))
        assert found.outcome.status == "diverged"
    assert list(tmp_path.iterdir()) == []


def test_a_trial_that_fails_leaves_nothing_and_disturbs_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, before = keeping(tmp_path, Keep())
    written = before["best.safetensors"].read_bytes()

    def fail(step: int, steps: int) -> None:
        raise RuntimeError("no")

    asked = replace(job(), keep=Keep("all"), keep_in=str(tmp_path))
    with pytest.raises(RuntimeError):
        run_trial(asked, fail)
    assert [path.name for path in tmp_path.iterdir()] == ["key"]
    assert files(tmp_path)["best.safetensors"].read_bytes() == written


@pytest.mark.fault("G4")
def test_what_a_killed_trial_left_is_not_taken_over(tmp_path: Path) -> None:
    (tmp_path / "key.part").mkdir(parents=True)
    (tmp_path / "key.part" / "epoch-0009.safetensors").write_bytes(b"half")
    _, there = keeping(tmp_path, Keep("all"))
    assert len(there) == 3 and not (tmp_path / "key.part").exists()


def test_a_folder_that_cannot_be_written_ends_the_trial_before_it_trains(tmp_path: Path) -> None:
    (tmp_path / "files").write_text("no folder")
    asked = replace(job(), keep=Keep(), keep_in=str(tmp_path / "files"))
    with pytest.raises(StoreError, match="the weights cannot be kept"):
        run_trial(asked, lambda step, steps: pytest.fail("it trained"))


def own(folder: Path, text: str = TIED) -> Job:
    (folder / "net.py").write_text(text)
    asked = job()
    work = replace(asked.work, model=Use("net.py:Net"))
    return replace(asked, work=work, folder=str(folder), keep=Keep("last"), keep_in=str(folder))


@pytest.mark.fault("C9")
def test_tied_and_frozen_weights_are_in_the_file_under_all_their_names(tmp_path: Path) -> None:
    asked = own(tmp_path)
    found = run_trial(asked, quiet)
    (path,) = files(tmp_path).values()
    held = load_file(path)
    assert {"frozen.weight", "seen", "first.weight", "second.weight"} <= set(held)
    assert torch.equal(held["first.weight"], held["second.weight"])
    blueprint = from_head(head(path), "")
    blueprint = replace(blueprint, texts={"net.py": TIED})
    (last,) = values(found, "last", "validation loss").values()
    assert loss_of(path, blueprint) == pytest.approx(last, abs=1e-6)
    model = restored(path, blueprint, ".").model
    first, second = model.get_submodule("first"), model.get_submodule("second")
    assert first.weight is second.weight


COUNTING = """
import torch
from torch import nn


class Net(nn.Module):
    def __init__(self, classes):
        super().__init__()
        self.head = nn.Linear(64, classes)
        self.register_buffer("mask", torch.ones(1).expand(64), persistent=False)
        self.register_buffer("mean", torch.zeros(64), persistent=False)

    def forward(self, x):
        x = x.flatten(1)
        if self.training:
            self.mean.mul_(0.5).add_(x.detach().mean(0), alpha=0.5)
        return self.head((x - 9 * self.mean) * self.mask)
"""


def test_buffers_that_a_state_dict_leaves_out_come_back_as_they_were_trained(
    tmp_path: Path,
) -> None:
    asked = own(tmp_path, COUNTING)
    found = run_trial(asked, quiet)
    (path,) = files(tmp_path).values()
    blueprint = replace(from_head(head(path), ""), texts={"net.py": COUNTING})
    (last,) = values(found, "last", "validation loss").values()
    assert loss_of(path, blueprint) == pytest.approx(last, abs=1e-6)
    model = restored(path, blueprint, ".").model
    assert torch.equal(model.get_buffer("mean"), load_file(path)["mean"])
    assert model.get_buffer("mean").any() and "mean" not in model.state_dict()
    path.rename(tmp_path / "start.safetensors")
    model_of = Use("net.py:Net", (("weights", "start.safetensors"),))
    run_trial(replace(asked, work=replace(asked.work, model=model_of)), quiet)
    assert "mean" in load_file(*files(tmp_path).values())


def test_the_weights_that_training_started_from_are_not_needed_again(tmp_path: Path) -> None:
    asked = own(tmp_path)
    run_trial(asked, quiet)
    start = files(tmp_path)["last.safetensors"].rename(tmp_path / "start.safetensors")
    model = Use("net.py:Net", (("weights", start.name), ("fresh", ("head.*",))))
    found = run_trial(replace(asked, work=replace(asked.work, model=model)), quiet)
    start.unlink()
    (path,) = files(tmp_path).values()
    blueprint = replace(from_head(head(path), ""), texts={"net.py": TIED})
    (last,) = values(found, "last", "validation loss").values()
    assert loss_of(path, blueprint) == pytest.approx(last, abs=1e-6)


def test_a_file_says_how_to_build_its_model_and_holds_no_sample(tmp_path: Path) -> None:
    _, there = keeping(tmp_path, Keep(), layers=(use("batch-norm"),))
    (path,) = there.values()
    said = head(path)
    blueprint = from_head(said, "")
    assert blueprint.work == job(layers=(use("batch-norm"),)).work
    assert blueprint.classes == tuple("0123456789") and blueprint.inputs[""].raw == (8, 8)
    assert blueprint.sample.inputs.shape == (2, 1, 8, 8)
    assert said["epoch"] == said["step"] // 3 and said["hikaku"]
    model = restored(path, blueprint, ".").model
    assert set(load_file(path)) == set(model.state_dict())
    rows = np.asarray(prepared(job()).material.train.x).reshape(-1, 64)
    assert not any(row.tobytes() in path.read_bytes() for row in rows)


def test_a_file_of_another_version_is_refused_in_words(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="it was written by hikaku 99") as caught:
        from_head({"format": 99, "hikaku": "99"}, "best.safetensors:")
    assert "best.safetensors:" in str(caught.value)
    assert head(tmp_path / "none.safetensors") == {}
    (tmp_path / "bad.safetensors").write_bytes(b"\xff" * 20)
    assert head(tmp_path / "bad.safetensors") == {}


def test_weights_that_do_not_fit_their_model_are_refused(tmp_path: Path) -> None:
    _, there = keeping(tmp_path, Keep())
    (path,) = there.values()
    blueprint = from_head(head(path), "")
    other = replace(blueprint.work, model=Use("mlp", (("hidden", (3,)),)))
    with pytest.raises(StoreError, match="do not fit the model"):
        restored(path, replace(blueprint, work=other), ".")


def test_a_training_survives_the_way_through_json() -> None:
    asked: Training = job(
        layers=(use("dropout"),),
        evaluate_every=Evaluation(10, "step", 1),
        stopping=use("early-stopping"),
    ).work
    assert isinstance(asked.recipe, Recipe)
    back = training(json.loads(json.dumps(plain(asked))))
    assert back == asked and digest(plain(back)) == digest(plain(asked))
