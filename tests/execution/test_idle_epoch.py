"""A schedule by which the first epoch learns nothing is noticed, whatever computes the trial."""

from __future__ import annotations

from dataclasses import replace

import pytest
from tiny import job, recipe, run_trial, use

from hikaku.record import IDLE


@pytest.mark.parametrize(("every", "is_idle"), [("epoch", True), ("update", False)])
def test_an_epoch_at_a_rate_of_zero_leaves_a_word(every: str, is_idle: bool) -> None:
    schedule = use("warmup-cosine", warmup=1.0, every=every)
    asked = job()
    work = replace(asked.work, recipe=recipe(epochs=2, schedule=schedule))
    sheets = {one.name: one.array.tolist() for one in run_trial(replace(asked, work=work)).sheets}
    assert (IDLE in sheets.get("noticed", [])) is is_idle
