"""A batch in pieces gives the gradient of the whole batch, or is not taken apart."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
import torch
from tiny import job, use
from torch import Tensor

from hikaku.draws import Draws
from hikaku.execution.job import Job
from hikaku.execution.plain import Prepared, prepare_process, prepared
from hikaku.techniques.slots import Facts, History, Moment, Tensors, ValueAndGrad
from hikaku.training.memory_format import rows
from hikaku.training.micro_batch import BOUND, micro_batch, why_whole
from hikaku.training.placement import placed_trial
from hikaku.training.program import CPU
from hikaku.training.step import Slots
from hikaku.training.updates import updated


@pytest.fixture(autouse=True)
def as_in_a_worker() -> Iterator[None]:
    prepare_process()
    yield


def in_fp64(asked: Job) -> Prepared:
    trial = prepared(asked)
    parts = placed_trial(trial.program, trial.state, trial.material, CPU, "fp64")
    return replace(trial, **dict(zip(("program", "state", "material"), parts, strict=True)))


@dataclass(frozen=True)
class TwoLooks:
    """As sharpness-aware minimisation does: the gradient a small step uphill."""

    def gradient(self, look: ValueAndGrad, params: Tensors) -> tuple[Tensor, Tensors]:
        loss, grads = look(params)
        return loss, look({name: value + 0.01 * grads[name] for name, value in params.items()})[1]


@dataclass(frozen=True)
class Noisy:
    """Moves every image by noise of its own."""

    def change(self, x: Tensor, y: Tensor, moment: Moment) -> tuple[Tensor, Tensor]:
        return x + 0.1 * moment.draws.normal("move", tuple(x.shape)), y


RECIPES: dict[str, Callable[[Slots], Slots]] = {
    "plain": lambda slots: slots,
    "two looks": lambda slots: replace(slots, gradient=TwoLooks()),
    "augmented": lambda slots: replace(slots, augment=(Noisy(),)),
}
RICH = {
    "layers": (use("dropout"), use("gelu")),
    "penalty": (use("l2", amount=0.01),),
    "loss": use("label-smoothing"),
    "optimizer": use("adam", lr=0.003),
    "clip": (use("clip-norm"),),
}


@pytest.mark.parametrize("micro", [1, 5, 15])
@pytest.mark.parametrize("change", RECIPES)
def test_pieces_make_the_same_updates(change: str, micro: int) -> None:
    """50 updates in float64, with a last batch that is smaller; losses to 1e-9."""
    trial = in_fp64(job(**RICH, epochs=20))
    program = replace(trial.program, slots=RECIPES[change](trial.program.slots))
    split = replace(program, micro=micro)
    whole = pieces = trial.state
    for update in range(50):
        index = torch.arange(16 if update % 3 < 2 else 8) * (update + 1) % 40
        given = (trial.material.data, index, update, Draws(0), History())
        whole, one = updated(program, whole, *given)
        pieces, other = updated(split, pieces, *given)
        assert abs(float(one.loss - other.loss)) < 1e-9
        assert abs(float(one.objective - other.objective)) < 1e-9
        assert one.accuracy == other.accuracy
    for name, value in whole.params.items():
        torch.testing.assert_close(pieces.params[name], value, rtol=1e-7, atol=1e-9)


def test_regression_is_a_mean_over_samples_too() -> None:
    trial = in_fp64(job())
    x, _ = trial.material.data
    y = torch.arange(400, dtype=torch.float64).reshape(40, 10) / 400
    slots = replace(trial.program.slots, loss=registered("mse"))
    facts = replace(trial.program.facts, classes=0)
    program = replace(trial.program, slots=slots, facts=facts)
    found = [
        updated(one, trial.state, (x, y), torch.arange(16), 0, Draws(0), History())
        for one in (program, replace(program, micro=6))
    ]
    assert float(found[0][1].objective) == pytest.approx(float(found[1][1].objective), abs=1e-12)
    for name, value in found[0][0].params.items():
        torch.testing.assert_close(found[1][0].params[name], value)


def registered(name: str) -> Any:
    from hikaku.techniques import registry

    return registry.build(use(name), ".")


def test_pieces_are_as_few_as_fit_and_even() -> None:
    mib = 1 << 20
    assert micro_batch(mib, 1024) == 0
    assert micro_batch(4 * mib, 1024) == 0
    assert micro_batch(4 * mib + 1, 1024) == 512
    assert micro_batch(8 * mib, 1000) == 500
    assert micro_batch(9 * mib, 1000) == 334
    assert micro_batch(2 * BOUND, 3) == 1
    assert micro_batch(0, 64) == 0


def reason(asked: Job, **changes: Any) -> str:
    trial = prepared(asked)
    program = replace(trial.program, **changes)
    found = why_whole(program, trial.state, rows(trial.material.train.x, torch.arange(4)))
    return "" if found is None else str(found)


@dataclass(frozen=True)
class Loud:
    """A penalty on what comes out of activations."""

    reads_activations = True

    def penalty(self, params: Tensors, activations: Tensors, facts: Facts) -> Tensor:
        return torch.zeros(())


@dataclass(frozen=True)
class Worst:
    """The loss of the worst sample of a batch: no mean."""

    def loss(self, logits: Tensor, target: Tensor, moment: Moment) -> Tensor:
        return -(target * logits.log_softmax(1)).sum(1).min()


def test_what_needs_the_whole_batch_gets_it() -> None:
    assert reason(job()) == reason(job(**RICH)) == ""
    assert "mixes the samples" in reason(job(layers=(use("batch-norm"),)))
    slots = prepared(job()).program.slots
    assert "mean over samples" in reason(job(), slots=replace(slots, loss=Worst()))
    assert "activations" in reason(job(), slots=replace(slots, penalty=(Loud(),)))
    habits = replace(prepared(job()).program.habits, draws_in_training=True)
    assert "numbers of its own" in reason(job(), habits=habits)


OWN = """
import torch
from torch import nn

class Net(nn.Module):
    def __init__(self, inputs, classes):
        super().__init__()
        self.dense = nn.Linear(64, classes)
        {init}

    def forward(self, x):
        x = x.flatten(1)
        {forward}
        return self.dense(x)
"""
MODELS = {
    "centred by the batch": ("", "x = x - x.mean(0)", "mixes the samples"),
    "torch's norm": (
        "self.norm = nn.BatchNorm1d(64, track_running_stats=False)\n"
        "        nn.init.zeros_(self.dense.weight)",
        "x = self.norm(x)",
        "mixes the samples",
    ),
    "a counter": (
        "self.register_buffer('seen', torch.zeros(()))",
        "self.seen += 1",
        "mixes the samples",
    ),
    "by sample": ("self.norm = nn.LayerNorm(64)", "x = self.norm(x)", ""),
    "noise by sample": ("", "x = nn.functional.dropout(x, 0.5, self.training)", ""),
}


@pytest.mark.parametrize("name", MODELS)
def test_a_model_of_ones_own_is_looked_at(name: str, tmp_path: Path) -> None:
    init, forward, expected = MODELS[name]
    (tmp_path / "my_model.py").write_text(OWN.format(init=init or "pass", forward=forward))
    asked = job()
    model = replace(asked.work.model, name="my_model.py:Net", settings=())
    asked = replace(asked, folder=str(tmp_path), work=replace(asked.work, model=model))
    found = reason(asked)
    assert expected in found
    assert bool(expected) == bool(found)


def test_nothing_moves_while_a_trial_is_looked_at() -> None:
    trial = prepared(job(layers=(use("dropout"),)))
    before = {name: value.clone() for name, value in trial.state.weights.items()}
    kept = {name: value.clone() for name, value in trial.program.train_model.state_dict().items()}
    generator = torch.get_rng_state()
    why_whole(trial.program, trial.state, rows(trial.material.train.x, torch.arange(4)))
    assert torch.equal(torch.get_rng_state(), generator)
    assert all(torch.equal(before[name], value) for name, value in trial.state.weights.items())
    now = trial.program.train_model.state_dict()
    assert all(torch.equal(kept[name], value) for name, value in now.items())
