"""What is one program and what is not: arms that differ unseen, and code that draws late."""

from __future__ import annotations

from pathlib import Path

import pytest

import hikaku as hk
from hikaku.api import Answer

NET = """
from functools import partial
from torch import nn
from torch.nn import functional as F


class Net(nn.Module):
    def __init__(self, inputs, classes, slope: float = 0.0):
        super().__init__()
        self.fc1, self.fc2 = nn.Linear(64, 16), nn.Linear(16, classes)
        self.act = partial(F.leaky_relu, negative_slope=slope)

    def forward(self, x):
        return self.fc2(self.act(self.fc1(x.flatten(1))))
"""

STUDY = """
format = 1
question = "?"
metric = "loss"
worth = 0.01
seeds = 1
data = { use = "digits", train = 100, validation = 20 }
keep = { weights = "none" }
"""

LATE = """'''Noise, later.'''

from dataclasses import dataclass

import torch

from hikaku.study.card import Card, Positive
from hikaku.techniques.slots import Facts, Tensors, Tree

CARD = Card(
    slot="optimizer", family="optimizer", claim="c", formula="f", paper="p", year=2000,
)


@dataclass(frozen=True)
class Late:
    \"\"\"Draws from the global generator after a few updates.\"\"\"

    lr: Positive = 0.1

    def init(self, params: Tensors) -> Tree:
        return {"count": torch.zeros((), dtype=torch.float64)}

    def update(self, grads, state, params, rate, facts):
        noisy = bool(state["count"] > 5)
        step = {n: g + torch.randn_like(g) * 0.1 if noisy else g for n, g in grads.items()}
        moved = {n: p - self.lr * rate * step[n] for n, p in params.items()}
        return moved, {"count": state["count"] + 1}
"""

CUBIC = """'''Third powers.'''

from dataclasses import dataclass

from hikaku.study.card import Card, NonNegative
from hikaku.techniques import l2

CARD = Card(slot="penalty", family="decay", claim="c", formula="f", paper="p", year=2000)


@dataclass(frozen=True)
class Cubic(l2.L2):
    \"\"\"Like L2, but of third powers.\"\"\"

    share: NonNegative = 0.05

    def penalty(self, params, activations, facts):
        return sum((abs(p) ** 3).sum() for p in params.values()) * self.share
"""


def ran(folder: Path, text: str, engine: str = "auto") -> Answer:
    (folder / "study.toml").write_text(STUDY + text)
    store = folder / f"{engine}.db"
    return hk.run(folder / "study.toml", store=store, quiet=True, workers=1, engine=engine)  # type: ignore[arg-type]  # one of four words


def losses(answer: Answer, arm: str) -> list[float]:
    records = answer.results.trials[arm, 0].records
    return [row.value for row in records if row.metric == "loss" and row.reading == "curve"]


def test_a_function_that_a_model_holds_is_each_arms_own(tmp_path: Path) -> None:
    (tmp_path / "net.py").write_text(NET)
    text = """
model = "net.py:Net"
[recipe]
epochs = 3
optimizer = { use = "sgd", lr = 0.1 }
[[variant]]
name = "leaky"
model = { use = "net.py:Net", slope = 0.9 }
"""
    stacked, plain = ran(tmp_path, text), ran(tmp_path, text, "plain")
    assert stacked.results.outcome("base", 0).arithmetic.startswith("dense")  # type: ignore[union-attr]  # it is there
    for arm in ("base", "leaky"):
        gaps = [abs(a - b) for a, b in zip(losses(stacked, arm), losses(plain, arm), strict=True)]
        assert max(gaps) < 1e-4, arm
    assert losses(stacked, "base") != losses(stacked, "leaky")


def test_a_subclass_of_a_technique_is_not_taken_for_it(tmp_path: Path) -> None:
    (tmp_path / "cubic.py").write_text(CUBIC)
    text = """
model = { use = "mlp", hidden = [16] }
[recipe]
epochs = 3
optimizer = { use = "sgd", lr = 0.1 }
[[variant]]
name = "cubic"
penalty = [{ use = "cubic.py:Cubic" }]
"""
    stacked, plain = ran(tmp_path, text), ran(tmp_path, text, "plain")
    pairs = zip(losses(stacked, "cubic"), losses(plain, "cubic"), strict=True)
    assert max(abs(a - b) for a, b in pairs) < 1e-4


SIZED = """
from torch import nn


class Net(nn.Module):
    def __init__(self, inputs, classes):
        super().__init__()
        self.fc1, self.fc2 = nn.Linear(64, 16), nn.Linear(16, classes)

    def forward(self, x):
        h = self.fc1(x.flatten(1)).relu()
        return self.fc2(h * 0 if self.training and len(x) == 36 else h)
"""


def test_a_model_that_looks_at_the_size_of_its_last_batch_is_no_chain(tmp_path: Path) -> None:
    (tmp_path / "net.py").write_text(SIZED)
    text = """
model = "net.py:Net"
[recipe]
epochs = 2
batch_size = 64
optimizer = { use = "sgd", lr = 0.1 }
"""
    outcome = ran(tmp_path, text).results.outcome("base", 0)
    assert outcome is not None and outcome.arithmetic.startswith("plain")


def test_what_draws_late_in_a_stack_is_no_result(tmp_path: Path) -> None:
    (tmp_path / "late.py").write_text(LATE)
    text = """
model = { use = "mlp", hidden = [16] }
[recipe]
epochs = 5
optimizer = { use = "sgd", lr = 0.1 }
[[variant]]
name = "late"
optimizer = { use = "late.py:Late" }
"""
    found = ran(tmp_path, text)
    outcome = found.results.outcome("late", 0)
    assert outcome is not None and outcome.status == "failed"
    assert "random numbers of its own" in outcome.error
    base = found.results.outcome("base", 0)
    assert base is not None and base.status == "done"


@pytest.mark.fault("C1")
def test_an_arm_that_diverges_at_once_stops_no_study(tmp_path: Path) -> None:
    text = """
model = { use = "mlp", hidden = [64, 64] }
[recipe]
epochs = 1
optimizer = { use = "sgd", lr = 0.1 }
[[variant]]
name = "wild"
optimizer = { use = "sgd", lr = 1e7 }
"""
    found = ran(tmp_path, text)
    outcome = found.results.outcome("wild", 0)
    assert outcome is not None and outcome.status == "diverged"
