"""A last batch is read in training mode, where it is asked for, and nothing else changes."""

from __future__ import annotations

from dataclasses import replace

import pytest
from tiny import job, run_trial, use

from hikaku.study.metrics import LAST_BATCH


def test_it_is_read_only_where_it_is_asked_for_and_changes_nothing_else() -> None:
    plain = run_trial(job()).records
    asked = run_trial(replace(job(), extra=(LAST_BATCH,))).records
    assert [one for one in asked if one.reading != "batch"] == list(plain)
    assert {one.reading for one in plain} == {"curve", "running", "last", "best"}


def test_it_is_that_of_the_last_samples_of_each_epoch() -> None:
    read = run_trial(replace(job(layers=(use("dropout"),)), extra=(LAST_BATCH,))).records
    found = [one for one in read if (one.reading, one.metric) == ("batch", "accuracy")]
    assert [one.step for one in found] == [3, 6, 9]
    for one in found:  # 40 samples in batches of 16 leave 8
        assert one.value * 8 == pytest.approx(round(one.value * 8), abs=1e-6)
    objective = {one.step: one.value for one in read if one.metric == "objective"}
    assert set(objective) == {3, 6, 9}
