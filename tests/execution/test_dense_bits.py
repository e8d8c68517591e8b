"""No bit of a trial depends on who shares its dense stack: not on width, order or fate of others.

Products of matrices round otherwise where they are small or begin between two vectors, and where
sums are long and rows are many; so sizes that are no multiples of anything, single rows and large
batches are the ones to fear.
"""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from functools import cache

import pytest
import torch
from chain_arms import on_chains
from dense_stacks import bits, doubles, stack_of, start, together
from tiny import use

from hikaku.execution.dense import place
from hikaku.study.catalogue import techniques
from hikaku.study.recipe import LIST_SLOTS
from hikaku.techniques.slots import History
from hikaku.training.stack import Start

Bits = Mapping[str, object]

SHAPES: dict[str, dict[str, object]] = {
    "784-100-100-10": {
        "hidden": (100, 100),
        "inputs": 784,
        "classes": 10,
        "batch_size": 100,
        "samples": 250,
        "steps": 9,
    },
    "784-16-10": {
        "hidden": (16,),
        "inputs": 784,
        "classes": 10,
        "batch_size": 256,
        "samples": 900,
        "steps": 4,
    },
    "600-100-3": {
        "hidden": (100,),
        "inputs": 600,
        "classes": 3,
        "batch_size": 1024,
        "samples": 2048,
        "steps": 3,
    },
    "12-70-70-3": {"hidden": (70, 70), "classes": 3, "batch_size": 4, "samples": 53},
    "12-16-8-4": {},
    "5-7-13-3": {"hidden": (7, 13), "inputs": 5, "classes": 3},
    "12-13-9-3": {"hidden": (13, 9), "classes": 3},
    "64-10-10": {"hidden": (10,), "inputs": 64, "classes": 10, "batch_size": 9, "samples": 50},
    "2-1-2": {"hidden": (1,), "inputs": 2, "classes": 2, "samples": 21},
    "9-3": {"hidden": (), "inputs": 9, "classes": 3},
}
ARMS: tuple[dict[str, object], ...] = (
    {},
    {"optimizer": use("momentum", lr=0.05)},
    {"optimizer": use("adam", lr=0.01)},
    {"layers": (use("batch-norm"),)},
    {"layers": (use("tanh"), use("dropout", p=0.2))},
    {"clip": (use("clip-norm", limit=0.1),)},
    {"optimizer": use("adamw"), "penalty": (use("l2", amount=0.01),)},
    {
        "optimizer": use("momentum", lr=0.05),
        "penalty": (use("l2", amount=0.01),),
        "project": (use("decoupled-decay", amount=0.1),),
    },
    {"loss": use("mse"), "stopping": use("early-stopping", patience=1)},
    {"loss": use("label-smoothing"), "schedule": use("warmup-cosine")},
    {"layers": (use("gelu"), use("batch-norm", place="after")), "optimizer": use("adam")},
    {"optimizer": use("sgd", lr=1e30)},
    {"optimizer": use("momentum", lr=1e30), "layers": (use("batch-norm"),)},
    {"penalty": (use("l2", amount=0.1, exempt="none"),), "optimizer": use("sgd", lr=0.3)},
)
"""Every rule, every kind of stage; one that stops early, two that diverge."""
SEEDS = (0, 1, 2)


@cache
def company(name: str) -> tuple[tuple[Start, ...], tuple[Bits, ...]]:
    """All arms at all seeds on these shapes, and what each leaves in one stack of all."""
    shape = {"steps": 20} | SHAPES[name]
    # Without a hidden layer there is no place for an edit; no norm learns from a single row.
    bare = shape.get("hidden") == () or name == "12-70-70-3"
    arms = [arm for arm in ARMS if not bare or "layers" not in arm]
    starts = tuple(start(seed, **shape, **arm) for arm in arms for seed in SEEDS)
    return starts, tuple(bits(trained) for trained in together(starts))


def found(starts: Sequence[Start], members: Sequence[int]) -> list[Bits]:
    return [bits(trained) for trained in together([starts[number] for number in members])]


@pytest.mark.parametrize("name", SHAPES)
def test_a_trial_is_the_same_bits_in_a_stack_of_any_width_and_order(name: str) -> None:
    starts, whole = company(name)
    order = random.Random(name)
    everyone = range(len(starts))
    assert len(starts) >= 18
    alone = [[number] for number in everyone]
    some = [order.sample(everyone, width) for width in (2, 3, 7, 16)]
    for members in (*alone, *some, order.sample(everyone, len(starts))):
        for number, left in zip(members, found(starts, members), strict=True):
            assert left == whole[number], (number, members)


@pytest.mark.parametrize("name", [name for name in SHAPES if name not in ("9-3", "600-100-3")])
def test_the_company_holds_trials_that_diverge_and_trials_that_last(name: str) -> None:
    ends = {left["end"][0] for left in company(name)[1]}  # type: ignore[index]  # as `bits` made it
    assert ends == {"done", "diverged"}


def test_a_trial_is_the_same_bits_in_a_stack_of_forty() -> None:
    """One arm at forty learning rates and its first layer's columns one behind the other."""
    shape = {"hidden": (10, 7), "inputs": 20, "classes": 10, "steps": 12}
    starts = [
        start(seed, **shape, optimizer=use("sgd", lr=0.01 * (1 + number)))
        for number in range(20)
        for seed in (0, 1)
    ]
    whole = found(starts, range(40))
    for members in (range(0, 40, 3), range(39, -1, -1), [17], [38, 3]):
        for number, left in zip(members, found(starts, members), strict=True):
            assert left == whole[number], number


@pytest.mark.parametrize("name", ["12-16-8-4", "12-13-9-3", "784-100-100-10"])
def test_in_float64_no_bit_depends_on_company_either(name: str) -> None:
    """There products of many columns round unlike those of few, whatever their widths."""
    starts = doubles(company(name)[0][:24])
    whole = found(starts, range(len(starts)))
    for members in ([0], [5], [9, 3], [20, 1, 11], range(23, -1, -2)):
        for number, left in zip(members, found(starts, members), strict=True):
            assert left == whole[number], (number, members)


@pytest.mark.parametrize("name", on_chains())
def test_every_technique_is_the_same_bits_alone_and_beside_others(name: str) -> None:
    """New techniques are tried as they come: their own sums may look at where memory lies."""
    slot = techniques()[name].card.slot
    asked: dict[str, object] = {slot: (use(name),) if slot in LIST_SLOTS else use(name)}
    shape = {"hidden": (13, 7), "classes": 3, "steps": 12}
    starts = [start(seed, **shape, **arm) for seed in (0, 1) for arm in (asked, *ARMS[:3], asked)]
    whole = found(starts, range(len(starts)))
    for number in (0, 4, 5, 9):
        assert found(starts, [number]) == [whole[number]]


def test_who_is_let_out_takes_no_bit_along() -> None:
    """Neighbours may go at any update, one by one, those of a whole seed as well."""
    starts, _ = company("5-7-13-3")
    lasting = [n for n, one in enumerate(starts) if one.program.slots.optimizer.lr < 1]
    chosen = [starts[number] for number in lasting[:18]]
    crowded, leaving = stack_of(chosen), stack_of(chosen)
    stay = [1, 8, 14]
    others = [lane for lane in range(len(chosen)) if lane not in stay]
    for update in range(15):
        if update and others:
            leaving.drop([others.pop(), *([others.pop()] if update % 2 and others else [])])
        for stack in (crowded, leaving):
            stack.update(update, [History() for _ in stack.lanes])
    assert list(leaving.lanes) == stay
    for lane in stay:
        mine, its = crowded.weights(lane), leaving.weights(lane)
        assert mine.keys() == its.keys()
        for weight, value in mine.items():
            assert torch.equal(value, its[weight]), (lane, weight)


def test_it_is_the_layout_that_holds_the_bits(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where lanes begin anywhere, these very tests fail: they can."""
    monkeypatch.setattr(place, "VECTOR", 1)
    monkeypatch.setattr(place, "QUARTER", 1)
    starts, _ = company("5-7-13-3")
    whole = found(starts, range(len(starts)))
    apart = [left for number in range(len(starts)) for left in found(starts, [number])]
    if apart == whole:
        pytest.skip("this processor's products do not look at where a matrix begins")
