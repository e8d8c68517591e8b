"""The weights that are evaluated: those of training, or what the averaging slot makes of them."""

from __future__ import annotations

from copy import deepcopy
from dataclasses import replace

import torch
from torch import Tensor, nn

from hikaku.techniques.parts import BatchNorm, Ghosts
from hikaku.techniques.slots import Averaging, Tensors
from hikaku.training.memory_format import Samples, rows
from hikaku.training.program import Program
from hikaku.training.state import TrainState

NORMS = (nn.modules.batchnorm._BatchNorm, BatchNorm)


def averaged(
    averaging: Averaging,
    program: Program,
    state: TrainState,
    data: tuple[Samples, Tensor],
    batch_size: int,
) -> Tensors:
    """Return the average, with the buffers that go with it.

    A technique that says `renews_norms = True` gets the batch norms' figures of its own weights,
    taken from all train samples, `data`, in batches of this size; others keep those of training.
    """
    weights = {**state.buffers, **averaging.finish(state.average, state.params)}
    if not getattr(averaging, "renews_norms", False):
        return weights
    return {**weights, **renewed(program, weights, data, batch_size)}


def renewed(
    program: Program, weights: Tensors, data: tuple[Samples, Tensor], batch_size: int
) -> Tensors:
    """Return the batch norms' buffers under these weights: the mean over the batches of the data.

    The norms alone are in training mode, and a batch is one ghost: of several the last would count
    for all. Noise stays off, as it will be when they are used. A last batch of one sample, which
    has no variance, is left out.
    """
    model = deepcopy(program.eval_model)
    norms = {path: module for path, module in model.named_modules() if isinstance(module, NORMS)}
    held = [f"{path}.{name}" for path, norm in norms.items() for name, _ in norm.named_buffers()]
    for norm in norms.values():
        if isinstance(norm, Ghosts):
            norm.size = batch_size
    buffers = {name: weights[name].clone() for name in held}
    if not buffers:
        return {}
    inputs, samples = data[0], len(data[1])
    copy = replace(program, eval_model=model)
    with torch.no_grad(), program.outside_of_reading():
        for count, start in enumerate(range(0, max(1, samples - 1), batch_size)):
            for norm in norms.values():
                norm.train()
                # The share of the n-th batch in the mean of n.
                norm.momentum = 1 / (count + 1)
            index = torch.arange(start, min(start + batch_size, samples))
            copy.predict({**weights, **buffers}, rows(inputs, index))
    return buffers
