"""A trial that goes on from a file of its state ends, bit for bit, where it would have ended."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

import pytest
import torch
from dense_stacks import bits, stack_of
from dense_stacks import start as chain
from stacks import CNN, start
from states import Files, ended
from tiny import use

from hikaku.execution.lifted import Lifted
from hikaku.study.recipe import Evaluation
from hikaku.training.alone import Alone
from hikaku.training.outside_random import (
    generator_states,
    generators,
    outside_random,
    set_generators,
)
from hikaku.training.placement import placed_snapshot
from hikaku.training.saving import Always, Cadence
from hikaku.training.snapshot import FORM, Unusable, decode, encode
from hikaku.training.stack import Stack, Start
from hikaku.training.state import flat

AT = (1, 7, 20, 23, 44)
"""After the first update, in and between epochs, right after an evaluation and amid a window."""
ARMS: Mapping[str, dict[str, object]] = {
    "base": {},
    "momentum": {"optimizer": use("momentum", lr=0.05)},
    "adam, dropout": {"optimizer": use("adam"), "layers": (use("dropout"),)},
    "batch norm, cosine": {"layers": (use("batch-norm"),), "schedule": use("warmup-cosine")},
    "early stopping": {"stopping": use("early-stopping", patience=1), "optimizer": use("adamw")},
    "replacement": {"order": "with-replacement", "penalty": (use("l2"),)},
    "clipped": {"clip": (use("clip-norm", limit=0.01),), "optimizer": use("adam", lr=0.01)},
    "diverges": {"optimizer": use("sgd", lr=1e30)},
}


def one_by_one(starts: Sequence[Start]) -> Stack:
    (only,) = starts
    return Alone(only)


def resumed_alike(
    make: Callable[[Sequence[Start]], Stack], again: Callable[[], Sequence[Start]]
) -> int:
    """Train these trials, and again from each of their states; return how often they went on."""
    starts, files = again(), Files(AT)
    whole, times = ended(make, starts, files), 0
    for update in files.content:
        lanes, going_on = zip(*files.resumed(again(), update), strict=True)
        for lane, trained in ended(make, going_on).items():
            assert bits(trained) == bits(whole[lanes[lane]]), (update, lanes[lane])
            times += 1
    return times


@pytest.mark.parametrize("arm", ARMS)
@pytest.mark.fault("A3", "A5")
def test_one_trial_goes_on_bit_for_bit(arm: str) -> None:
    def again() -> list[Start]:
        return [start(model=CNN, **({"evaluate_every": Evaluation(10, "step", 10)} | ARMS[arm]))]

    times = resumed_alike(one_by_one, again)
    ends_early = arm in ("diverges", "early stopping")
    assert 0 < times <= len(AT) if ends_early else times == len(AT)


@pytest.mark.fault("A3")
def test_a_stack_of_dense_chains_goes_on_bit_for_bit() -> None:
    def again() -> list[Start]:
        return [
            chain(seed, **arm) for seed in (0, 1) for arm in ARMS.values() if "order" not in arm
        ]

    assert resumed_alike(stack_of, again) > 40


def test_a_dense_chain_goes_on_by_itself_as_it_would_have_in_its_stack() -> None:
    starts, files = [chain(seed, **ARMS["adam, dropout"]) for seed in (0, 1, 2)], Files((23,))
    whole = ended(stack_of, starts, files)
    for lane, going_on in files.resumed(starts, 23):
        assert bits(ended(stack_of, [going_on])[0]) == bits(whole[lane])


@pytest.mark.fault("A3")
def test_a_lifted_stack_goes_on_bit_for_bit() -> None:
    def again() -> list[Start]:
        return [start(seed, model=CNN, **ARMS["batch norm, cosine"]) for seed in (0, 1)]

    assert resumed_alike(lambda starts: Lifted(starts, 4), again) == 2 * len(AT)


def test_global_generators_come_back_as_they_were() -> None:
    import random

    import numpy as np

    with outside_random(3):
        random.gauss(0, 1), torch.rand(2)
        np.random.standard_normal(3)  # noqa: NPY002 - as users' code draws
        states, before = generator_states(), generators()
        random.random(), torch.rand(2)
        np.random.random()  # noqa: NPY002 - as users' code draws
        assert generators() != before
        set_generators(states)
        assert generators() == before


def saved() -> tuple[Start, bytes]:
    one, files = start(), Files((7,))
    ended(one_by_one, [one], files)
    return one, files.content[7][0]


@pytest.mark.fault("G3")
def test_the_state_of_another_trial_or_another_machine_is_of_no_use() -> None:
    one, content = saved()
    with pytest.raises(Unusable, match="another trial's"):
        decode(content, "1", "here", one.state, ())
    with pytest.raises(Unusable, match="made by here, and this is there"):
        decode(content, "0", "there", one.state, ())


@pytest.mark.fault("G3")
def test_a_state_with_other_weights_is_of_no_use() -> None:
    one, content = saved()
    other = start(model=CNN)
    with pytest.raises(Unusable, match="other weights"):
        decode(content, "0", "here", other.state, ())
    name, value = next(iter(one.state.params.items()))
    wider = replace(one.state, params={**one.state.params, name: torch.cat([value, value])})
    with pytest.raises(Unusable, match="another shape"):
        decode(content, "0", "here", wider, ())


@pytest.mark.fault("G1")
@pytest.mark.parametrize("cut", (0, 1, 7, 8, 9, 100, -1))
def test_what_is_no_checkpoint_is_said_to_be_none(cut: int) -> None:
    one, content = saved()
    with pytest.raises(Unusable):
        decode(content[:cut], "0", "here", one.state, ())


@pytest.mark.fault("G3")
def test_a_head_that_promises_more_than_there_is_is_of_no_use() -> None:
    one, content = saved()
    for head in (b"\xff" * 8, (2**62).to_bytes(8, "little"), (99 * 2**20).to_bytes(8, "little")):
        with pytest.raises(Unusable):
            decode(head + content[8:], "0", "here", one.state, ())
    text = json.dumps({"__metadata__": {FORM: "{}"}}).encode()
    with pytest.raises(Unusable):
        decode(len(text).to_bytes(8, "little") + text, "0", "here", one.state, ())


@pytest.mark.fault("A3")
def test_every_weight_comes_back_in_its_place_in_the_order() -> None:
    """A sum over all weights, as the length of a gradient is, rounds by their order."""
    one, content = saved()
    found = decode(content, "0", "here", one.state, ())
    wanted = Files((7,))
    ended(one_by_one, [start()], wanted)
    (state,) = (taken.state for taken in wanted.taken[7].values())
    assert list(flat(found.state.tree())) == list(flat(state.tree()))


def test_weights_that_share_their_memory_and_empty_states_come_back() -> None:
    one = start()
    from hikaku.training.snapshot import Snapshot

    weights = dict(one.state.weights)
    state = replace(one.state, optimizer={"nothing": {}, "deeper": {"nor": {}}})
    snapshot = Snapshot(3, state, best=weights)
    found = decode(encode(snapshot, "0", "here"), "0", "here", one.state, ())
    assert found.state.optimizer == {"nothing": {}, "deeper": {"nor": {}}}
    assert all(torch.equal(value, found.best[name]) for name, value in weights.items())  # type: ignore[index]  # it was saved


def test_how_often_is_what_was_asked_for() -> None:
    now = [0.0]
    often = Always(60.0, clock=lambda: now[0])
    due = []
    for second in range(0, 200, 20):
        now[0] = float(second)
        if often.pays(evaluated=True):
            due.append(second)
            often.saved(now[0])
    assert due == [60, 120, 180]


def test_saving_takes_no_more_than_its_share_of_the_time() -> None:
    now, cost = [0.0], 3.0
    cadence, saves = Cadence(clock=lambda: now[0], cost=1.0), 0
    for _ in range(10_000):
        now[0] += 1.0
        if cadence.pays(evaluated=True):
            saves, began = saves + 1, now[0]
            now[0] += cost
            cadence.saved(began)
    assert 0.015 < saves * cost / now[0] <= 0.02


def test_amid_a_long_epoch_it_is_saved_every_five_minutes() -> None:
    now = [0.0]
    cadence = Cadence(clock=lambda: now[0])
    now[0] = 299.0
    assert not cadence.pays(evaluated=False)
    now[0] = 300.0
    assert cadence.pays(evaluated=False)


def test_what_was_read_of_batches_lies_where_the_program_computes() -> None:
    one, content = saved()
    found = decode(content, "0", "here", one.state, ())
    there = placed_snapshot(found, replace(one.program, device=torch.device("meta")))
    parts = (there.running, there.state.params, there.best or {})
    assert all(value.device.type == "meta" for part in parts for value in part.values())
    assert there.running
