"""A stack of dense chains trains every trial to where the plain engine trains it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import numpy as np
import pytest
import torch
from chain_arms import COMBINED, ON_BLOCKS, ON_IMAGES, REFUSED, every_arm, in_slots
from dense_stacks import doubles, looked_at, stack_of, start, together
from stacks import alone, assert_alike
from tiny import use

from hikaku.execution.dense.rules import rank
from hikaku.study.catalogue import models, techniques
from hikaku.study.recipe import Use
from hikaku.techniques.slots import History
from hikaku.training.alone import Alone
from hikaku.training.chain import Chain
from hikaku.training.evaluate import CHUNK
from hikaku.training.stack import Start, Trained
from hikaku.training.takes import takes

SEEDS = (0, 1, 2)


def compared(arms: Sequence[dict[str, object]], **shapes: object) -> list[Trained]:
    """Train all arms at three seeds in one stack, and each alone; they must end alike."""
    starts = doubles([start(seed, **shapes, **slots) for slots in arms for seed in SEEDS])
    found = together(starts)
    for one, trained in zip(starts, found, strict=True):
        assert_same_end(one, trained)
    return found


def assert_same_end(one: Start, trained: Trained) -> None:
    """Records, sheets and weights are those of the plain engine."""
    plain = alone(one)
    assert_alike(plain, trained)
    assert [(s.name, s.array.shape) for s in plain.sheets] == [
        (s.name, s.array.shape) for s in trained.sheets
    ]
    for mine, its in zip(plain.sheets, trained.sheets, strict=True):
        if mine.array.dtype.kind == "f":
            np.testing.assert_allclose(its.array, mine.array, rtol=0, atol=1e-6)
        else:
            np.testing.assert_array_equal(its.array, mine.array)
    assert plain.state.weights.keys() == trained.state.weights.keys()
    # A bias in front of a batch norm has no gradient but rounding, which Adam makes steps of.
    if not plain.state.buffers:
        for name, value in plain.state.weights.items():
            torch.testing.assert_close(trained.state.weights[name], value, rtol=0, atol=1e-7)


def test_every_technique_in_one_stack_ends_as_alone_in_float64() -> None:
    arms = every_arm()
    tried = {name.rpartition(" ")[0] for name in arms}
    assert tried | REFUSED.keys() | ON_IMAGES | ON_BLOCKS == techniques().keys()
    found = compared(list(arms.values()))
    assert any(trained.step < 50 for trained in found), "none stopped early: the test is too tame"


def test_what_is_refused_is_what_is_listed() -> None:
    refused = {}
    for name in techniques().keys() - ON_IMAGES - ON_BLOCKS:
        one = start(**in_slots(name))
        why, found = takes(one.program.slots), looked_at(one)
        if why is not None or not isinstance(found, Chain):
            refused[name] = str(why or found.why)
    assert refused == REFUSED


def test_techniques_together_end_as_alone_in_float64() -> None:
    compared(list(COMBINED.values()))


def test_the_combinations_meet_every_rule_by_which_weights_follow() -> None:
    slots = [start(**arm).program.slots for arm in (*COMBINED.values(), *every_arm().values())]
    assert {rank(one) for one in slots} == {0, 1, 2, 3}


SHAPES: dict[str, dict[str, object]] = {
    "no hidden layer": {"hidden": ()},
    "odd widths": {"hidden": (7, 13), "inputs": 5, "classes": 3},
    "one unit": {"hidden": (1,), "inputs": 2, "classes": 2},
    "three hidden layers": {"hidden": (9, 9, 9), "batch_size": 30},
    "batches with replacement": {"order": "with-replacement"},
}
PLAIN_ARMS: tuple[dict[str, object], ...] = (
    {},
    {"optimizer": use("momentum", lr=0.05)},
    {"optimizer": use("adam", lr=0.01), "penalty": (use("l2", amount=0.01),)},
    {"clip": (use("clip-norm", limit=0.1),)},
    {"loss": use("mse")},
)


ROOM_ARMS: tuple[dict[str, object], ...] = (
    *PLAIN_ARMS,
    {"layers": (use("batch-norm"), use("dropout", p=0.3))},
    {"layers": (use("tanh"),)},
    {"layers": (use("tanh"), use("batch-norm"), use("dropout", p=0.3))},
)


def test_layers_as_wide_as_the_logits_share_their_room_with_nobody_else() -> None:
    compared(ROOM_ARMS, hidden=(8, 8, 8), classes=8)


@pytest.mark.parametrize("shape", SHAPES.values(), ids=SHAPES)
def test_chains_of_any_widths_end_as_alone_in_float64(shape: dict[str, object]) -> None:
    compared(PLAIN_ARMS, **shape)


def test_regression_ends_as_alone_in_float64() -> None:
    norms = ({"layers": (use("batch-norm"),)}, {"optimizer": use("adam", lr=0.01)})
    arms = ({}, {"optimizer": use("momentum", lr=0.05)}, *norms)
    compared([{"loss": use("mse"), **slots} for slots in arms], classes=0)


MODELS = '''
from torch import nn
from torch.nn import functional as F


class Normed(nn.Module):
    """Batch norms of its own, functional style, no bias in front of them."""

    def __init__(self, inputs, classes):
        super().__init__()
        self.first, self.norm = nn.Linear(inputs[0], 16, bias=False), nn.BatchNorm1d(16)
        self.second, self.other = nn.Linear(16, 8), nn.BatchNorm1d(8, affine=False, momentum=0.3)
        self.last = nn.Linear(8, classes, bias=False)

    def forward(self, x):
        x = F.relu(self.norm(self.first(x)))
        return self.last(self.other(F.elu(self.second(x))))


class Bare(nn.Module):
    """No bias anywhere."""

    def __init__(self, inputs, classes):
        super().__init__()
        self.first = nn.Linear(inputs[0], 16, bias=False)
        self.last = nn.Linear(16, classes, bias=False)

    def forward(self, x):
        return self.last(self.first(x).relu())
'''

TECHNIQUES = {
    "focal": '''
"""A loss of the user's."""
from dataclasses import dataclass
from torch.nn import functional as F
from hikaku.study.card import Card, Positive

CARD = Card(slot="loss", family="test", claim="none", formula="f", paper="none", year=2026)


@dataclass(frozen=True)
class Focal:
    """Weigh what is known already less."""

    gamma: Positive = 2.0

    def loss(self, logits, target, moment):
        log_p = F.log_softmax(logits, 1)
        return -(target * (1 - log_p.exp()) ** self.gamma * log_p).sum(1).mean()
''',
    "rooted": '''
"""An optimizer of the user's: it keeps gradients as they are, and mixes whole tensors."""
from dataclasses import dataclass
from hikaku.study.card import Card, Positive

CARD = Card(slot="optimizer", family="test", claim="none", formula="o", paper="none", year=2026)


@dataclass(frozen=True)
class Rooted:
    """A step of each tensor's mean size, by this gradient and the one before."""

    lr: Positive = 0.05

    def init(self, params):
        return {"before": {n: 0 * p for n, p in params.items()}, "slow": dict(params)}

    def update(self, grads, state, params, rate, facts):
        new = {}
        for (name, value), grad in zip(params.items(), grads.values()):
            step = grad + 0.5 * state["before"][name]
            size = (step * step).mean().sqrt() + 1e-3
            new[name] = value - self.lr * rate * step / size + 0.01 * (state["slow"][name] - value)
        return new, {"before": grads, "slow": state["slow"]}
''',
    "kept": '''
"""An optimizer of the user's that treats each number alone, and keeps what it was given."""
from dataclasses import dataclass
from hikaku.study.card import Card, Positive

CARD = Card(
    slot="optimizer", family="test", claim="none", formula="o", paper="none", year=2026,
    elementwise=True,
)


@dataclass(frozen=True)
class Kept:
    """This gradient and the one before, and a pull to the start."""

    lr: Positive = 0.05

    def init(self, params):
        return {"before": {n: 0 * p for n, p in params.items()}, "slow": dict(params)}

    def update(self, grads, state, params, rate, facts):
        new = {
            n: p - self.lr * rate * (grads[n] + 0.5 * state["before"][n])
            + 0.01 * (state["slow"][n] - p)
            for n, p in params.items()
        }
        return new, {"before": dict(grads), "slow": state["slow"]}
''',
    "cubic": '''
"""A penalty of the user's."""
from dataclasses import dataclass
from hikaku.study.card import Card, Positive

CARD = Card(slot="penalty", family="test", claim="none", formula="p", paper="none", year=2026)


@dataclass(frozen=True)
class Cubic:
    """The cubes of the weights that decay."""

    amount: Positive = 0.01

    def penalty(self, params, activations, facts):
        return self.amount * sum(params[name].abs().pow(3).sum() for name in sorted(facts.decays))
''',
}
"""Files of a user's, by the name of the technique in them."""


@pytest.fixture
def own(tmp_path: Path) -> Path:
    for name, text in TECHNIQUES.items():
        (tmp_path / f"{name}.py").write_text(text)
    (tmp_path / "nets.py").write_text(MODELS)
    return tmp_path


def own_use(own: Path, name: str) -> Use:
    return Use(f"{own}/{name}.py:{name.title()}")


@pytest.mark.parametrize("model", ["Normed", "Bare"])
def test_models_of_the_users_end_as_alone_in_float64(own: Path, model: str) -> None:
    named = Use(f"{own}/nets.py:{model}")
    arms = (*PLAIN_ARMS, {"layers": (use("dropout", p=0.3),)})
    compared(arms, model=named, folder=str(own))


@pytest.mark.parametrize("model", ["Normed", "Bare", "mlp", "none"])
def test_each_piece_of_what_is_read_is_kept_in_float64(own: Path, model: str) -> None:
    """Pieces are computed in one place; without a bias nothing is added to what lies there."""
    ours = models()["mlp"].use({"hidden": (16,) if model == "mlp" else ()})
    named = ours if model in ("mlp", "none") else Use(f"{own}/nets.py:{model}")
    one, other = doubles(
        [start(seed, model=named, folder=str(own), samples=900) for seed in (0, 1)]
    )
    stack = stack_of([one, other])
    for lane, trial in enumerate((one, other)):
        plain = Alone(trial).outputs("train")[0]
        assert len(plain) > 3 * CHUNK and len(plain) % CHUNK
        np.testing.assert_allclose(stack.outputs("train")[lane], plain, rtol=0, atol=1e-12)


def test_techniques_of_the_users_end_as_alone_in_float64(own: Path) -> None:
    loss, penalty = own_use(own, "focal"), own_use(own, "cubic")
    found = compared(
        [
            {"loss": loss},
            {"loss": loss, "optimizer": use("adam", lr=0.01)},
            {"optimizer": own_use(own, "rooted")},
            {"optimizer": own_use(own, "kept")},
            {"optimizer": own_use(own, "kept"), "penalty": (use("l2", amount=0.01),)},
            {"penalty": (penalty,)},
            {"penalty": (penalty, use("l2", amount=0.01)), "optimizer": use("adam", lr=0.01)},
            {"loss": loss, "optimizer": own_use(own, "rooted"), "penalty": (penalty,)},
        ],
        folder=str(own),
    )
    assert {trained.status for trained in found} == {"done"}


def test_a_state_handed_out_goes_on_as_if_nothing_had_happened(own: Path) -> None:
    """What is let out of a stack and in again is what it was: optimizers keep their types."""
    slots = [
        {"optimizer": own_use(own, name)} if name in TECHNIQUES else in_slots(name, lr=0.01)
        for name in ("rooted", "kept", "adam", "adamw", "momentum")
    ]
    starts = [start(0, folder=str(own), **one) for one in slots]
    beside = start(1)
    stack, other = stack_of([*starts, beside]), stack_of([*starts, beside])
    for update in range(12):
        if update in (3, 4):
            # The neighbour goes, and the arrangement with it; then nobody, only the arrangement.
            other.drop([len(starts)] if update == 3 else [])
        for one in (stack, other):
            one.update(update, [History() for _ in one.lanes])
    for lane in range(len(starts)):
        mine, its = stack.state(lane), other.state(lane)
        assert {v.dtype for v in mine.params.values()} == {torch.float32}
        for (name, value), again in zip(mine.params.items(), its.params.values(), strict=True):
            assert torch.equal(value, again), (lane, name)


@pytest.fixture
def threads() -> Iterator[Callable[[int], None]]:
    before = torch.get_num_threads()
    yield torch.set_num_threads
    torch.set_num_threads(before)


FLOAT32_ARMS: dict[str, dict[str, object]] = {
    "SGD": {},
    "Adam": {"optimizer": use("adam", lr=0.003)},
    "norm, momentum": {"layers": (use("batch-norm"),), "optimizer": use("momentum", lr=0.05)},
}


@pytest.mark.parametrize("arm", FLOAT32_ARMS.values(), ids=FLOAT32_ARMS)
def test_in_float32_the_engine_moves_a_trial_no_further_than_another_thread_does(
    arm: dict[str, object], threads: Callable[[int], None]
) -> None:
    """Medians over seeds: now and then a rounding turns a unit on or off, whoever makes it.

    Both are measured in rounding errors of the losses; a factor of eight is left for chance.
    """
    shape = {"hidden": (64,), "inputs": 200, "classes": 10, "batch_size": 128, "samples": 300}
    starts = [start(seed, **shape, **arm) for seed in range(5)]
    threads(2)
    other = [losses(alone(one)) for one in starts]
    threads(1)
    plain = [losses(alone(one)) for one in starts]
    dense = [losses(trained) for trained in together(starts)]
    by_engine, by_threads = (apart(plain, found) for found in (dense, other))
    assert by_engine <= 8 * max(by_threads, 1.0)
    assert by_engine > 0, "not one bit differs: is it another engine at all?"


def losses(trained: Trained) -> np.ndarray:
    return np.array([one.value for one in trained.records if one.metric == "loss"])


def apart(some: Sequence[np.ndarray], others: Sequence[np.ndarray]) -> float:
    """The median over trials of the largest difference, in roundings of a float32 of its size."""
    gaps = [
        np.max(np.abs(one - other) / (np.finfo(np.float32).eps * np.abs(one)))
        for one, other in zip(some, others, strict=True)
    ]
    return float(np.median(gaps))
