"""Whole trainings with fast kernels: torch's bit for bit, but for batch norm and convolutions.

Where a convolution is joined with its pooling, or a norm is ours, they agree but for rounding.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch
from kinds import WORKS, Kind, all_kinds
from own_models import EDITS, job, prepared_as_in_a_worker, train, trial_of
from tiny import job as tiny_job
from tiny import use
from torch import Tensor
from torch.nn import functional as F

from hikaku.execution.plain import Prepared, prepared
from hikaku.models.surgery import Surgery
from hikaku.study.catalogue import models
from hikaku.study.recipe import Dtype, Use
from hikaku.techniques.slots import Facts, Tensors
from hikaku.training import fused, tiles
from hikaku.training.kernels import autograd, convolution
from hikaku.training.kernels.amx import autograd as amx
from hikaku.training.placement import placed_trial
from hikaku.training.program import CPU, Habits
from hikaku.training.stack import Trained

pytestmark = pytest.mark.usefixtures(prepared_as_in_a_worker.__name__)
IMAGES = [kind for kind in all_kinds() if kind.data == "images" and kind.cell("base") == WORKS]
NORMALISES = ("batch_norm", "BatchNorm")


@pytest.fixture(autouse=True)
def small_images_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fused, "FEWEST", 1)


@pytest.fixture(params=[False, True], ids=["convolutions alone", "joined"])
def joins(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> bool:
    """Return whether convolutions are joined with their pooling, and see to it."""
    if not request.param:
        monkeypatch.delitem(fused.SHORTCUTS, F.conv2d)
    return bool(request.param)


def ended(trial: Prepared, kernels: fused.Kernels, **changes: Any) -> Trained:
    """Return the trial trained with these kernels."""
    return train(replace(trial, program=replace(trial.program, kernels=kernels, **changes)))


def same(ours: Trained, torchs: Trained) -> bool:
    """Return whether two trainings gave the same bits."""
    tensors = (*ours.state.params.items(), *ours.state.buffers.items())
    others = {**torchs.state.params, **torchs.state.buffers}
    return repr(ours.records) == repr(torchs.records) and all(
        torch.equal(value, others[name]) for name, value in tensors
    )


@pytest.fixture
def used(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Return the names of the fast kernels that are used, as they are."""
    seen: list[str] = []

    def spied(name: str, own: Any) -> Any:
        return lambda *args, **names: seen.append(name) or own(*args, **names)

    for room, name in ((autograd, "normalised"), (autograd, "pooled"), (convolution, "convolved")):
        monkeypatch.setattr(room, name, spied(name, getattr(room, name)))
    return seen


@pytest.mark.parametrize("arm", EDITS)
@pytest.mark.parametrize("kind", IMAGES, ids=lambda kind: kind.title)
def test_any_kind_of_model_trains_what_it_trains_with_torch(
    kind: Kind, arm: str, joins: bool, tmp_path: Path
) -> None:
    if kind.cell(arm) != WORKS:
        pytest.skip("this edit does not fit this model")
    trial = trial_of(job(kind, arm, tmp_path))
    ours, torchs = ended(trial, "fused"), ended(trial_of(job(kind, arm, tmp_path)), "torch")
    if arm != "batch norm" and not any(word in kind.source for word in NORMALISES) and not joins:
        assert same(ours, torchs)
    for name, value in torchs.state.params.items():
        torch.testing.assert_close(ours.state.params[name], value, rtol=1e-3, atol=1e-4)


LAYERS = {
    "base": (),
    "norm": (use("batch-norm"),),
    "norm behind": (use("batch-norm", place="after"),),
    "dropout": (use("dropout", p=0.3),),
    "norm and dropout": (use("batch-norm"), use("dropout", p=0.3)),
    "another activation": (use("tanh"),),
    "relu anew": (use("relu"), use("batch-norm")),
}


BETWEEN = (LAYERS["norm behind"], LAYERS["another activation"])
"""What stands between a convolution and its pooling is another thing than ReLU and a norm."""


def curve(found: Trained) -> list[float]:
    return [row.value for row in found.records if row.metric == "loss"]


def at(precision: Dtype, model: Use | None = None, **slots: object) -> Prepared:
    """Return the small trial, or that of another model, to be computed in this precision."""
    job = tiny_job(**slots)
    job = job if model is None else replace(job, work=replace(job.work, model=model))
    made = prepared(job)
    parts = placed_trial(made.program, made.state, made.material, CPU, precision)
    return replace(made, **dict(zip(("program", "state", "material"), parts, strict=True)))


@pytest.mark.parametrize("layers", LAYERS)
@pytest.mark.parametrize("precision", ["fp32", "bf16"])
def test_without_batch_norm_no_bit_changes(
    layers: str, precision: Dtype, joins: bool, used: list[str]
) -> None:
    ours, torchs = (
        ended(at(precision, layers=LAYERS[layers]), kernels) for kernels in ("fused", "torch")
    )
    assert used
    if "norm" not in layers and "anew" not in layers and not (joins and "convolved" in used):
        assert same(ours, torchs)
    # Later, training amplifies what rounding did: a channel without variance most of all.
    near, (one, other) = 1e-3 if precision == "fp32" else 0.1, (curve(ours)[:2], curve(torchs)[:2])
    torch.testing.assert_close(one, other, rtol=near, atol=near)


@pytest.mark.parametrize("layers", LAYERS)
def test_in_float64_edited_models_agree(layers: str, joins: bool) -> None:
    ours, torchs = (
        ended(at("fp64", layers=LAYERS[layers], epochs=4), kernels)
        for kernels in ("fused", "torch")
    )
    torch.testing.assert_close(curve(ours), curve(torchs), rtol=1e-9, atol=1e-9)
    for name, value in (torchs.state.params | torchs.state.buffers).items():
        assert value.dtype == torch.float64
        torch.testing.assert_close((ours.state.params | ours.state.buffers)[name], value)


@pytest.mark.skipif(not tiles.ours(), reason="this processor has no AMX")
@pytest.mark.parametrize("layers", [one for one in LAYERS if LAYERS[one] not in BETWEEN])
def test_by_amx_whole_trainings_are_near_torchs(
    layers: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[int] = []
    make = amx.Convolution.make
    monkeypatch.setattr(amx.Convolution, "make", lambda *a, **k: made.append(a[1]) or make(*a, **k))
    model = models()["small-cnn"].use({"channels": (16, 32), "dense": 16})
    ours, same_again, torchs = (
        ended(at("bf16", model, layers=LAYERS[layers]), kernels)
        for kernels in ("amx", "amx", "torch")
    )
    assert made
    assert same(ours, same_again)
    torch.testing.assert_close(curve(ours)[:2], curve(torchs)[:2], rtol=0.1, atol=0.1)


class Sparse:
    """Makes activations small: λ times their sum of squares."""

    def penalty(self, params: Tensors, activations: Tensors, facts: Facts) -> Tensor:
        assert activations
        assert all((value >= 0).all() for value in activations.values())
        return sum(value.square().mean() for value in activations.values()) * 0.1


@pytest.mark.parametrize("layers", ["base", "norm"])
def test_a_penalty_sees_the_real_activations(
    layers: str, joins: bool, used: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    finish = Surgery.finish
    monkeypatch.setattr(Surgery, "finish", lambda self, **kw: finish(self, record_activations=True))
    results = []
    for kernels in ("fused", "torch"):
        trial = prepared(tiny_job(layers=LAYERS[layers]))
        results.append(
            ended(trial, kernels, slots=replace(trial.program.slots, penalty=(Sparse(),)))
        )
    assert used
    if layers == "base" and not joins:
        assert same(*results)
    torch.testing.assert_close(*map(curve, results), rtol=1e-4, atol=1e-4)


def test_what_recomputes_its_activations_is_left_to_torch(used: list[str]) -> None:
    program = replace(prepared(tiny_job()).program, kernels="fused")
    x = torch.randn(2, 3, 4, 4).contiguous(memory_format=torch.channels_last)
    for habits, expected in ((Habits(), ["pooled"]), (Habits(recomputes=True), [])):
        used.clear()
        with replace(program, habits=habits).computing():
            F.max_pool2d(F.relu(x), 2)
        assert used == expected


def test_a_diverged_training_is_noticed(used: list[str]) -> None:
    trial = prepared(tiny_job(optimizer=use("sgd", lr=1e30)))
    assert ended(trial, "fused").status == "diverged"
    assert used


def test_torchs_kernels_are_the_default(used: list[str]) -> None:
    train(prepared(tiny_job()))
    assert not used
