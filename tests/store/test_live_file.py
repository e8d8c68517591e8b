"""What a run writes beside its store is read whole or not at all, and nothing hangs on it."""

import os
import time
from dataclasses import replace
from pathlib import Path

import pytest

from hikaku.store import live
from hikaku.store.live import FRESH_SECONDS, Flight, Live

FLIGHT = Flight("dropout", 3, 20, 480, 8, {"validation loss": ((8, 2.25), (16, 1.5))})
RUN = Live("digits", "..", 40, True, 2, 12.5, 60.25, (FLIGHT,))


@pytest.mark.parametrize("left", [60.25, None])
def test_what_is_written_is_read_back_until_it_is_removed(tmp_path: Path, left: float | None):
    told = replace(RUN, left=left)
    live.write(tmp_path / "store.live", told)
    assert live.read(tmp_path / "store.live") == told
    assert (tmp_path / "store.live").stat().st_mode & 0o077 == 0
    live.remove(tmp_path / "store.live")
    assert live.read(tmp_path / "store.live") is None
    assert list(tmp_path.iterdir()) == []


def test_a_killed_run_is_not_taken_for_one_that_goes_on(tmp_path: Path):
    live.write(tmp_path / "store.live", RUN)
    long_ago = time.time() - FRESH_SECONDS - 5
    os.utime(tmp_path / "store.live", (long_ago, long_ago))
    assert live.read(tmp_path / "store.live") is None


@pytest.mark.parametrize(
    "text",
    [
        "", "{", "null", "[]", '{"study": 1}', "[" * 100_000, "\x00" * 100,
        '{"study":"a","folder":"","total":1,"at_most":false,"ended":"x","seconds":1,'
        '"left":null,"running":[]}',
        '{"study":"a","folder":"","total":1,"at_most":false,"ended":0,"seconds":1,'
        '"left":NaN,"running":[]}',
        '{"study":"a","folder":"","total":1,"at_most":0,"ended":0,"seconds":1,"left":null,'
        '"running":[{"arm":"a","seed":0,"step":1,"steps":2,"per_epoch":1,"curves":{"l":[[1]]}}]}',
        '{"study":"a","folder":"","total":1,"at_most":0,"ended":0,"seconds":1,"left":null,'
        '"running":[{"arm":"a","seed":0,"step":1,"steps":2,"per_epoch":1,"curves":{"l":[[1,1e308]]}}]}',
        '{"study":"a","folder":"","total":1,"at_most":0,"ended":0,"seconds":1,"left":null,"running":'
        '[{"arm":"a","seed":0,"step":1%s,"steps":2,"per_epoch":1,"curves":{}}]}' % ("0" * 400),
    ],
)  # fmt: skip
def test_nonsense_is_no_run(tmp_path: Path, text: str):
    (tmp_path / "store.live").write_text(text)
    assert live.read(tmp_path / "store.live") is None
