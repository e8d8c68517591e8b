"""What training costs in operations is counted right, and costs no result a bit."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from kinds import Kind
from own_models import job as own_job
from own_models import prepared_as_in_a_worker
from tiny import job, recipe, run_trial, use
from torch.utils.flop_counter import FlopCounterMode

from hikaku.draws import Draws
from hikaku.execution.plain import Prepared, prepared
from hikaku.study.catalogue import models
from hikaku.study.recipe import Recipe
from hikaku.techniques.slots import History
from hikaku.training import flops
from hikaku.training.flops import plain_kernels, scaled, seen, update_flops
from hikaku.training.outside_random import generators
from hikaku.training.rehearsal import copied
from hikaku.training.updates import batches, updated

pytestmark = pytest.mark.usefixtures(prepared_as_in_a_worker.__name__)

PIXELS, CLASSES = 64, 10


def counted(trial: Prepared) -> int | None:
    return update_flops(trial.program, trial.state, trial.material.data, trial.job.work.recipe)


def mlp_trial(hidden: tuple[int, ...], **slots: Any) -> Prepared:
    asked = job(**slots)
    model = models()["mlp"].use({"hidden": hidden})
    return prepared(replace(asked, work=replace(asked.work, model=model)))


def dense(sizes: tuple[int, ...], batch: int) -> int:
    """Forward 2mnk, backward twice that, less the gradient of what comes into the first layer."""
    layers = [2 * batch * n * k for n, k in pairwise(sizes)]
    return 3 * sum(layers) - layers[0]


@pytest.mark.parametrize("hidden", [(5,), (12, 7)])
def test_dense_layers_cost_three_forward_passes_less_the_gradient_of_the_data(
    hidden: tuple[int, ...],
) -> None:
    assert counted(mlp_trial(hidden)) == dense((PIXELS, *hidden, CLASSES), 16)
    assert counted(mlp_trial(hidden, batch_size=8)) == dense((PIXELS, *hidden, CLASSES), 8)


def test_convolutions_cost_their_kernel_at_every_pixel() -> None:
    # small-cnn (4, 8), 16: two convolutions of 3 x 3, each pooled to half the height and width.
    first = 2 * 9 * 1 * 4 * 8 * 8
    rest = 2 * 9 * 4 * 8 * 4 * 4 + 2 * (8 * 2 * 2 * 16 + 16 * CLASSES)
    assert counted(prepared(job())) == 16 * (2 * first + 3 * rest)


FEW, ALL = [*flops.SMALL], [*flops.SMALL, 200]


@pytest.mark.parametrize(
    ("cost", "asked_for"),
    [
        (lambda count: 7 + 3 * count, FEW),
        (lambda count: count**2, ALL),
        (lambda count: 5 * (count // 2), ALL),
        (lambda count: 5 * -(-count // 16), ALL),
        (lambda count: 3 * count if count <= 25 else 4 * count, ALL),
        (lambda count: 1000 - count, ALL),
        (lambda count: 3 * count if count > 3 else None, [3, 200]),
    ],
    ids=["a line", "a square", "pairs", "padding", "a step", "falling", "not few"],
)
def test_a_large_batch_is_computed_only_where_small_ones_do_not_tell(
    cost: Any, asked_for: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    counts: list[int] = []

    def count_of(program: Any, state: Any, data: Any, count: int) -> int | None:
        counts.append(count)
        found: int | None = cost(count)
        return found

    monkeypatch.setattr(flops, "_counted", count_of)
    trial = large(mlp_trial((5,)))
    assert counted(trial) == cost(200)
    assert counts == asked_for
    counts.clear()
    pieces = replace(trial, program=replace(trial.program, micro=50))
    assert counted(pieces) == cost(200)
    assert counts == [200]  # what is computed once a piece is no matter of samples


def large(trial: Prepared) -> Prepared:
    """Return the trial with a batch of 200, drawn from its few samples."""
    asked = replace(trial.job.work.recipe, batch_size=200, order="with-replacement")
    return replace(trial, job=replace(trial.job, work=replace(trial.job.work, recipe=asked)))


@pytest.mark.parametrize("model", ["small-cnn", "mlp"])
def test_a_large_batch_costs_what_its_samples_cost(model: str) -> None:
    trial = large(mlp_trial((5, 4)) if model == "mlp" else prepared(job()))
    whole = flops._counted(trial.program, trial.state, trial.material.data, 200)
    one = flops._counted(trial.program, trial.state, trial.material.data, 2)
    assert counted(trial) == whole == 100 * (one or 0)


@pytest.mark.parametrize("rows", [10, 30])
def test_what_torch_does_another_way_for_more_samples_is_counted_as_it_is(rows: int) -> None:
    """`cdist` is a product of matrices above 25 rows."""
    trial = large(mlp_trial((5,)))

    class Far:
        def gradient(self, value_and_grad: Any, params: Any) -> Any:
            found = value_and_grad(params)
            x = torch.zeros(seen_by[-1], 4)
            torch.cdist(x, torch.zeros(rows, 4))
            return found

    seen_by: list[int] = []
    counts = flops._counted

    def noted(program: Any, state: Any, data: Any, count: int) -> int | None:
        seen_by.append(count)
        return counts(program, state, data, count)

    slots = replace(trial.program.slots, gradient=Far())
    trial = replace(trial, program=replace(trial.program, slots=slots))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(flops, "_counted", noted)
        found = counted(trial)
    assert found == noted(trial.program, trial.state, trial.material.data, 200)


def test_products_of_an_optimizer_or_a_penalty_count_and_elementwise_work_does_not() -> None:
    plain = counted(mlp_trial((5,)))
    assert counted(mlp_trial((5,), optimizer=use("adam"), penalty=(use("l2"),))) == plain
    trial = mlp_trial((5,))

    class Twice:
        def gradient(self, value_and_grad: Any, params: Any) -> Any:
            value_and_grad(params)
            return value_and_grad(params)

    slots = replace(trial.program.slots, gradient=Twice())
    assert counted(replace(trial, program=replace(trial.program, slots=slots))) == 2 * (plain or 0)


@pytest.mark.parametrize("batch_size", [7, 16, 40, 64])
@pytest.mark.parametrize("order", ["shuffle", "with-replacement"])
def test_a_trial_costs_the_sum_of_its_updates(batch_size: int, order: Any) -> None:
    """All updates are counted one by one, small last batches included: 40 = 5 * 7 + 5."""
    trial = mlp_trial((5,), batch_size=batch_size, order=order, epochs=2)
    asked, steps = trial.job.work.recipe, trial.size.steps
    one_by_one = sum(
        dense((PIXELS, 5, CLASSES), len(batch))
        for batch in batches(asked, 40, trial.program.facts, Draws(0))
    )
    whole = update_flops(trial.program, trial.state, trial.material.data, asked)
    assert whole is not None
    found = scaled(whole, trial.program.facts, asked, 40, steps)
    assert found == pytest.approx(one_by_one, rel=1e-12)


@pytest.mark.fault("C15")
def test_a_last_batch_of_one_is_not_learnt_from() -> None:
    asked: Recipe = recipe(batch_size=13)
    assert seen(asked, 40, steps_per_epoch=3, steps=3) == 39
    assert seen(asked, 40, steps_per_epoch=3, steps=4) == 39 + 13


def test_an_outcome_says_what_the_updates_cost_that_were_made() -> None:
    measured = run_trial(job(steps=5, epochs=None), lambda step, steps: None)
    whole = counted(prepared(job()))
    assert whole is not None and measured.outcome.step == 5
    # Of 40 samples in batches of 16, the third and last is of 8.
    assert measured.outcome.cost["flops"] == pytest.approx(whole * (4 + 0.5))


def test_counting_moves_no_generator_and_changes_neither_state_nor_data() -> None:
    trial = prepared(job(layers=(use("batch-norm"), use("dropout"))))
    weights = {name: value.clone() for name, value in trial.state.weights.items()}
    data, moved = trial.material.train.x.clone(), generators()
    assert counted(trial) == counted(trial)
    assert generators() == moved
    assert torch.equal(trial.material.train.x, data)
    assert all(torch.equal(weights[n], value) for n, value in trial.state.weights.items())


MODEL = """
{head}

class Net(nn.Module):
    def __init__(self, inputs, classes):
        super().__init__()
        self.fc1, self.fc2 = {layer}(nn.Linear(inputs[0], 8)), nn.Linear(8, classes)

    def forward(self, x):
        {before}
        return self.fc2(F.relu(self.fc1(x)))
"""


def own_trial(folder: Path, layer: str = "", before: str = "pass", head: str = "") -> Prepared:
    text = MODEL.format(layer=layer, before=before, head=head)
    return prepared(own_job(Kind("", text), "base", folder))


def test_weights_that_are_computed_from_others_are_counted(tmp_path: Path) -> None:
    head = "from torch.nn.utils.parametrizations import weight_norm"
    assert counted(own_trial(tmp_path, "weight_norm", head=head)) == dense((6, 8, 3), 8)


def test_a_model_that_cannot_be_counted_costs_an_unknown_number_and_no_error(
    tmp_path: Path,
) -> None:
    head = "from torch.utils._python_dispatch import _get_current_dispatch_mode as mode"
    before = "assert mode() is None or type(mode()).__name__ != 'Counter'"
    text = MODEL.format(layer="", before=before, head=head)
    asked = own_job(Kind("", text), "base", tmp_path)
    assert counted(prepared(asked)) is None
    outcome = run_trial(asked, lambda step, steps: None).outcome
    assert outcome.status == "done" and outcome.cost.keys() == {"seconds", "peak_mib"}


def test_a_recurrent_kernel_costs_three_forward_passes(tmp_path: Path) -> None:
    """It also makes the gradient of what comes in, where nobody asks for it."""
    text = """
class Net(nn.Module):
    def __init__(self, inputs, classes):
        super().__init__()
        self.recurrent, self.head = nn.LSTM(4, 6), nn.Linear(6, classes)

    def forward(self, x):
        return self.head(self.recurrent(x.transpose(0, 1))[0][-1])
"""
    steps, gates = 9, 24
    found = counted(prepared(own_job(Kind("", text, "series"), "base", tmp_path)))
    assert found == 3 * 2 * 8 * (steps * gates * (4 + 6) + 6 * 3)


def test_the_count_is_that_of_torchs_own_counter() -> None:
    trial = prepared(job(layers=(use("batch-norm"), use("dropout"), use("gelu"))))
    index = torch.from_numpy(np.arange(16))
    with plain_kernels(), FlopCounterMode(display=False) as counter:
        updated(
            *(copied(trial.program), trial.state, trial.material.data, index),
            *(0, Draws(0), History()),
        )
    assert counted(trial) == counter.get_total_flops()
