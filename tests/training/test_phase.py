"""Where the first update of an arm fails, the part of it that failed is named."""

from __future__ import annotations

from pathlib import Path

import pytest
from kinds import Kind
from own_models import job, prepared_as_in_a_worker, train, trial_of

from hikaku.errors import StudyError
from hikaku.study.recipe import LIST_SLOTS, Use

pytestmark = pytest.mark.usefixtures(prepared_as_in_a_worker.__name__)

MODEL = """
class Bad(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        return x * 1

    @staticmethod
    def backward(ctx, grad):
        return grad.no_such


class Net(nn.Module):
    def __init__(self, inputs, classes):
        super().__init__()
        self.fc = nn.Linear(inputs[0], classes)

    def forward(self, x):
        return {answer}
"""
FINE = Kind("", MODEL.format(answer="self.fc(x)"))

TECHNIQUE = '''
"""A technique that fails at once."""
from dataclasses import dataclass

from hikaku.study.card import Card, Positive

CARD = Card(slot="{slot}", family="test", claim="none", formula="g", paper="none", year=2026)


@dataclass(frozen=True)
class Failing:
    """Fail."""

    lr: Positive = 0.1

    def init(self, params):
        return {{}}

    def {method}(self, *given):
        return given[0].no_such
'''
PARTS = {
    "augment": ("change", "an augmentation"),
    "loss": ("loss", "the loss"),
    "penalty": ("penalty", "a penalty"),
    "gradient": ("gradient", "the gradient's technique"),
    "clip": ("clip", "clipping"),
    "schedule": ("rate", "the schedule"),
    "optimizer": ("update", "the optimizer"),
    "project": ("project", "the projection"),
    "averaging": ("fold", "averaging"),
}


@pytest.mark.parametrize("slot", PARTS)
def test_a_technique_that_fails_is_named_and_no_forward_pass_is_blamed(
    slot: str, tmp_path: Path
) -> None:
    method, part = PARTS[slot]
    (tmp_path / "own.py").write_text(TECHNIQUE.format(slot=slot, method=method), "utf-8")
    use = Use("own.py:Failing", (("lr", 0.1),))
    filled = {slot: (use,) if slot in LIST_SLOTS else use}
    with pytest.raises(StudyError) as caught:
        train(trial_of(job(FINE, "base", tmp_path, **filled)))
    (fault,) = caught.value.faults
    assert f"the first update fails in {part}: AttributeError" in str(fault.what)
    assert fault.where.startswith("own.py:")
    assert part in str(fault.mend) and "run forward" not in str(fault.mend)


@pytest.mark.parametrize(
    ("answer", "part"),
    [
        ("self.fc(x) if len(x) < 8 else self.nothing", "the forward pass"),
        ("Bad.apply(self.fc(x))", "the backward pass"),
    ],
)
def test_a_model_that_fails_is_told_by_its_pass(answer: str, part: str, tmp_path: Path) -> None:
    with pytest.raises(StudyError) as caught:
        train(trial_of(job(Kind("", MODEL.format(answer=answer)), "base", tmp_path)))
    (fault,) = caught.value.faults
    assert f"the first update fails in {part}: AttributeError" in str(fault.what)
    assert fault.where.startswith("my_model.py:")
