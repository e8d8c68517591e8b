"""A set that was read from other files than its source's says so, down to what a trial leaves."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from tiny import job, run_trial

from hikaku.data import cache
from hikaku.data.builtin import DIGITS, other_pixels
from hikaku.record import OTHER_PIXELS

NAMED = replace(DIGITS, files={"digits.bin.gz": "md5:0"})


def test_files_of_the_source_are_the_originals_gzipped_or_not() -> None:
    assert DIGITS.task(()).notes == ()
    for name in ("digits.bin", "digits.bin.gz"):
        assert NAMED.task((Path("here") / name,)).notes == ()


def test_a_trial_tells_which_files_stood_in_for_them() -> None:
    task = NAMED.task((Path("digits-jpeg/train.parquet"),))
    assert task.notes == (other_pixels("digits-jpeg"),)
    # Contents of its own: equal ones share a folder of the cache, and its notes.
    turned = replace(task, inputs=task.inputs[::-1].copy(), targets=task.targets[::-1].copy())
    folder = str(cache.keep(turned))
    sheets = {one.name: one.array for one in run_trial(replace(job(), task=folder)).sheets}
    assert f"{OTHER_PIXELS}digits-jpeg" in sheets["noticed"].tolist()
    assert "noticed" not in {one.name for one in run_trial(job()).sheets}
