"""`verify-resume` proves it on a study's own arms, or says where they part, and in what."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from hikaku.errors import StudyError
from hikaku.run.verify import Parted, compared, verify_resume
from hikaku.study.decode import from_mapping
from hikaku.words import Message

SECRET = '''
"""Scale by how often it was called."""
from dataclasses import dataclass
from hikaku.study.card import Card, Positive

CARD = Card(slot="clip", family="test", claim="none", formula="g", paper="none", year=2026)
CALLS = [0]

@dataclass(frozen=True)
class Secret:
    """Scale by how often it was called."""
    limit: Positive = 1.0

    def clip(self, grads, params):
        CALLS[0] += 1
        return {name: value * (1 + 0.01 * CALLS[0]) for name, value in grads.items()}
'''
LATE = """
import torch
from torch import nn

class Net(nn.Module):
    def __init__(self, inputs, classes):
        super().__init__()
        self.first, self.last = nn.Linear(64, 6), nn.Linear(6, classes)
        self.calls = 0

    def forward(self, x):
        x = torch.relu(self.first(x.flatten(1)))
        self.calls += self.training
        return self.last(x * 1.01 if self.calls > 14 else x)
"""
STUDY: dict[str, Any] = {
    "format": 1,
    "metric": "accuracy",
    "worth": 0.01,
    "seeds": 2,
    "model": {"use": "mlp", "hidden": [8]},
    "data": {"use": "digits", "train": 160, "validation": 30},
    "recipe": {"epochs": 3, "batch_size": 16, "optimizer": "adam"},
    "variant": [{"name": "dropout", "layers": ["dropout"]}],
}


class Silent:
    def note(self, what: Message) -> None: ...


def said(folder: Path, **changes: Any) -> list[str]:
    study = from_mapping(STUDY | changes, name="mine", folder=folder)
    return [str(line) for line in verify_resume(study, str(folder / "store.db"), Silent())]


SAME = "{arm}: interrupted after update 10 of 20, it ends bit for bit the same"


@pytest.mark.slow
def test_arms_of_ours_go_on_bit_for_bit_and_nothing_is_kept(tmp_path: Path) -> None:
    found = said(tmp_path)
    assert found == [SAME.format(arm="base"), SAME.format(arm="dropout")]
    assert not list(tmp_path.iterdir())


@pytest.mark.slow
@pytest.mark.fault("C10")
def test_a_technique_that_keeps_a_secret_is_found_out(tmp_path: Path) -> None:
    (tmp_path / "my_clip.py").write_text(SECRET)
    arm = {"name": "secret", "clip": ["my_clip.py:Secret"]}
    with pytest.raises(StudyError) as raised:
        said(tmp_path, variant=[arm])
    (fault,) = raised.value.faults
    assert fault.where == "mine (secret):"
    assert "from update 11 on" in str(fault.what) and "optimizer" in str(fault.what)
    assert fault.why and fault.mend


@pytest.mark.slow
def test_the_module_is_named_whose_output_differs_first(tmp_path: Path) -> None:
    (tmp_path / "my_net.py").write_text(LATE)
    with pytest.raises(StudyError, match=r"from update 15 on.*the module `last`"):
        said(tmp_path, model="my_net.py:Net", variant=[])


def test_an_outside_arm_is_said_to_begin_again(tmp_path: Path) -> None:
    (tmp_path / "train.py").write_text("def train(settings, seed, report): ...\n")
    study = from_mapping(
        {
            "format": 1,
            "metric": {"name": "score", "better": "higher"},
            "worth": 1,
            "seeds": 2,
            "train": "train.py:train",
            "settings": {"a": 1},
            "variant": [{"name": "b", "settings": {"a": 2}}],
        },
        name="theirs",
        folder=tmp_path,
    )
    with pytest.raises(StudyError, match="starts again at zero"):
        list(verify_resume(study, str(tmp_path / "store.db"), Silent()))


def test_two_trainings_part_where_the_first_state_differs() -> None:
    one = {"state": {"10": {"a": "x", "b": "y"}, "11": {"a": "1"}}, "outputs": {"10": {"m": "1"}}}
    other = {"state": {"10": {"a": "x", "b": "z"}, "11": {"a": "2"}}, "outputs": {}}
    assert compared(one, one) is None
    assert compared(one, other) == Parted(10, ("b",), "m")
