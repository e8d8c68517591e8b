"""First weights follow from the seed, and files that a model reads are said."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from kinds import Kind
from own_models import job, prepared_as_in_a_worker
from tiny import run_trial

from hikaku.errors import StudyError
from hikaku.execution.dry import dry_run
from hikaku.user_code import symbol_in

pytestmark = pytest.mark.usefixtures(prepared_as_in_a_worker.__name__)

BODY = """
import numpy as np
from pathlib import Path

B = nn.Linear(6, 8)


class Net(nn.Module):
    def __init__(self, inputs, classes):
        super().__init__()
        {before}
        self.fc1, self.fc2 = nn.Linear(inputs[0], 8), nn.Linear(8, classes)
        {after}

    def forward(self, x):
        return self.fc2(F.relu(self.fc1(x)))
"""


def kind(before: str = "pass", after: str = "pass") -> Kind:
    return Kind("", BODY.format(before=before, after=after))


def test_a_constructor_with_a_generator_of_its_own_is_refused(tmp_path: Path) -> None:
    after = "self.fc1.weight.data += float(np.random.default_rng().normal())"
    with pytest.raises(StudyError, match=r"built twice under one seed differs in fc1\.weight"):
        dry_run(job(kind(after=after), "base", tmp_path))


@pytest.mark.parametrize("before", ["torch.manual_seed(42)"])
def test_a_constructor_that_seeds_itself_is_refused(before: str, tmp_path: Path) -> None:
    with pytest.raises(StudyError, match="every seed would start from the same weights"):
        dry_run(job(kind(before), "base", tmp_path))


def test_a_model_that_starts_from_zeros_or_draws_as_usual_is_not(tmp_path: Path) -> None:
    dry_run(job(kind(), "base", tmp_path / "usual"))
    zeros = "[nn.init.zeros_(p) for p in self.parameters()]"
    dry_run(job(kind(after=zeros), "base", tmp_path / "zeros"))


def test_a_file_that_the_constructor_reads_is_said(tmp_path: Path) -> None:
    asked = job(kind(after="Path(__file__).with_name('w.txt').read_text()"), "base", tmp_path)
    (tmp_path / "w.txt").write_text("1")
    measured = run_trial(asked, lambda step, steps: None)
    words = {sheet.name: sheet.array.tolist() for sheet in measured.sheets}
    assert words["noticed"] == ["reads w.txt"]


def test_threads_and_types_that_a_file_sets_act_on_nothing(tmp_path: Path) -> None:
    plain = run_trial(job(kind(), "base", tmp_path / "a"), lambda step, steps: None)
    sets = Kind("", kind().text.replace("import numpy", "torch.set_num_threads(3)\nimport numpy"))
    other = run_trial(job(sets, "base", tmp_path / "b"), lambda step, steps: None)
    assert torch.get_num_threads() == 1
    assert other.records == plain.records


def test_an_edited_helper_is_read_anew_in_the_same_process(tmp_path: Path) -> None:
    (tmp_path / "helper.py").write_text("VALUE = 1\n")
    (tmp_path / "mine.py").write_text("from helper import VALUE\n")
    assert symbol_in("mine.py:VALUE", str(tmp_path)) == 1
    (tmp_path / "helper.py").write_text("VALUE = 2\n")
    assert symbol_in("mine.py:VALUE", str(tmp_path)) == 2
