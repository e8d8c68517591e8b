"""fp32, bf16 and fp64 are three ways to compute one trial, from the same start."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import load_file
from tiny import job, recipe, use
from torch import Tensor
from torch.nn import functional as F
from torch.utils._pytree import tree_leaves

from hikaku.draws import Draws
from hikaku.execution.plain import Prepared, prepare_process, prepared
from hikaku.run.export_model import export
from hikaku.study.recipe import Dtype
from hikaku.study.study import Keep
from hikaku.techniques.slots import History
from hikaku.training.keeping import Keeper
from hikaku.training.placement import placed_trial
from hikaku.training.precision import LiftedNorms, computing
from hikaku.training.program import CPU
from hikaku.training.restore import restored
from hikaku.training.stack import Trained
from hikaku.training.updates import updated

SLOTS = {
    "layers": (use("dropout"), use("batch-norm")),
    "penalty": (use("l2"),),
    "loss": use("label-smoothing"),
    "optimizer": use("adam", lr=0.01),
}


@pytest.fixture(autouse=True)
def as_in_a_worker() -> Iterator[None]:
    prepare_process()
    yield
    assert torch.get_default_dtype() == torch.float32
    assert not torch.is_autocast_enabled("cpu")


def trial(precision: Dtype, **slots: object) -> Prepared:
    made = prepared(job(**(slots or SLOTS)))
    parts = placed_trial(made.program, made.state, made.material, CPU, precision)
    return replace(made, **dict(zip(("program", "state", "material"), parts, strict=True)))


def trained(precision: Dtype, **slots: object) -> Trained:
    return trial(precision, **slots).train(lambda seen: None)


def curve(found: Trained, split: str = "validation") -> list[float]:
    rows = (row for row in found.records if row.reading == "curve")
    return [row.value for row in rows if (row.metric, row.split) == ("loss", split)]


def real(found: object) -> list[Tensor]:
    return [leaf for leaf in tree_leaves(found) if leaf.is_floating_point() and leaf.dim()]


def test_fp32_is_what_it_always_was() -> None:
    made = prepared(job(**SLOTS))
    assert curve(made.train(lambda seen: None)) == curve(trained("fp32"))


@pytest.mark.parametrize("precision", ["bf16", "fp64"])
def test_another_precision_gives_other_bits_of_the_same_training(precision: Dtype) -> None:
    ours, theirs = curve(trained(precision)), curve(trained("fp32"))
    assert ours != theirs
    np.testing.assert_allclose(ours, theirs, rtol=0.1)


def test_all_start_from_the_same_weights() -> None:
    first = trial("fp32").state.params
    for precision in ("bf16", "fp64"):
        for name, value in trial(precision).state.params.items():
            assert torch.equal(value.float(), first[name])


def test_in_fp64_every_real_number_is_one() -> None:
    ended = trained("fp64").state
    assert {value.dtype for value in real(ended.tree())} == {torch.float64}
    made = trial("fp64")
    assert made.material.data[1].dtype == made.material.test.x.dtype == torch.float64
    noise = made.program.draw_noise(Draws(0), 0, 4)
    assert {value.dtype for value in noise.values()} == {torch.float64}
    assert made.program.predict(made.state.weights, made.material.test.x[:2]).dtype == torch.float64


def test_fp64_is_exact_where_fp32_rounds() -> None:
    # A sum of losses in float32 keeps 24 bits; in float64 they are 53.
    made = trial("fp64")
    index = torch.arange(16)
    _, read = updated(made.program, made.state, made.material.data, index, 0, Draws(0), History())
    assert float(read.objective) != float(read.objective.float())


def test_in_bf16_products_are_short_and_everything_kept_is_float32() -> None:
    made, seen = trial("bf16"), []
    for module in made.program.train_model.modules():
        if isinstance(module, (torch.nn.Linear, torch.nn.Conv2d)):
            module.register_forward_hook(lambda module, args, output: seen.append(output.dtype))
    ended = made.train(lambda seen: None).state
    assert set(seen) == {torch.bfloat16}
    assert {value.dtype for value in real(ended.tree())} == {torch.float32}
    answer = made.program.predict(made.state.weights, made.material.test.x[:2])
    assert answer.dtype == torch.float32


def test_bf16_learns_as_fp32_does() -> None:
    short, long = (
        curve(trained(precision, optimizer=use("adam", lr=0.01), epochs=40), "train")
        for precision in ("bf16", "fp32")
    )
    assert short[-1] < 0.5 * short[0]
    assert short[-1] == pytest.approx(long[-1], rel=0.3)


@pytest.mark.parametrize("precision", ["bf16", "fp64"])
def test_a_kept_model_answers_as_it_was_trained(precision: Dtype, tmp_path: Path) -> None:
    made = trial(precision)
    work = replace(made.job.work, recipe=recipe(**SLOTS, precision=precision))
    blueprint = replace(made.blueprint, work=work)
    place = tmp_path / "trial"
    with Keeper(Keep("last"), made.program, blueprint, place, 3) as keeper:
        ended = made.train(keeper.hear)
        keeper.finish(ended)
    (file,) = place.iterdir()
    kept = {value.dtype for value in load_file(file).values() if value.is_floating_point()}
    assert kept == {torch.float64 if precision == "fp64" else torch.float32}
    again = restored(file, blueprint, ".")
    x = prepared(job()).material.test.x[:50]
    assert isinstance(x, Tensor)
    theirs = made.program.predict(ended.state.weights, made.material.test.x[:50])
    near = 1e-12 if precision == "fp64" else 0.05
    torch.testing.assert_close(again.answer(x), theirs, rtol=near, atol=near)
    for form in ("safetensors", "pt2"):
        export(again, form, tmp_path / form)  # which compares it with the model


@pytest.mark.parametrize("training", [True, False])
def test_a_norm_in_sixteen_bits_can_be_lifted(training: bool) -> None:
    x = torch.randn(8, 4, 5, 5, generator=torch.Generator().manual_seed(0)).bfloat16()
    weights, mean, variance = torch.rand(3, 4), torch.zeros(4), torch.ones(4)

    def normed(weight: Tensor) -> Tensor:
        running = (None, None) if training else (mean, variance)
        return F.batch_norm(x, *running, weight, None, training)

    with computing("bf16", torch.device("cpu")):
        alone = torch.stack([normed(weight) for weight in weights])
        with LiftedNorms():
            lifted = torch.func.vmap(normed)(weights)  # noqa: TID251 - one call is lifted here
    assert lifted.dtype == alone.dtype == torch.bfloat16
    torch.testing.assert_close(lifted, alone)
