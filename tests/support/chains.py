"""Models that are chains of dense layers, or look like it, and what is found of them."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import torch
from kinds import Kind
from own_models import job as own_job
from tiny import job

from hikaku.execution.plain import Prepared, prepared
from hikaku.study.catalogue import models
from hikaku.study.recipe import Use
from hikaku.training.chain import Activation, Chain, Dense, NoChain, Noise, Norm
from hikaku.training.recognise import chain_of

START = """
def __init__(self, inputs, classes):
    super().__init__()
    self.fc1, self.fc2 = nn.Linear(inputs[0], 6), nn.Linear(6, 6)
    self.fc3 = nn.Linear(6, classes)
    self.calls, self.seen = 0, []
"""
"""Three layers, for a `forward` of a test's own."""


def found(trial: Prepared, samples: int = 8) -> Chain | NoChain:
    x = trial.material.data[0]
    assert isinstance(x, torch.Tensor)
    return chain_of(trial.program, trial.state, x[:samples])


def mlp_trial(*layers: Use, hidden: tuple[int, ...] = (12, 9), **slots: Any) -> Prepared:
    asked = job(layers=layers, **slots)
    model = models()["mlp"].use({"hidden": hidden})
    return prepared(replace(asked, work=replace(asked.work, model=model)))


def own_trial(folder: Path, body: str, data: str = "vectors", arm: str = "base") -> Prepared:
    """The body of a module of the user's: its `__init__` and `forward`."""
    lines = "\n".join(f"    {line}" for line in body.strip("\n").splitlines())
    return prepared(own_job(Kind("", f"\nclass Net(nn.Module):\n{lines}\n", data), arm, folder))


def words(chain: Chain | NoChain) -> str:
    """A chain in few words, or the reason why it is none."""
    if isinstance(chain, NoChain):
        return f"no chain: {chain.why}"
    kinds = {Dense: "dense", Norm: "norm", Noise: "noise"}
    return " ".join(op.kind if isinstance(op, Activation) else kinds[type(op)] for op in chain.ops)
