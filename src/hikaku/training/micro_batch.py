"""The gradient of a whole batch from pieces of it, where its activations would fill the memory.

Mathematically the same: sums are only added up in another order. Augmentation has seen the whole
batch before, penalties are counted once, and readings are over all samples. Models whose layers
mix the samples of a batch, as batch norm does, always get the whole batch.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial

import torch
from torch import Tensor, nn

from hikaku.draws import Draws
from hikaku.models.calling import cloned
from hikaku.techniques.parts import BatchNorm
from hikaku.techniques.slots import Input, Tensors
from hikaku.training.noise_sizes import Wanted
from hikaku.training.outside_random import outside_random, outside_seed
from hikaku.training.program import Program
from hikaku.training.rehearsal import copied
from hikaku.training.state import TrainState
from hikaku.training.step import Differentiate, Forward, Model, Objective, backward
from hikaku.words import Message, message

BOUND = 4 << 30
"""Bytes that the activations of a batch may take. A constant: the size of the pieces belongs to
the arithmetic, and must not differ between two machines."""
NORMS = (nn.modules.batchnorm._BatchNorm, BatchNorm)
PER_SAMPLE = (1, 0)
"""The size of a dimension of noise that has one entry per sample."""


def micro_batch(activation_bytes: int, batch_size: int) -> int:
    """Return how many samples go through the model at once, 0 for the whole batch.

    `activation_bytes` is what one sample leaves behind for the backward pass. The pieces are as
    few as the bound allows, and equal but for the last.
    """
    pieces = -(-activation_bytes * batch_size // BOUND)
    return -(-batch_size // pieces) if pieces > 1 else 0


def differentiation(program: Program, noise: Tensors, samples: int) -> Differentiate:
    """Return how gradients of a batch of so many samples are taken: at once, or in pieces."""
    if not 0 < program.micro < samples:
        return backward
    return in_pieces(program.micro, lambda rows: program.forward(cut(program.noise, noise, rows)))


def in_pieces(size: int, model_of: Callable[[slice], Model]) -> Differentiate:
    """Return what takes gradients in pieces of at most `size` samples.

    `model_of` gives the model that has the noise of these samples of the batch in it.
    """

    def differentiate(
        objective: Objective,
    ) -> Callable[[Tensors], tuple[Tensor, Tensors, Forward]]:
        def run(params: Tensors) -> tuple[Tensor, Tensors, Forward]:
            parts = (backward(part)(params) for part in _parts(objective, size, model_of))
            value, grads, forward = next(parts)
            logits = [forward.logits]
            for more, slopes, forward in parts:
                value = value + more
                grads = {name: grad + slopes[name] for name, grad in grads.items()}
                logits.append(forward.logits)
            return value, grads, replace(forward, logits=torch.cat(logits))

        return run

    return differentiate


def _parts(
    objective: Objective, size: int, model_of: Callable[[slice], Model]
) -> Iterator[Callable[[Tensors], tuple[Tensor, Forward]]]:
    """Yield functions that add up to the objective, each of a piece of the batch."""
    samples = len(objective.y)
    for start in range(0, samples, size):
        rows = slice(start, min(start + size, samples))
        x, y = some(objective.x, rows), objective.y[rows]
        moment = replace(objective.moment, x=x)
        piece = replace(objective, model=model_of(rows), x=x, y=y, moment=moment)
        yield partial(_part, piece, len(y) / samples, start == 0)


def _part(
    piece: Objective, share: float, penalized: bool, params: Tensors
) -> tuple[Tensor, Forward]:
    """Return a piece's share of the loss; with the penalties, which one piece brings for all."""
    loss, forward = piece.loss(params)
    loss = loss * share
    return (piece.penalized(loss, params, forward) if penalized else loss), forward


def cut(wanted: dict[str, Wanted], noise: Tensors, rows: slice) -> Tensors:
    """Return the noise of these samples of the batch."""
    count = rows.stop - rows.start
    return {
        name: noise[name].narrow(one.sizes.index(PER_SAMPLE), rows.start, count)
        for path, one in wanted.items()
        for name in (f"{path}.noise",)
    }


def some(x: Input, rows: slice) -> Input:
    """Return these samples of a batch."""
    return {name: one[rows] for name, one in x.items()} if isinstance(x, dict) else x[rows]


def why_whole(program: Program, state: TrainState, x: Input) -> Message | None:
    """Return why batches of this trial must not be computed in pieces; None where they may.

    `x` are a few samples, at least four. Nothing that it is given changes, and no generator moves.
    """
    if not getattr(program.slots.loss, "mean_over_samples", False):
        return message("the loss is not known to be a mean over samples")
    if any(getattr(penalty, "reads_activations", False) for penalty in program.slots.penalty):
        return message("a penalty looks at the activations of the whole batch")
    if program.habits.draws_in_training:
        return message("the model draws numbers of its own for every batch")
    if not all(_is_by_sample(one) for one in program.noise.values()):
        return message("the noise of a layer cannot be divided among samples")
    if _mixes(copied(program), state, x):
        return message("a layer mixes the samples of a batch")
    return None


def _is_by_sample(wanted: Wanted) -> bool:
    """Return whether exactly one dimension of the noise grows with the batch, by one a sample."""
    growing = [size for size in wanted.sizes if size[0]]
    return growing == [PER_SAMPLE]


def _mixes(program: Program, state: TrainState, x: Input) -> bool:
    """Return whether a sample's answer, or what is kept of a batch, depends on the others."""
    if any(isinstance(module, NORMS) for module in program.train_model.modules()):
        return True
    samples = len(next(iter(x.values())) if isinstance(x, dict) else x)
    halves = slice(0, samples // 2), slice(samples // 2, samples)
    noise = program.draw_noise(Draws(program.seed), 0, samples)
    with torch.no_grad(), outside_random(outside_seed(program.seed, "outside micro")):
        whole = program.forward(noise)(state.params, state.buffers, cloned(x))
        parts = [
            program.forward(cut(program.noise, noise, half))(
                state.params, state.buffers, cloned(some(x, half))
            )
            for half in halves
        ]
    kept = all(torch.equal(whole.buffers[name], value) for name, value in state.buffers.items())
    found = torch.cat([part.logits for part in parts])
    # Rounding stays far below this; a norm over the batch is far above.
    scale = float(whole.logits.abs().max())
    return not kept or bool((found - whole.logits).abs().max() > 0.02 * scale)
