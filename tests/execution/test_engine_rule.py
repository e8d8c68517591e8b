"""The arithmetic follows from base's shapes and the kind of device, and from nothing else."""

from __future__ import annotations

from dataclasses import replace

import pytest
from surveys import CHAIN

from hikaku.errors import EnvironmentFault
from hikaku.execution.arithmetic import Arithmetic
from hikaku.execution.rule import GPU_WIDTH, base_arithmetic, variant_arithmetic
from hikaku.study.recipe import Dtype
from hikaku.study.study import Engine
from hikaku.training import tiles
from hikaku.training.survey import Survey
from hikaku.words import message

CPU, CUDA, MPS = "cpu x86_64", "cuda Some GPU", "mps Apple"

CONVOLVES = message("it convolves")
CONV = replace(
    CHAIN, widths=(), no_chain=CONVOLVES, not_in_book=CONVOLVES, convolves=True, micro=64
)
AUGMENTED = replace(CHAIN, not_taken=message("the augment slot is filled"))
UNLIFTED = replace(CHAIN, not_lifted=message("it looks at its numbers"))
UNWRITTEN = replace(CHAIN, not_in_book=message("it has no mish"))
NORMED = replace(CONV, batch_norm=True, micro=0)


def base(
    survey: Survey | None, wanted: Engine = "auto", dtype: Dtype = "fp32", device: str = CPU
) -> Arithmetic:
    return base_arithmetic(survey, wanted, dtype, device)


def test_chains_of_dense_layers_are_stacked_by_hand_on_a_processor() -> None:
    assert base(CHAIN) == Arithmetic("dense", CPU)
    assert base(CHAIN, dtype="fp64") == Arithmetic("dense", CPU, "fp64")


SPARSE = replace(CHAIN, zeros=0.81)


def test_zeros_are_left_out_where_most_of_the_inputs_are_zero() -> None:
    assert base(SPARSE) == Arithmetic("dense", CPU, sparse=True)
    assert "zeros of the inputs left out" in str(base(SPARSE))
    assert not base(replace(CHAIN, zeros=0.75)).sparse


@pytest.mark.parametrize("engine", ["plain", "stacked", "book"])
def test_zeros_are_left_out_by_the_dense_engine_alone(engine: Engine) -> None:
    assert not base(SPARSE, engine).sparse


def test_a_variant_treats_zeros_as_base_does() -> None:
    assert variant_arithmetic(CHAIN, base(SPARSE), "fp32").sparse
    assert not variant_arithmetic(SPARSE, base(CHAIN), "fp32").sparse
    assert not variant_arithmetic(
        replace(SPARSE, no_chain=message("no")), base(SPARSE), "fp32"
    ).sparse


def test_what_convolves_is_trained_plainly_with_kernels_of_its_own() -> None:
    found = base(CONV)
    assert (found.engine, found.kernels, found.micro) == ("plain", "fused", 64)
    assert base(NORMED).micro == 0


@pytest.mark.parametrize("has_amx", [True, False])
def test_in_bf16_convolutions_use_amx_where_there_is_one(
    has_amx: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tiles, "ours", lambda: has_amx)
    expected = "amx" if has_amx else "fused"
    assert base(CONV, dtype="bf16").kernels == expected
    assert ("by AMX" in str(base(CONV, dtype="bf16"))) == has_amx
    assert base(CONV).kernels == base(CONV, dtype="fp64").kernels == "fused"
    assert base(CHAIN, dtype="bf16").kernels == "torch"
    # A variant that sets the precision is computed as a base of that precision is.
    assert variant_arithmetic(CONV, base(CONV), "bf16").kernels == expected
    assert variant_arithmetic(CONV, base(CONV, dtype="bf16"), "fp32").kernels == "fused"


@pytest.mark.parametrize("survey", [AUGMENTED, replace(CHAIN, no_chain=message("no"))])
def test_what_is_no_chain_or_not_taken_is_trained_plainly(survey: Survey) -> None:
    assert base(survey) == Arithmetic("plain", CPU)


def test_sixteen_bits_are_trained_plainly() -> None:
    assert base(CHAIN, dtype="bf16").engine == "plain"


def test_what_nobody_could_look_at_is_trained_plainly() -> None:
    assert base(None) == Arithmetic("plain", CPU)
    assert base(None, device=CUDA) == Arithmetic("plain", CUDA)


def test_a_gpu_stacks_what_can_be_lifted_in_one_width() -> None:
    assert base(CHAIN, device=CUDA) == Arithmetic("stacked", CUDA, width=GPU_WIDTH)
    assert base(CONV, device=CUDA).kernels == "torch"
    assert base(UNLIFTED, device=CUDA) == Arithmetic("plain", CUDA)


def test_other_devices_train_plainly() -> None:
    assert base(CHAIN, device=MPS) == Arithmetic("plain", MPS)


@pytest.mark.parametrize("engine", ["plain", "stacked", "dense", "book"])
def test_an_engine_that_is_asked_for_is_taken_where_it_can(engine: Engine) -> None:
    assert base(CHAIN, engine).engine == engine


@pytest.mark.parametrize(
    ("survey", "engine", "dtype", "device", "why"),
    [
        (CONV, "dense", "fp32", CPU, "it convolves"),
        (AUGMENTED, "dense", "fp32", CPU, "augment slot"),
        (CHAIN, "dense", "bf16", CPU, "float32 and float64"),
        (CHAIN, "dense", "fp32", CUDA, "processor alone"),
        (UNLIFTED, "stacked", "fp32", CPU, "it looks at its numbers"),
        (CONV, "book", "fp32", CPU, "it convolves"),
        (UNWRITTEN, "book", "fp32", CPU, "has no mish"),
        (CHAIN, "book", "bf16", CPU, "in float64 alone"),
        (CHAIN, "book", "fp32", CUDA, "processor"),
    ],
)
def test_an_engine_that_cannot_is_refused_with_its_reason(
    survey: Survey, engine: Engine, dtype: Dtype, device: str, why: str
) -> None:
    with pytest.raises(EnvironmentFault) as refused:
        base(survey, engine, dtype, device)
    assert f"--engine {engine}" in refused.value.text()
    assert why in refused.value.text() and "--engine plain" in refused.value.text()


def test_a_variant_follows_base_where_the_engine_can_take_it() -> None:
    dense = base(CHAIN)
    assert variant_arithmetic(CHAIN, dense, "fp32") == dense
    assert variant_arithmetic(replace(CHAIN, parameters=1), dense, "fp64").dtype == "fp64"
    assert variant_arithmetic(CONV, base(CONV), "fp32") == base(CONV)


@pytest.mark.parametrize("survey", [AUGMENTED, replace(CHAIN, no_chain=message("no")), None])
def test_a_variant_that_the_engine_cannot_take_is_trained_plainly(survey: Survey | None) -> None:
    assert variant_arithmetic(survey, base(CHAIN), "fp32") == Arithmetic("plain", CPU)


@pytest.mark.parametrize("dtype", ["fp32", "fp64"])
def test_the_book_computes_in_float64_whatever_is_asked_for(dtype: Dtype) -> None:
    book = Arithmetic("book", CPU, "fp64")
    assert base(CHAIN, "book", dtype) == book
    assert variant_arithmetic(CHAIN, book, dtype) == book


@pytest.mark.parametrize("survey", [AUGMENTED, UNWRITTEN, CONV, None])
def test_what_the_book_cannot_take_is_trained_plainly_in_float64_too(
    survey: Survey | None,
) -> None:
    """So it differs from the twin of base that it is compared with in nothing but its treatment."""
    found = variant_arithmetic(survey, base(CHAIN, "book"), "fp32")
    assert (found.engine, found.dtype) == ("plain", "fp64")


def test_a_variant_in_sixteen_bits_leaves_a_dense_base() -> None:
    assert variant_arithmetic(CHAIN, base(CHAIN), "bf16") == Arithmetic("plain", CPU, "bf16")


def test_a_variant_never_moves_base() -> None:
    """Whatever variants there are, base is computed as its own shapes say."""
    assert base(CHAIN) == base(replace(CHAIN, signature="other", program="other", flops=None))


def test_a_variant_with_batch_norm_takes_the_whole_batch_at_once() -> None:
    variant = variant_arithmetic(NORMED, base(CONV), "fp32")
    assert (variant.micro, variant.kernels) == (0, "fused")
    chainlike = variant_arithmetic(CONV, base(NORMED), "fp32")
    assert chainlike.micro == 0


def test_all_of_an_arithmetic_stands_in_its_text() -> None:
    plain = Arithmetic(device=CPU)
    changed = (
        {"engine": "dense"},
        {"device": CUDA},
        {"dtype": "fp64"},
        {"threads": 2},
        {"kernels": "fused"},
        {"kernels": "amx"},
        {"micro": 8},
        {"width": 32},
    )
    texts = {str(plain), *(str(replace(plain, **one)) for one in changed)}  # type: ignore[arg-type]  # any field
    assert len(texts) == 1 + len(changed)
