"""Trials computed as one stack are the trials that they are alone, whoever shares the stack."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

import pytest
import torch
from chain_arms import ALONE, ON_BLOCKS, model_for
from stacks import CNN, MLP, alone, assert_alike, double, start, together
from tiny import use

from hikaku.execution.lifted import Lifted
from hikaku.execution.stacked import numbers
from hikaku.study.catalogue import techniques
from hikaku.study.recipe import LIST_SLOTS, Use, Value
from hikaku.techniques import registry
from hikaku.techniques.slots import History
from hikaku.training.loop import train
from hikaku.training.stack import Start, Trained
from hikaku.training.state import flat

SETTINGS: dict[str, dict[str, Value]] = {
    "early-stopping": {"patience": 1},
    "warmup-cosine": {"warmup": 2.0},
    "clip-norm": {"limit": 0.5},
}


def slots_with(asked: Use) -> dict[str, object]:
    slot = techniques()[asked.name].card.slot
    return {slot: (asked,) if slot in LIST_SLOTS else asked}


def scaled(name: str, factor: float) -> Use:
    asked = use(name, **SETTINGS.get(name, {}))
    mere = numbers(registry.build(asked, "."))
    return replace(
        asked,
        settings=tuple((n, v * factor if n in mere else v) for n, v in asked.settings),
    )


def arms(name: str, model: Use, **sizes: object) -> list[Start]:
    return [
        double(start(seed, model, **slots_with(scaled(name, factor)), **sizes))
        for seed, factor in ((0, 1.0), (0, 0.5), (1, 0.8))
    ]


def assert_same(one: Trained, other: Trained) -> None:
    assert (one.status, one.step, one.records) == (other.status, other.step, other.records)
    mine, its = flat(one.state.tree()), flat(other.state.tree())
    assert mine.keys() == its.keys()
    assert all(torch.equal(mine[name], its[name]) for name in mine)


@pytest.mark.parametrize("name", sorted(techniques().keys() - ALONE))
def test_a_stack_ends_where_each_trial_ends_alone(name: str) -> None:
    # In a deep network with batch norm what rounds otherwise grows by a digit every few updates.
    sizes = {"steps": 20} if name in ON_BLOCKS else {}
    starts = arms(name, model_for(name), **sizes)
    for one, trained in zip(starts, together(starts), strict=True):
        assert_alike(alone(one), trained)


@pytest.mark.parametrize("name", ["batch-norm", "dropout", "momentum", "adamw", "l2"])
def test_a_stack_of_convolutional_networks_ends_where_each_trial_ends_alone(name: str) -> None:
    starts = arms(name, CNN)
    for one, trained in zip(starts, together(starts), strict=True):
        assert_alike(alone(one), trained)


def company(model: Use) -> list[Start]:
    """Seven trials of three seeds, with settings of their own; two of them stop early."""
    layers = (use("batch-norm"),)
    stops = use("early-stopping", patience=1, min_delta=5.0)
    return [
        start(
            seed,
            model,
            layers=(*layers, use("dropout", p=p)),
            optimizer=use("adam", lr=lr),
            stopping=stops if lr == 0.02 else use("early-stopping", patience=9),
        )
        for seed, p, lr in (
            *((0, 0.0, 0.01), (0, 0.3, 0.003), (1, 0.3, 0.01), (2, 0.5, 0.02)),
            *((1, 0.9, 0.001), (0, 0.3, 0.02), (2, 0.2, 0.01)),
        )
    ]


@pytest.mark.parametrize("model", [MLP, CNN], ids=["dense", "convolutional"])
def test_no_bit_depends_on_width_order_or_company(model: Use) -> None:
    starts = company(model)
    whole = together(starts)
    assert {trained.step for trained in whole} == {40, 50}
    for members in ([3], [5, 4], [1, 0, 5], [6, 5, 4, 3, 2, 1, 0]):
        found = together([starts[number] for number in members])
        for number, trained in zip(members, found, strict=True):
            assert_same(trained, whole[number])


@pytest.mark.parametrize("model", [MLP, CNN], ids=["dense", "convolutional"])
def test_a_trial_that_diverges_leaves_its_neighbours_bits_alone(model: Use) -> None:
    sound = [start(seed, model, optimizer=use("momentum", lr=0.01)) for seed in (0, 1)]
    wild = start(0, model, optimizer=use("momentum", lr=1e30))
    first, diverged, second = together([sound[0], wild, sound[1]])
    assert diverged.status == "diverged"
    assert diverged.step < 50
    assert diverged.records == alone(wild).records
    for trained, one in zip((first, second), together(sound), strict=True):
        assert_same(trained, one)


def test_a_stack_of_fixed_width_keeps_it_and_ends_the_same_trials() -> None:
    starts = company(MLP)[:5]
    stack = Lifted(starts, width=8)
    found = dict(train(stack, starts, lambda lane, seen: None))
    assert len(stack.rows) == 8
    for lane, trained in enumerate(together(starts)):
        assert_same(found[lane], trained)


def test_a_stack_shrinks_as_its_trials_end() -> None:
    starts = company(MLP)
    stack = Lifted(starts)
    ends = train(stack, starts, lambda lane, seen: None)
    before = len(stack.rows)
    for _ in range(3):
        next(ends)
    assert len(stack.rows) == before - 2
    assert {len(value) for value in flat(stack.now).values()} == {len(stack.rows)}


@dataclass(frozen=True)
class Ema:
    """An average of the weights whose decay is a mere number."""

    decay: float = 0.9

    def init(self, params):
        return dict(params)

    def fold(self, average, params, moment):
        return {n: self.decay * average[n] + (1 - self.decay) * params[n] for n in params}, params

    def finish(self, average, params):
        return dict(average)


@dataclass(frozen=True)
class Jitter:
    """Noise on the inputs, in every third update only."""

    size: float = 0.1

    def change(self, x, y, moment):
        if moment.step % 3:
            return x, y
        return x + self.size * moment.draws.normal("jitter", tuple(x.shape)), y


@dataclass(frozen=True)
class Halving:
    """Halve the rate at every evaluation that is worse than the one before."""

    def rate(self, moment, history):
        seen = history.scores.get("validation loss", ())
        return 0.5 ** sum(later > earlier for earlier, later in pairwise(seen))


@dataclass(frozen=True)
class Sharpness:
    """Look at the gradient a little way up."""

    rho: float = 0.05

    def gradient(self, value_and_grad, params):
        _, grads = value_and_grad(params)
        return value_and_grad({n: value + self.rho * grads[n] for n, value in params.items()})


def filled_with(one: Start, **slots: object) -> Start:
    """The trial with techniques in slots that the catalogue does not fill yet."""
    program = replace(one.program, slots=replace(one.program.slots, **slots))
    average = program.slots.averaging.init(one.state.params) if program.slots.averaging else {}
    return replace(one, program=program, state=replace(one.state, average=average))


OWN = {
    "averaging": lambda n: {"averaging": Ema((0.9, 0.5, 0.99)[n])},
    "augment that draws now and then": lambda n: {"augment": (Jitter((0.1, 0.5, 0.2)[n]),)},
    "schedule that reads its history": lambda n: {"schedule": Halving()},
    "gradient": lambda n: {"gradient": Sharpness((0.05, 0.1, 0.2)[n])},
}


@pytest.mark.parametrize("slots", OWN.values(), ids=OWN)
def test_a_stack_takes_what_fills_the_other_slots(slots) -> None:
    starts = [
        filled_with(double(start(seed, layers=(use("dropout", p=0.2),))), **slots(n))
        for n, seed in enumerate((0, 0, 1))
    ]
    for one, trained in zip(starts, together(starts), strict=True):
        assert_alike(alone(one), trained)


def test_lanes_of_one_stack_may_have_schedules_of_their_own() -> None:
    schedules: Sequence[Use] = (use("constant"), use("warmup-cosine", warmup=1.0))
    starts = [double(start(0, schedule=schedule)) for schedule in schedules]
    for one, trained in zip(starts, together(starts), strict=True):
        assert_alike(alone(one), trained)


def test_what_a_stack_hands_out_is_a_copy() -> None:
    starts = company(MLP)[:3]
    stack = Lifted(starts)
    told = [History() for _ in starts]
    stack.update(0, told)
    held = stack.weights(1), stack.state(1).params
    kept = [dict(part) for part in held]
    for part in held:
        for value in part.values():
            value.zero_()
    again = stack.weights(1)
    assert all(again[name].any() for name in ("1.weight", "3.weight"))
    assert all(not value.any() for value in kept[0].values())
