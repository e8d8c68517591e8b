"""A recorded update replayed is the update itself, and nothing of one step is baked into it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import pytest
import torch
from chain_arms import ALONE, model_for
from recorded import Simulated
from stacks import CNN, MLP, start, together
from tiny import use
from torch import Tensor

from hikaku.execution.graphs import Captured, write
from hikaku.execution.lifted import Lifted
from hikaku.study.catalogue import techniques
from hikaku.study.recipe import LIST_SLOTS, Use
from hikaku.training.loop import train
from hikaku.training.stack import Start, Trained
from hikaku.training.state import flat

UPDATES = 9
"""Two whole epochs of four batches, the fourth of them smaller, and one update more."""

LOOKS_AT_THE_STEP = ("ema", "lookahead", "progressive-resizing", "swa")
"""Techniques that decide by the number of the update: no recording serves two of them."""


def same(one: Sequence[Trained], other: Sequence[Trained]) -> bool:
    return all(
        a.records == b.records
        and all(
            torch.equal(value, flat(b.state.tree())[name])
            for name, value in flat(a.state.tree()).items()
        )
        for a, b in zip(one, other, strict=True)
    )


@pytest.mark.parametrize("name", sorted(techniques().keys() - ALONE))
def test_a_replayed_update_is_bit_for_bit_the_update(name: str) -> None:
    slot = techniques()[name].card.slot
    filled = (use(name),) if slot in LIST_SLOTS else use(name)
    starts = [start(seed, model_for(name), **{slot: filled}) for seed in (0, 1)]
    device = Simulated()
    assert same(
        together(starts, UPDATES, width=2, capture=device), together(starts, UPDATES, width=2)
    )
    recorded = (0, 0) if name in LOOKS_AT_THE_STEP else (2, UPDATES)
    assert (device.recordings, device.replays) == recorded


@pytest.mark.parametrize("model", [MLP, CNN], ids=["dense", "convolutional"])
def test_rates_noise_and_batches_of_each_step_reach_a_replay(model: Use) -> None:
    starts = [
        start(
            seed,
            model,
            layers=(use("batch-norm"), use("dropout", p=p)),
            optimizer=use("adam"),
            schedule=use("warmup-cosine", warmup=1.0),
        )
        for seed, p in ((0, 0.2), (0, 0.6), (1, 0.4))
    ]
    device = Simulated()
    assert same(together(starts, width=4, capture=device), together(starts, width=4))
    assert (device.recordings, device.replays) == (2, 50)


def test_a_lane_that_has_diverged_is_replayed_on_and_touches_nobody() -> None:
    sound, wild = start(0), start(1, optimizer=use("sgd", lr=1e30))
    first, diverged = together([sound, wild], width=2, capture=Simulated())
    assert diverged.status == "diverged"
    assert first.status == "done"
    assert same([first], together([sound], width=2))


@dataclass(frozen=True)
class Clocked:
    """Change the batch more and more: a Python number of the step."""

    def change(self, x: Tensor, y: Tensor, moment) -> tuple[Tensor, Tensor]:
        return x * (1 + moment.progress), y


def with_augment(one: Start) -> Start:
    slots = replace(one.program.slots, augment=(Clocked(),))
    return replace(one, program=replace(one.program, slots=slots))


def test_a_step_that_looks_at_its_number_is_not_recorded_and_goes_on() -> None:
    starts = [with_augment(start(seed)) for seed in (0, 1)]
    device = Simulated()
    assert same(
        together(starts, UPDATES, width=2, capture=device), together(starts, UPDATES, width=2)
    )
    assert device.recordings == 0


def test_what_a_device_cannot_record_goes_on_unrecorded() -> None:
    def refuses(rehearsal: Callable[[], object], program: Callable[[], list[Tensor]]):
        raise RuntimeError("operation not permitted when stream is capturing")

    starts = [start(seed) for seed in (0, 1)]
    assert same(
        together(starts, UPDATES, width=2, capture=refuses), together(starts, UPDATES, width=2)
    )


def test_memory_that_gives_out_while_recording_is_no_reason_to_go_on() -> None:
    def full(rehearsal: Callable[[], object], program: Callable[[], list[Tensor]]):
        raise torch.OutOfMemoryError("CUDA out of memory")

    starts = [start(0), start(1)]
    with pytest.raises(torch.OutOfMemoryError):
        list(train(Lifted(starts, width=2, capture=full), starts, lambda lane, seen: None))


def test_the_simulated_device_bakes_python_numbers_in() -> None:
    factor = [2.0]
    made = Captured(
        lambda state, fed: ({"a": state["a"] + fed["b"] * factor[0]}, [state["a"] * 1]),
        state := {"a": torch.ones(2)},
        {"b": torch.ones(2)},
        Simulated(),
    )
    factor[0] = 100.0
    assert torch.equal(state["a"], torch.ones(2))
    made({"b": torch.full((2,), 3.0)})
    assert torch.equal(state["a"], torch.full((2,), 7.0))


def test_the_simulated_device_cannot_record_a_question_to_the_host() -> None:
    with pytest.raises(RuntimeError, match="capturing"):
        Captured(
            lambda state, fed: ({"a": state["a"] * float(fed["b"].sum())}, []),
            {"a": torch.ones(2)},
            {"b": torch.ones(2)},
            Simulated(),
        )


def test_parts_of_a_state_that_change_places_are_written_whole() -> None:
    state = {"a": torch.ones(2), "b": torch.zeros(2), "c": torch.full((2,), 5.0)}
    write(state, {"a": state["b"], "b": state["a"], "c": state["c"]})
    assert torch.equal(state["a"], torch.zeros(2))
    assert torch.equal(state["b"], torch.ones(2))
    assert torch.equal(state["c"], torch.full((2,), 5.0))
