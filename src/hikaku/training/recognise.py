"""Is this model a chain of dense layers? Found by tracing its calls, then proven by its numbers.

A wrong yes would be a wrong verdict, so whatever is not known to be harmless is a no. And what was
traced must give the model's own numbers: on random weights and batches of two sizes, in training
and in evaluation, running figures and gradients included.
"""

from __future__ import annotations

from collections.abc import Collection, Sized
from copy import deepcopy
from dataclasses import replace

import torch
from torch import Tensor

from hikaku.techniques.slots import Input, Tensors
from hikaku.training.chain import (
    ON_ROWS,
    Chain,
    Convolution,
    Dense,
    Kinds,
    Masked,
    NoChain,
    Noise,
    Norm,
    Op,
    interpret,
)
from hikaku.training.outside_random import generators
from hikaku.training.program import Program
from hikaku.training.state import TrainState
from hikaku.training.trace import NotOne, traced
from hikaku.words import message

LOOKED_AT = 128
"""Samples of the data on which a chain is looked at, at most: a whole batch where it is smaller."""

TOLERANCE = 1e-10
"""Two ways of computing in float64 agree far better; two different functions do not."""


def chain_of(
    program: Program,
    state: TrainState,
    sample: Input,
    sizes: Collection[int] = (),
    kinds: Kinds = ON_ROWS,
) -> Chain | NoChain:
    """Return the chain of layers that the program's model is, or why it is none.

    Its layers are of these `kinds`: dense ones, and what stands between them, unless told more.
    `sample`, (batch, …), are inputs as the model sees them. A `forward` may look at the size of its
    batch: `sizes` are those that will come, and it is held against the chain at each. Models are
    copied and the copies run: nothing that it is given changes, and no generator moves.
    """
    return _looked_at(program, state, sample, kinds, sizes)


def glimpsed(
    program: Program, state: TrainState, sample: Input, kinds: Kinds = ON_ROWS
) -> Chain | NoChain:
    """Return the chain that the model seems to be by its calls; its numbers are not looked at.

    As `chain_of`, which is to come before anybody computes by it, and takes far longer.
    """
    return _looked_at(program, state, sample, kinds, None)


def _looked_at(
    program: Program, state: TrainState, sample: Input, kinds: Kinds, sizes: Collection[int] | None
) -> Chain | NoChain:
    """Return the chain, proven at some sizes of a batch and these; None: at no size."""
    try:
        x = checked(program, state, sample, kinds)
        train_model, eval_model = deepcopy((program.train_model, program.eval_model))
        alone = replace(program, train_model=train_model, eval_model=eval_model)
        chain = seen(alone, state, x, kinds)
        if sizes is not None:
            prove(chain, alone, state, x, sizes)
    except NotOne as found:
        return NoChain(found.why)
    except Exception as error:  # what a model does on copies may fail anyhow; then it is no chain
        return NoChain(message("looking at it fails: {error}", error=type(error).__name__))
    return chain


def checked(program: Program, state: TrainState, sample: Input, kinds: Kinds) -> Tensor:
    """Return the sample of what may be a chain by its looks. Raises `NotOne`."""
    habits, dims = program.habits, (1, 2, 4) if Convolution in kinds else (1, 2)
    if not isinstance(sample, Tensor):
        raise NotOne(message("it has several inputs"))
    dtypes = {sample.dtype, *(value.dtype for value in state.params.values())}
    if len(dtypes) > 1 or not sample.is_floating_point():
        raise NotOne(message("inputs and weights are not real numbers of one kind"))
    if any(value.dim() not in dims for value in state.params.values()):
        raise NotOne(message("it has weights that no dense layer or batch norm has"))
    if habits.draws_in_training or habits.draws_in_evaluation:
        raise NotOne(message("it draws random numbers of its own"))
    if program.calling.writes:
        raise NotOne(message("it writes into its batch"))
    if habits.recomputes:
        raise NotOne(message("it computes activations again while gradients are taken"))
    return sample


def seen(program: Program, state: TrainState, x: Tensor, kinds: Kinds) -> Chain:
    """Return the chain that both models of the program are seen to be. Raises `NotOne`."""
    before = kept(program), generators()
    ops = traced(program, state, x, True, kinds)
    if traced(program, state, x, False, kinds) != in_evaluation(ops):
        raise NotOne(message("it does other things in evaluation than in training"))
    if (kept(program), generators()) != before:
        raise NotOne(message("it keeps something from batch to batch, or draws random numbers"))
    if not ops or not isinstance(ops[-1], Dense | Masked):
        raise NotOne(message("it does not end with a dense layer"))
    used = [name for op in ops for name in names(op)]
    if len(used) > len(set(used)):
        raise NotOne(message("a layer or a weight is used more than once"))
    if idle := sorted(set(state.weights) - set(used)):
        raise NotOne(message("no call uses {names}", names=", ".join(idle)))
    if not all(is_held(op, state) for op in ops):
        raise NotOne(message("it trains what a layer keeps, or keeps what it trains"))
    return Chain(x[0].numel(), ops)


def in_evaluation(ops: tuple[Op, ...]) -> tuple[Op, ...]:
    """Return what is left of the ops in evaluation: no noise, and no batches are counted."""

    def read(op: Op) -> Op:
        if isinstance(op, Masked):
            return op.dense
        return replace(op, counter=None) if isinstance(op, Norm) else op

    return tuple(read(op) for op in ops if not isinstance(op, Noise))


def trained(op: Op) -> tuple[str, ...]:
    """Return the parameters that an op uses."""
    if isinstance(op, Masked):
        return trained(op.dense)
    found = (op.weight, op.bias) if isinstance(op, (Dense, Norm, Convolution)) else ()
    return tuple(name for name in found if name is not None)


def names(op: Op) -> tuple[str, ...]:
    """Return everything by name that an op uses."""
    if isinstance(op, Noise | Masked):
        return (op.path, *trained(op))
    moved = (op.mean, op.variance, op.counter) if isinstance(op, Norm) else ()
    return (*trained(op), *(name for name in moved if name is not None))


def is_held(op: Op, state: TrainState) -> bool:
    """Return whether the weights of an op are parameters, and all else that it uses is not."""
    return all((name in state.params) == (name in trained(op)) for name in names(op))


def kept(program: Program) -> list[object]:
    """Return what changes as soon as a forward of the user's notes something in its module."""
    return [
        (path, name, id(value), extent(value))
        for model in (program.train_model, program.eval_model)
        for path, module in model.named_modules()
        if not type(module).__module__.startswith(("torch.nn.", "hikaku."))
        for name, value in vars(module).items()
    ]


def extent(value: object) -> int:
    """Return what a change in place is seen by: a tensor's version, a list's length."""
    if isinstance(value, Tensor):
        return value._version
    return len(value) if isinstance(value, Sized) else 0


def prove(
    chain: Chain, program: Program, state: TrainState, x: Tensor, sizes: Collection[int]
) -> None:
    """Raise `NotOne` unless the chain computes what the program does, in float64."""
    generator = torch.Generator().manual_seed(0)
    layers = [op for op in chain.ops if isinstance(op, Noise | Masked)]
    weights = random_weights(chain, state, generator)
    chances = {op.p: torch.rand((), generator=generator).double() / 2 for op in layers}
    varied = replace(program, precision="fp64", constants={**program.constants, **chances})
    some = (max(4, len(x)), 5 if len(x) != 5 else 7)
    for samples in sorted({*some, *(size for size in sizes if size > 1)}):
        batch = torch.randn((samples, *x.shape[1:]), generator=generator).double()
        noise = {
            f"{op.path}.noise": torch.rand(
                program.noise[op.path].shape(samples), generator=generator
            )
            for op in layers
        }
        trained, read = (
            in_training(chain, varied, weights, noise, batch),
            in_reading(chain, varied, weights, batch),
        )
        if not agree([*trained, read]):
            raise NotOne(message("its calls are those of a chain, but not its numbers"))


Pairs = list[tuple[Tensor, Tensor]]
"""What the chain gave, and what the model gave."""


def random_weights(chain: Chain, state: TrainState, generator: torch.Generator) -> TrainState:
    """Return a state of these shapes under which signals neither die nor explode, in float64."""

    def normal(value: Tensor) -> Tensor:
        return torch.randn(value.shape, generator=generator).double()

    around_one = {op.weight for op in chain.ops if isinstance(op, Norm)}
    variances = {op.variance for op in chain.ops if isinstance(op, Norm)}
    params = {
        name: normal(value) * (2 / value[0].numel()) ** 0.5
        if value.dim() > 1
        else normal(value) * 0.3 + (name in around_one)
        for name, value in state.params.items()
    }
    buffers = {
        name: (normal(value) * 0.3).exp() if name in variances else normal(value) * 0.3
        for name, value in state.buffers.items()
        if value.is_floating_point()
    }
    return TrainState(params, {**state.buffers, **buffers})


def in_training(
    chain: Chain, program: Program, state: TrainState, noise: Tensors, x: Tensor
) -> list[Pairs]:
    """Return logits, new buffers and gradients of both."""
    leaves = {name: value.detach().requires_grad_() for name, value in state.params.items()}
    theirs = program.forward(noise)(leaves, state.buffers, x)
    logits, buffers = interpret(
        chain, leaves, state.buffers, program.constants, noise, x, training=True
    )
    towards = torch.linspace(-1, 1, logits.numel(), dtype=x.dtype).reshape(logits.shape)
    ours, model = (
        torch.autograd.grad((found * towards).sum(), list(leaves.values()))
        for found in (logits, theirs.logits)
    )
    return [
        [(logits, theirs.logits)],
        [(buffers[name].double(), value.double()) for name, value in theirs.buffers.items()],
        list(zip(ours, model, strict=True)),
    ]


def in_reading(chain: Chain, program: Program, state: TrainState, x: Tensor) -> Pairs:
    """Return the logits of both in evaluation."""
    with torch.no_grad():
        logits, _ = interpret(
            chain, state.params, state.buffers, program.constants, {}, x, training=False
        )
        return [(logits, program.predict(state.weights, x))]


def agree(groups: list[Pairs]) -> bool:
    """Return whether each pair differs by less than the tolerance allows beside its own size.

    What is zero but for rounding, as the gradient of a bias in front of a batch norm, is measured
    by a thousandth of the largest number of its group.
    """
    for pairs in ([(a.detach(), b.detach()) for a, b in group] for group in groups):
        largest = max((float(theirs.abs().max()) for _, theirs in pairs), default=0.0)
        for ours, theirs in pairs:
            size = max(float(theirs.abs().max()), largest / 1000)
            if not float((ours - theirs).abs().max()) <= TOLERANCE * size:  # NaN is no agreement
                return False
    return True
