"""The book's engine trains a trial to where the plain engine trains it."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
import pytest
import stacks
import torch
from chain_arms import COMBINED, every_arm, on_chains
from dense_stacks import bits, doubles, looked_at, start
from states import Files, ended
from tiny import use
from torch import nn

from hikaku.execution.book.engine import BookStack
from hikaku.execution.book.recipe import not_covered
from hikaku.study.catalogue import techniques
from hikaku.study.recipe import Use
from hikaku.techniques.slots import History, Moment
from hikaku.training.alone import Alone
from hikaku.training.chain import EVERY, Activation, Chain, Convolution, NoChain, Pool
from hikaku.training.recognise import chain_of, glimpsed
from hikaku.training.stack import Stack, Start

TWINS = [name for name in on_chains() if techniques()[name].card.twin]
ALL = every_arm(TWINS) | COMBINED
SHAPES: dict[str, dict[str, object]] = {
    "dropconnect": {"layers": (use("dropconnect", p=0.3),)},
    "dropconnect, L2": {
        "layers": (use("dropconnect", p=0.3, at=("3",)),),
        "penalty": (use("l2", amount=0.01, at=("1",)),),
    },
    "no hidden layer": {"hidden": ()},
    "with replacement": {"order": "with-replacement"},
    "regression": {"loss": use("mse"), "classes": 0, "layers": (use("batch-norm"),)},
}


def double(**slots: object) -> Start:
    (one,) = doubles([start(**slots)])
    return one


def book(one: Start) -> BookStack:
    images = one.material.train.x
    chain = chain_of(one.program, one.state, images[: one.recipe.batch_size], kinds=EVERY)
    assert isinstance(chain, Chain), chain
    assert not_covered(one.recipe, chain) is None
    return BookStack(one, chain)


def losses(stack: Stack, updates: int = 50) -> Iterator[tuple[float, float, float]]:
    for update in range(updates):
        read = stack.update(update, [History()])
        yield read.objective.item(), read.loss.item(), read.accuracy.item()


@pytest.mark.parametrize("arm", [*ALL, *SHAPES])
def test_fifty_updates_and_what_is_read_after_them_are_those_of_the_plain_engine(arm: str) -> None:
    one = double(**(ALL | SHAPES)[arm])
    ours, theirs = book(one), Alone(one)
    np.testing.assert_allclose([*losses(ours)], [*losses(theirs)], rtol=1e-9, atol=1e-9)
    for split in ("train", "validation", "test"):
        (found,), (wanted,) = ours.outputs(split).values(), theirs.outputs(split).values()
        np.testing.assert_allclose(found, wanted, rtol=1e-6, atol=1e-7)
    mine, plain = ours.weights(0), theirs.weights(0)
    assert {n: (v.shape, v.dtype) for n, v in mine.items()} == {
        n: (v.shape, v.dtype) for n, v in plain.items()
    }
    # A bias in front of a batch norm has no gradient but rounding, which Adam makes steps of.
    if not one.state.buffers:
        for name, value in plain.items():
            torch.testing.assert_close(mine[name], value, rtol=0, atol=1e-9)


CONVOLUTIONAL: dict[str, dict[str, object]] = {
    "plain": {},
    "Adam, L2, dropout": {
        "optimizer": use("adam", lr=0.01),
        "penalty": (use("l2", amount=0.01),),
        "layers": (use("dropout", p=0.3),),
    },
    "uniform weights, tanh": {"init": use("xavier-uniform"), "layers": (use("tanh"),)},
}


@pytest.mark.parametrize("arm", CONVOLUTIONAL)
def test_a_convolutional_network_is_trained_as_by_the_plain_engine(arm: str) -> None:
    (one,) = doubles([stacks.start(0, stacks.CNN, **CONVOLUTIONAL[arm])])
    images = one.material.train.x
    chain = chain_of(one.program, one.state, images[:8], (8, 2), EVERY)
    assert isinstance(chain, Chain), chain
    assert sum(isinstance(op, Convolution | Pool) for op in chain.ops) == 4
    assert isinstance(chain_of(one.program, one.state, images[:8]), NoChain)
    assert not_covered(one.recipe, chain) is None
    ours, theirs = BookStack(one, chain), Alone(one)
    np.testing.assert_allclose([*losses(ours)], [*losses(theirs)], rtol=1e-9, atol=1e-9)
    mine, plain = ours.weights(0), theirs.weights(0)
    for name, value in plain.items():
        torch.testing.assert_close(mine[name], value.double(), rtol=1e-7, atol=1e-9)


@pytest.mark.parametrize(
    "layer",
    [
        nn.Conv2d(1, 3, 3, stride=(2, 1)),
        nn.Conv2d(1, 3, 3, dilation=2),
        nn.Conv2d(1, 3, 3, padding="same"),
        nn.MaxPool2d(2, ceil_mode=True),
        nn.MaxPool2d((2, 1)),
        nn.AvgPool2d(2),
        nn.BatchNorm2d(1),
    ],
    ids=str,
)
def test_layers_of_images_that_the_library_has_not_are_refused(layer: nn.Module) -> None:
    (one,) = doubles([stacks.start(0, stacks.CNN)])
    for model in (one.program.train_model, one.program.eval_model):
        model.conv[0].insert(0, copy.deepcopy(layer))
    found = glimpsed(one.program, one.state, one.material.train.x[:8], EVERY)
    assert isinstance(found, NoChain)


def test_given_weights_are_read_in_the_place_of_the_present_ones() -> None:
    one = double(layers=(use("batch-norm"),))
    stack = book(one)
    before, first = stack.weights(0), stack.outputs("test")[0]
    list(losses(stack, 5))
    assert not np.array_equal(stack.outputs("test")[0], first)
    np.testing.assert_array_equal(stack.outputs("test", {0: before})[0], first)


def one_by_one(starts: list[Start]) -> BookStack:
    (one,) = starts
    return book(one)


@pytest.mark.parametrize(
    "arm", ["adam 0", "norm, dropout after, tanh", "smoothing, warm-up, restore"]
)
def test_a_trial_that_was_interrupted_goes_on_bit_for_bit(arm: str) -> None:
    files = Files((7, 23))
    whole = ended(one_by_one, [double(**ALL[arm])], files)[0]
    for at in (7, 23):
        if at in files.content:
            going_on = files.resumed([double(**ALL[arm])], at)
            again = ended(one_by_one, [one for _, one in going_on])[0]
            assert bits(again) == bits(whole), at
    assert 7 in files.content


def test_every_update_after_an_interruption_is_the_one_that_would_have_been() -> None:
    """Sums over weights too, which may round by how an array lies in memory."""
    arm = {"penalty": (use("l2", amount=0.01),), "optimizer": use("momentum", lr=0.05)}
    for at in range(1, 12):
        whole, files = double(**arm), Files((at,))
        seen: list[list[float]] = []
        ended(one_by_one, [whole], files)
        going_on = [one for _, one in files.resumed([double(**arm)], at)]
        for one in (whole, *going_on):
            stack = book(one)
            assert all(value.flags.c_contiguous for value in stack.now.params.values())
            reads = [stack.update(n, [History()]) for n in range(one.update, at + 6)]
            seen.append([read.objective.item() for read in reads][-6:])
        assert seen[0] == seen[1], at


def test_a_schedule_of_the_users_draws_what_it_draws_elsewhere() -> None:
    one = double()

    @dataclass(frozen=True)
    class Wild:
        def rate(self, moment: Moment, history: History) -> float:
            return float(moment.draws.uniform("rate", (1,)))

    wild = replace(
        one, program=replace(one.program, slots=replace(one.program.slots, schedule=Wild()))
    )
    chain = looked_at(wild)
    assert isinstance(chain, Chain)
    np.testing.assert_allclose(
        [*losses(BookStack(wild, chain), 8)], [*losses(Alone(wild), 8)], rtol=1e-12
    )


def test_a_trial_that_diverges_says_so_and_warns_nobody() -> None:
    one = double(optimizer=use("sgd", lr=1e200))
    found = ended(one_by_one, [one])[0]
    assert found.status == "diverged"


def test_what_the_library_has_not_is_named() -> None:
    one = start()
    chain = looked_at(one)
    assert isinstance(chain, Chain)
    strange = replace(chain, ops=(Activation("selu"), *chain.ops))
    assert "selu" in str(not_covered(one.recipe, strange))
    own = replace(one.recipe, optimizer=Use("my_optimizer.py:Mine"))
    assert "my_optimizer.py:Mine" in str(not_covered(own, chain))
    newer = replace(one.recipe, optimizer=Use("momentum", (("lr", 0.1), ("nesterov", True))))
    assert "no setting nesterov of momentum" in str(not_covered(newer, chain))
