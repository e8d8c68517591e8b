"""Weights that a trial ends with are not read again where they are the best ones too."""

from __future__ import annotations

from typing import Any

import pytest
from own_models import train
from tiny import job, use

from hikaku.execution.plain import prepared
from hikaku.training.evaluate import Reader
from hikaku.training.stack import Trained

EARLY = {"stopping": use("early-stopping", patience=2)}
NOT_RESTORED = {"stopping": use("early-stopping", patience=2, restore=False)}
GETS_WORSE = {"optimizer": use("sgd", lr=0.4), "epochs": 12}


@pytest.fixture
def read(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Return how many samples each reading took, as it happens."""
    seen: list[int] = []
    outputs = Reader.outputs

    def spied(self: Reader, program: Any, weights: Any, part: Any) -> Any:
        seen.append(len(part.y))
        return outputs(self, program, weights, part)

    monkeypatch.setattr(Reader, "outputs", spied)
    return seen


def figures(found: Trained, how: str) -> dict[tuple[str, str], float]:
    return {(r.split, r.metric): r.value for r in found.records if r.reading == how}


def evaluations(found: Trained) -> int:
    curve = {r.step for r in found.records if r.reading == "curve"}
    return len(curve)


@pytest.mark.parametrize(
    "slots",
    [{}, EARLY, NOT_RESTORED, {**EARLY, **GETS_WORSE}],
    ids=["base", "restores", "keeps the last", "restores what was better"],
)
def test_the_last_weights_are_read_once_where_they_are_the_best(
    slots: dict[str, object], read: list[int]
) -> None:
    found = train(prepared(job(**slots)))
    assert figures(found, "last") == figures(found, "best") != {}
    # Train sample and validation on the way, and all three splits at the end.
    assert len(read) == evaluations(found) * 2 + 3


def test_other_weights_are_read_on_their_own(read: list[int]) -> None:
    found = train(prepared(job(**{**NOT_RESTORED, **GETS_WORSE})))
    last, best = figures(found, "last"), figures(found, "best")
    assert last.keys() == best.keys()
    assert last != best
    assert len(read) == evaluations(found) * 2 + 6
