"""A study of the user's own in every way; each of its files leaves a mark where it is run."""

from __future__ import annotations

from pathlib import Path

MARK = 'from pathlib import Path\nPath(__file__).with_suffix(".ran").touch()\n'
FILES = {
    "my_model.py": """
import torch.nn as nn
import my_helper


class Net(nn.Module):
    def __init__(self, inputs, classes):
        super().__init__()
        self.layer = nn.Linear(inputs[0], classes)

    def forward(self, x):
        return self.layer(x)
""",
    "my_helper.py": "",
    "my_data.py": """
import numpy as np


def load():
    numbers = np.random.default_rng(0)
    x = numbers.normal(size=(60, 4)).astype(np.float32)
    return x, (x[:, 0] > 0).astype(np.int64)
""",
    "my_metric.py": """
def score(answers, targets):
    return float((answers.argmax(1) == targets).mean())
""",
    "my_technique.py": """
from dataclasses import dataclass

from hikaku.study.card import Card, PositiveCount

CARD = Card(
    slot="schedule", family="schedule", claim="None.", formula="1", paper="none: a test", year=2026
)


@dataclass(frozen=True)
class Constant:
    '''Change nothing.'''

    updates: PositiveCount = 5

    def rate(self, moment, history):
        '''Return 1.'''
        return 1.0
""",
}
STUDY = """
format = 1
question = "Is reading safe?"
metric = { name = "my_metric.py:score", better = "higher" }
worth = 0.01
seeds = 3
model = "my_model.py:Net"
data = "my_data.py:load"
[recipe]
epochs = 1
batch_size = 16
optimizer = { use = "sgd", lr = 0.1 }
[[variant]]
name = "own schedule"
schedule = "my_technique.py:Constant"
batch_size = 8
"""


def write(folder: Path) -> None:
    """Write the study, `study.toml`, and its files."""
    for name, text in FILES.items():
        doc = '"""Leaves a mark."""\n'
        (folder / name).write_text(doc + MARK + text)
    (folder / "study.toml").write_text(STUDY)


def ran(folder: Path) -> set[str]:
    """Return the names of its files that were run since they were last forgotten."""
    return {path.stem for path in folder.glob("*.ran")}


def forget(folder: Path) -> None:
    """Take the marks away."""
    for path in folder.glob("*.ran"):
        path.unlink()
