"""Each trial says which samples it met, so that what its seeds share can be seen."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from kinds import Kind
from own_models import job, prepared_as_in_a_worker
from tiny import run_trial

from hikaku.data.split import Split
from hikaku.execution.ground import named_rows

pytestmark = pytest.mark.usefixtures(prepared_as_in_a_worker.__name__)

NET = """
class Net(nn.Module):
    def __init__(self, inputs, classes):
        super().__init__()
        self.fc = nn.Linear(inputs[0], classes)

    def forward(self, x):
        return self.fc(x)
"""


def met(folder: Path, seed: int, **data: Any) -> list[str]:
    """Return the words for the samples that one trial trained on, validated and tested on."""
    asked = job(Kind("", NET), "base", folder, seed)
    asked = replace(asked, work=replace(asked.work, data=replace(asked.work.data, **data)))
    sheets = run_trial(asked, lambda done, of: None).sheets
    (found,) = (sheet.array.tolist() for sheet in sheets if sheet.name == "split")
    return found


def test_seeds_say_whether_they_share_their_samples(tmp_path: Path) -> None:
    drawn = [met(tmp_path, seed) for seed in (0, 1)]
    assert all(one != other for one, other in zip(*drawn, strict=True))
    assert [met(tmp_path, seed, resample="init") for seed in (0, 1)] == [drawn[0]] * 2


def test_arms_of_one_seed_share_validation_and_test(tmp_path: Path) -> None:
    few, many = met(tmp_path, 0, train=10), met(tmp_path, 0)
    assert few[1:] == many[1:] and few[0] != many[0]


def test_samples_are_a_set_but_for_test_whose_answers_are_kept_in_order() -> None:
    rows, turned = np.arange(4), np.arange(4)[::-1]
    words, other = named_rows(Split(rows, rows, rows)), named_rows(Split(turned, turned, turned))
    assert words[:2] == other[:2] and words[2] != other[2]
