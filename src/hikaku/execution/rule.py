"""THE rule: by which arithmetic an arm is computed, from shapes, data and kind of machine alone.

    chains of dense layers on a processor      dense     many trials as one program, by hand
    on a GPU, where the step can be lifted     stacked   many trials as one program, by vmap
    everything else                            plain     one trial in each process
    only where it is asked for                 book      one trial, by the NumPy library, in float64

Of the data the share of zeros counts: a dense stack leaves them out where they are many. Of the
processor it counts whether it has AMX, where convolutions are in bf16. What is known of base
decides; a variant follows where the engine can take it, and is computed plainly where it cannot. No
timing enters, so a study has one arithmetic for ever.
"""

from __future__ import annotations

from dataclasses import replace

from hikaku.errors import EnvironmentFault
from hikaku.execution.arithmetic import Arithmetic, Engine, Kernels
from hikaku.execution.plan import WIDEST
from hikaku.execution.widths import lanes_that_fit
from hikaku.study.recipe import Dtype
from hikaku.study.study import Engine as Wanted
from hikaku.training import tiles
from hikaku.training.survey import Survey
from hikaku.words import Message, message

SPARSE = 0.75
"""Where more of the inputs' numbers are zero, a processor leaves the zeros out."""

GPU_WIDTH = 32
"""Lanes of a stack on a GPU, where bits may hang on it; fewer where they would not fit."""

GPU_MEMORY = 16 << 30
"""Bytes that a stack may take on a GPU: what most have, so that all compute alike."""


def base_arithmetic(survey: Survey | None, wanted: Wanted, dtype: Dtype, device: str) -> Arithmetic:
    """Return how base is computed; `survey` is None where nothing could be found out about it.

    Raises `EnvironmentFault` where it is `wanted` by an engine that cannot take it.
    """
    plain = Arithmetic(device=device, dtype=dtype)
    if survey is None:
        return plain
    engine: Engine
    if wanted == "auto":
        engine = next(one for one in ORDER[plain.kind] if why_not(one, survey, plain) is None)
    else:
        engine = wanted
    why = why_not(engine, survey, plain)
    if why is not None:
        raise EnvironmentFault.of(
            message("--engine {engine}: it cannot take base", engine=engine),
            why=why,
            mend=message("leave --engine out, or write --engine plain"),
        )
    return arithmetic(engine, survey, plain)


def variant_arithmetic(survey: Survey | None, base: Arithmetic, dtype: Dtype) -> Arithmetic:
    """Return how a variant is computed beside this base."""
    like_base = replace(base, dtype=dtype)
    if base.engine == "book":
        # Its numbers are float64, whatever a recipe asks for, and so are those it is compared with.
        dtype = base.dtype
    if survey is None:
        return Arithmetic(device=base.device, dtype=dtype)
    if why_not(base.engine, survey, like_base) is not None:
        return arithmetic("plain", survey, Arithmetic(device=base.device, dtype=dtype))
    found = replace(like_base, dtype=dtype, micro=base.micro if survey.micro else 0)
    return found if base.kernels == "torch" else replace(found, kernels=_kernels(found))


ORDER: dict[str, tuple[Engine, ...]] = {
    "cpu": ("dense", "plain"),
    "cuda": ("stacked", "plain"),
    "mps": ("plain",),
}
"""The engines that are tried on a kind of device, in order."""


def arithmetic(engine: Engine, survey: Survey, plain: Arithmetic) -> Arithmetic:
    """Return the whole arithmetic of an engine for an arm."""
    on_processor = plain.kind == "cpu"
    convolves = engine == "plain" and on_processor and survey.convolves
    return replace(
        plain,
        engine=engine,
        dtype="fp64" if engine == "book" else plain.dtype,
        kernels=_kernels(plain) if convolves else "torch",
        micro=survey.micro if engine == "plain" else 0,
        width=0 if engine != "stacked" or on_processor else width_of(survey),
        sparse=engine == "dense" and survey.zeros > SPARSE,
    )


def _kernels(asked: Arithmetic) -> Kernels:
    """Return which kernels of ours compute convolutions on a processor."""
    return "amx" if asked.dtype == "bf16" and tiles.ours() else "fused"


def width_of(survey: Survey) -> int:
    """Return how many lanes every stack on a GPU has."""
    activations = survey.activation_bytes * survey.batch_size
    return min(GPU_WIDTH, max(2, lanes_that_fit(survey.parameters, activations, GPU_MEMORY)))


def widest(arithmetic: Arithmetic) -> int:
    """Return how many trials a stack of this arithmetic may hold.

    On a processor torch's lifted kernels may round by place: there a lifted stack holds one trial.
    """
    if arithmetic.engine == "stacked":
        return arithmetic.width or 1
    return 1 if arithmetic.engine == "book" else WIDEST


def why_not(engine: Engine, survey: Survey, asked: Arithmetic) -> Message | None:
    """Return why an engine cannot compute an arm as is asked; None where it can."""
    if engine == "dense":
        if asked.kind != "cpu":
            return message("it computes on the processor alone")
        if asked.dtype == "bf16":
            return message("it computes in float32 and float64 alone")
        return survey.why_not_dense
    if engine == "book":
        if asked.kind != "cpu" or asked.dtype == "bf16":
            return message("it computes on the processor in float64 alone")
        return survey.not_taken or survey.not_in_book
    return survey.not_lifted if engine == "stacked" else None
