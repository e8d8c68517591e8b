"""How many floating-point operations training takes: counted on one update, on copies.

Products of matrices, convolutions and attention are counted, a multiplication and an addition as
two; all else, which is little, is not.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import torch
from torch import Tensor
from torch.nn.attention import SDPBackend, sdpa_kernel
from torch.utils.flop_counter import flop_registry, shape_wrapper

from hikaku.draws import Draws
from hikaku.study.recipe import Recipe
from hikaku.techniques.slots import Facts, History
from hikaku.training.dispatched import DispatchMode
from hikaku.training.memory_format import Samples
from hikaku.training.outside_random import outside_random, outside_seed
from hikaku.training.program import Program
from hikaku.training.rehearsal import copied
from hikaku.training.state import TrainState
from hikaku.training.updates import updated

Shape = tuple[int, ...]


def scaled(whole: float, facts: Facts, recipe: Recipe, samples: int, steps: int) -> float:
    """Return the operations of the first `steps` updates, where one of a whole batch has `whole`.

    `samples` are all that there are to train on.
    """
    return whole / batch_of(recipe, samples) * seen(recipe, samples, facts.steps_per_epoch, steps)


def update_flops(
    program: Program, state: TrainState, data: tuple[Samples, Tensor], recipe: Recipe
) -> int | None:
    """Return the operations of one update of a whole batch: forward, backward and all slots.

    None where counting fails, as it may on an operation that no counter knows how to follow.
    Nothing that it is given changes, and no generator moves.

    A large batch that goes as a whole is not computed for it where three small ones lie on a
    straight line: whether torch, or a model, goes another way by the size of what it meets is
    decided below the largest of them.
    """
    count = batch_of(recipe, len(data[1]))
    if count > LARGE and not 0 < program.micro < count:
        line = _line(program, state, data)
        if line is not None:
            return line[0] + count * line[1]
    return _counted(program, state, data, count)


LARGE = 128
"""Samples above which a batch is large."""

SMALL = (3, 16, 65)
"""Samples of what is counted instead: odd and even, and beyond where torch changes its ways."""


def _line(
    program: Program, state: TrainState, data: tuple[Samples, Tensor]
) -> tuple[int, int] | None:
    """Return the operations of an update of no sample, and those of each; None if there is more."""
    found: list[int] = []
    for count in SMALL:
        flops = _counted(program, state, data, count)
        if flops is None:
            return None
        found.append(flops)
    (low, middle, high), (least, between, most) = SMALL, found
    each, rest = divmod(most - least, high - low)
    common = least - low * each
    if rest or each <= 0 or common < 0 or between != common + middle * each:
        return None
    return common, each


def _counted(
    program: Program, state: TrainState, data: tuple[Samples, Tensor], count: int
) -> int | None:
    """Return the operations of one update of so many samples; None where counting fails."""
    try:
        alone = copied(program)
        index = torch.arange(count) % len(data[1])
        counter, outside = Counter(), outside_seed(program.seed, "outside flops")
        with outside_random(outside), plain_kernels(), counter:
            updated(alone, state, data, index, 0, Draws(program.seed), History())
        return counter.flops
    except Exception:  # a cost is no result: whatever goes wrong here must not end a trial
        return None


def batch_of(recipe: Recipe, samples: int) -> int:
    """Return how many samples a whole batch holds, out of so many to train on."""
    drawn = recipe.order == "with-replacement"
    return recipe.batch_size if drawn else min(recipe.batch_size, samples)


def sizes_of(recipe: Recipe, counts: Sequence[int], piece: int) -> frozenset[int]:
    """Return the sizes of all batches that a model meets, in training and when it is read.

    `counts` are the samples of the splits, train first; reading goes by `piece` samples.
    """
    batch = batch_of(recipe, counts[0])
    pieces = {size for count in counts for size in (min(piece, count), count % piece)}
    return frozenset({batch, counts[0] % batch, *pieces} - {0})


def seen(recipe: Recipe, samples: int, steps_per_epoch: int, steps: int) -> int:
    """Return how many samples `steps` updates learn from, each as often as it comes."""
    if recipe.order == "with-replacement":
        return steps * recipe.batch_size
    epochs, rest = divmod(steps, steps_per_epoch)
    # A last batch of one sample is left out.
    epoch = min(samples, steps_per_epoch * recipe.batch_size)
    return epochs * epoch + min(rest * recipe.batch_size, epoch)


@contextmanager
def plain_kernels() -> Iterator[None]:
    """Keep attention and transformers from kernels for the whole of it, which no counter knows."""
    fast = torch.backends.mha.get_fastpath_enabled()
    torch.backends.mha.set_fastpath_enabled(False)
    try:
        with sdpa_kernel(SDPBackend.MATH):
            yield
    finally:
        torch.backends.mha.set_fastpath_enabled(fast)


def _recurrent(x: Shape, inwards: Shape, onwards: Shape, *rest: Any, **named: Any) -> int:
    """Return the operations of a recurrent layer in one kernel of the processor, from its shapes.

    `x` is (steps, batch, features); the weights are (gates · hidden, features or hidden).
    """
    return 2 * math.prod(x[:-1]) * (math.prod(inwards) + math.prod(onwards))


def _cuda_recurrent(x: Shape, weights: list[Shape], *rest: Any, **named: Any) -> int:
    """Return the operations of all layers of a recurrent network in one kernel of CUDA."""
    matrices = sum(math.prod(shape) for shape in weights if len(shape) > 1)
    return 2 * math.prod(x[:-1]) * matrices


def _backward(*shapes: Any, **named: Any) -> int:
    """Return twice the forward's: gradients of the weights, and of what came in."""
    return 2 * _recurrent(*shapes, **named)


def _cuda_backward(*shapes: Any, **named: Any) -> int:
    """Return twice the forward's, as above."""
    return 2 * _cuda_recurrent(*shapes, **named)


RECURRENT = {
    torch.ops.aten.mkldnn_rnn_layer: _recurrent,
    torch.ops.aten.mkldnn_rnn_layer_backward: _backward,
    torch.ops.aten._cudnn_rnn: _cuda_recurrent,
    torch.ops.aten._cudnn_rnn_backward: _cuda_backward,
}


class Counter(DispatchMode):
    """Counts as torch's `FlopCounterMode` does, by its formulas, what is computed meanwhile.

    That one also follows from module to module, which fails in the backward pass of some models
    (`weight_norm`, `spectral_norm`).
    """

    def __init__(self) -> None:
        super().__init__()
        self.flops = 0

    def __torch_dispatch__(
        self, func: Any, types: Any, args: tuple[Any, ...] = (), kwargs: Any = None
    ) -> Any:
        named = kwargs or {}
        out = func(*args, **named)
        formula = FORMULAS.get(func.overloadpacket)
        if formula is not None:
            self.flops += formula(*args, **named, out_val=out)
        return out


FORMULAS = flop_registry | {
    op: shape_wrapper(formula)  # type: ignore[no-untyped-call]  # torch leaves it untyped
    for op, formula in RECURRENT.items()
}
