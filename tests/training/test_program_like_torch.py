"""What a base arm trains is what a loop that anybody would write in PyTorch trains."""

from __future__ import annotations

from copy import deepcopy
from pathlib import Path

import pytest
import torch
from kinds import WORKS, Kind, all_kinds
from own_models import job, prepared_as_in_a_worker, train, trial_of
from tiny import use
from torch import Tensor, nn
from torch.nn import functional as F

from hikaku.draws import Draws
from hikaku.execution.plain import Prepared
from hikaku.models.calling import chosen
from hikaku.training.base_model import base_model
from hikaku.training.memory_format import rows
from hikaku.training.sample import Sample
from hikaku.training.updates import batches

pytestmark = pytest.mark.usefixtures(prepared_as_in_a_worker.__name__)
DROPS = ("dropout", "Dropout")
SAME = [
    kind
    for kind in all_kinds()
    if kind.cell("base") == WORKS and not any(word in kind.source for word in DROPS)
]


def by_hand(trial: Prepared, output: object) -> tuple[nn.Module, Tensor]:
    """Return the model after an ordinary training loop, and its outputs on the test samples."""
    work, material, program = trial.job.work, trial.material, trial.program
    given = material.train.x
    shapes = {n: tuple(t.shape[1:]) for n, t in given.items()} if isinstance(given, dict) else {}
    sample = Sample(
        shapes or tuple(given.shape[1:]),
        program.facts.classes,
        (),
        rows(given, torch.arange(2)),
        program.calling.outputs,
    )
    model = base_model(work.model, sample, Draws(trial.job.seed), trial.job.folder)
    model.train()
    optimizer = torch.optim.SGD([p for p in model.parameters() if p.requires_grad], lr=0.1)
    order = batches(work.recipe, len(material.train.y), program.facts, Draws(trial.job.seed))
    for index in map(torch.from_numpy, order):
        y = material.train.y[index]
        answer = called(model, rows(given, index), output)
        optimizer.zero_grad()
        if y.is_floating_point():
            F.mse_loss(answer.reshape(y.shape), y).backward()
        else:
            F.cross_entropy(answer.float(), y).backward()
        optimizer.step()
    model.eval()
    with torch.no_grad():
        return model, called(model, deepcopy(material.test.x), output)


def called(model: nn.Module, x: Tensor | dict[str, Tensor], output: object) -> Tensor:
    if isinstance(x, Tensor):
        result = model(x)
    elif "0" in x:
        result = model(*x.values())
    else:
        result = model(x) if "batch" in model.forward.__code__.co_varnames else model(**x)
    return chosen(result, output)


@pytest.mark.parametrize("kind", SAME, ids=lambda kind: kind.title)
def test_the_base_arm_trains_what_a_plain_loop_trains(kind: Kind, tmp_path: Path) -> None:
    trial = trial_of(job(kind, "base", tmp_path))
    ended = train(trial).state
    model, outputs = by_hand(trial, dict(kind.settings).get("output"))
    for name, value in model.named_parameters():
        if value.requires_grad:
            torch.testing.assert_close(ended.params[name], value, msg=name)
    ours = trial.program.predict(ended.weights, trial.material.test.x)
    torch.testing.assert_close(ours, outputs.reshape(ours.shape), check_dtype=False)


MODULES = {"nn.ReLU(inplace=True)": "nn.Tanh()", "nn.ReLU()": "nn.Tanh()"}
RELU_TO_TANH = {
    "one module used several times": MODULES,
    "residual blocks: `x += y`, `nn.ReLU(inplace=True)`": MODULES,
    "activation checkpointing of modules": MODULES,
    "functional style: `F.relu(self.fc1(x))`, `x.relu()`": {"relu": "tanh"},
    "in-place calls whose result is not assigned: `h.relu_()`": {"relu_": "tanh_"},
    "`nn.MultiheadAttention`": {"relu": "tanh"},
}


@pytest.mark.parametrize("title", RELU_TO_TANH)
def test_a_swapped_activation_is_what_the_source_would_say(title: str, tmp_path: Path) -> None:
    (kind,) = (kind for kind in all_kinds() if kind.title == title)
    source = kind.source
    for old, new in RELU_TO_TANH[title].items():
        source = source.replace(old, new)
    meant = Kind(kind.title, source, kind.data)
    swapped = trial_of(job(kind, "base", tmp_path / "a", layers=(use("tanh"),)))
    written = trial_of(job(meant, "base", tmp_path / "b"))
    ends = [train(swapped).state, train(written).state]
    for name, value in ends[1].params.items():
        torch.testing.assert_close(ends[0].params[name], value, msg=name)
