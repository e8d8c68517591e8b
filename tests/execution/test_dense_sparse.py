"""Inputs without their zeros: the same products and trainings, and bits that hang on nobody."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch
from chain_arms import COMBINED, every_arm
from dense_stacks import bits, doubles, emptied, start, together
from stacks import alone, assert_alike
from tiny import job, use

from hikaku.execution.arithmetic import Arithmetic
from hikaku.execution.dense.gather import NARROW, WIDE
from hikaku.execution.dense.inputs import Sparse, Whole
from hikaku.execution.together import dense_stack, prepared_together
from hikaku.study.catalogue import models
from hikaku.techniques.slots import Tensors

SIZES = [(1, 1, 16), (7, 5, 4), (3, 40, NARROW), (20, 13, WIDE), (100, 784, 2 * WIDE + 36)]
DTYPES = [torch.float32, torch.float64]
SEEDS = (0, 1)


def case(size: tuple[int, int, int], dtype: torch.dtype, share: float = 0.2) -> Tensors:
    """Rows with few numbers, an empty one among them, and what lies beside the lanes' columns."""
    rows, inner, columns = size
    chance = torch.Generator().manual_seed(rows)
    kept = torch.rand(rows, inner, generator=chance) < share
    x = torch.randn(rows, inner, dtype=dtype, generator=chance) * kept
    x[rows // 2] = 0
    # Lanes of a seed are part of a wider matrix: rows are further apart than they are long.
    weights, dz, out, grads = (
        torch.randn(n, columns + 16, dtype=dtype, generator=chance)[:, 16:]
        for n in (inner, rows, rows, inner)
    )
    return {"x": x, "weights": weights, "dz": dz, "out": out, "grads": grads}


@pytest.mark.parametrize("dtype", DTYPES, ids=str)
@pytest.mark.parametrize("size", SIZES, ids=str)
@pytest.mark.parametrize("share", [0.0, 0.2, 1.0])
def test_products_are_those_of_the_whole_matrix(
    size: tuple[int, int, int], dtype: torch.dtype, share: float
) -> None:
    given = case(size, dtype, share)
    x, weights, dz, grads = (given[n].double() for n in ("x", "weights", "dz", "grads"))
    inputs = Sparse(given["x"])
    close = {"rtol": 1e-5, "atol": 1e-4} if dtype == torch.float32 else {"rtol": 0, "atol": 1e-12}
    given["out"][:] = torch.nan
    inputs.forward(given["weights"], given["out"], size[2])
    torch.testing.assert_close(given["out"].double(), x @ weights, **close)
    for alpha, beta in ((-1.0, 1.0), (1.0, 1.0), (1.0, 0.0)):
        there = given["grads"].clone()
        if beta == 0:
            there[:] = torch.nan
        inputs.gradient(given["dz"], there, size[2], alpha, beta)
        torch.testing.assert_close(there.double(), beta * grads + alpha * x.T @ dz, **close)


def test_nothing_beside_the_columns_is_touched() -> None:
    given = case((20, 13, 100), torch.float32)
    inputs = Sparse(given["x"])
    out, grads = (torch.full((rows, 132), 7.0) for rows in (20, 13))
    inputs.forward(given["weights"], out[:, 16:116], 100)
    inputs.gradient(given["dz"], grads[:, 16:116], 100)
    for whole in (out, grads):
        assert (whole[:, :16] == 7).all() and (whole[:, 116:] == 7).all()
        assert not (whole[:, 16:116] == 7).all()


@pytest.mark.parametrize("dtype", DTYPES, ids=str)
@pytest.mark.parametrize("columns", [16, 20, 100])
def test_a_columns_bits_hang_neither_on_its_place_nor_on_others(
    columns: int, dtype: torch.dtype
) -> None:
    given = case((50, 300, 7 * columns), dtype)
    inputs = Sparse(given["x"])
    inputs.forward(given["weights"], given["out"], columns)
    inputs.gradient(given["dz"], given["grads"], columns, beta=0)
    for lane in range(7):
        own = slice(lane * columns, (lane + 1) * columns)
        out, grads = torch.empty(50, columns, dtype=dtype), torch.empty(300, columns, dtype=dtype)
        inputs.forward(given["weights"][:, own].clone(), out, columns)
        inputs.gradient(given["dz"][:, own].clone(), grads, columns, beta=0)
        assert torch.equal(out, given["out"][:, own])
        assert torch.equal(grads, given["grads"][:, own])


def test_rows_alone_are_the_same_bits_as_among_others() -> None:
    given = case((50, 300, 100), torch.float32)
    Sparse(given["x"]).forward(given["weights"], given["out"], 100)
    for row in (0, 25, 49):
        out = torch.empty(1, 100)
        Sparse(given["x"][row : row + 1]).forward(given["weights"], out, 100)
        assert torch.equal(out[0], given["out"][row])


def test_a_zero_meets_no_number() -> None:
    """So what is infinite in a weight that no sample uses stays there."""
    x, weights, out = torch.zeros(2, 3), torch.ones(3, 16), torch.empty(2, 16)
    x[:, 1] = 2
    weights[0] = torch.inf
    Sparse(x).forward(weights, out, 16)
    assert (out == 2).all()
    Whole(x).forward(weights, out, 16)
    assert out.isnan().all()


def test_every_technique_ends_as_alone_in_float64() -> None:
    arms = [*every_arm().values(), *COMBINED.values()]
    starts = doubles(emptied([start(0, **slots) for slots in arms]))
    for one, trained in zip(starts, together(starts, sparse=True), strict=True):
        assert_alike(alone(one), trained)


SHAPES: dict[str, dict[str, object]] = {
    "784-100-10": {"hidden": (100,), "inputs": 784, "classes": 10, "batch_size": 100},
    "12-13-9-3": {"hidden": (13, 9), "classes": 3},
    "9-3": {"hidden": (), "inputs": 9, "classes": 3},
}
ARMS: tuple[dict[str, object], ...] = (
    {},
    {"optimizer": use("momentum", lr=0.05), "penalty": (use("l2", amount=0.01),)},
    {"optimizer": use("adam", lr=0.01)},
    {"clip": (use("clip-norm", limit=0.1),)},
    {"optimizer": use("sgd", lr=1e30)},
)
"""Every rule by which weights follow their gradients; one trial diverges."""


@pytest.mark.parametrize("shape", SHAPES.values(), ids=SHAPES)
def test_no_bit_of_a_trial_hangs_on_company(shape: dict[str, object]) -> None:
    shape = {"samples": 230, "steps": 12} | shape
    starts = emptied([start(seed, **shape, **arm) for arm in ARMS for seed in SEEDS])
    whole = [bits(trained) for trained in together(starts, sparse=True)]
    for members in ([0], [3], [8], [5, 2], [9, 0, 4, 7], range(9, -1, -1)):
        found = together([starts[number] for number in members], sparse=True)
        for number, trained in zip(members, found, strict=True):
            assert bits(trained) == whole[number], (number, members)


def test_in_float32_zeros_left_out_move_a_loss_by_roundings_alone() -> None:
    shape = {"hidden": (64,), "inputs": 400, "classes": 10, "batch_size": 100, "samples": 230}
    starts = emptied([start(seed, **shape, steps=20) for seed in range(3)])
    both = together(starts), together(starts, sparse=True)
    mine, its = ([[r.value for r in one.records if r.metric == "loss"] for one in s] for s in both)
    np.testing.assert_allclose(its, mine, rtol=1e-4)
    assert mine != its, "not one bit differs: is anything left out at all?"


@pytest.mark.parametrize("sparse", [True, False])
def test_a_stack_computes_as_its_arithmetic_says(sparse: bool) -> None:
    asked = job()
    work = replace(asked.work, model=models()["mlp"].use({"hidden": (7,)}))
    asked = replace(asked, work=work, arithmetic=Arithmetic(engine="dense", sparse=sparse))
    stack = dense_stack(list(prepared_together([asked])))
    assert stack.taken is (Sparse if sparse else Whole)
