"""How often trials are saved is a number of seconds, or the run says so before anything else."""

from __future__ import annotations

import pytest

from hikaku.errors import EnvironmentFault
from hikaku.execution.asked_cadence import EVERY, asked_seconds


@pytest.mark.parametrize(("written", "seconds"), [("", None), (" 60 ", 60.0), ("0", 0.0)])
def test_seconds_are_read_and_silence_is_none(
    monkeypatch: pytest.MonkeyPatch, written: str, seconds: float | None
) -> None:
    monkeypatch.setenv(EVERY, written)
    assert asked_seconds() == seconds


@pytest.mark.parametrize("written", ["often", "-1", "nan", "inf", "1,5"])
def test_nonsense_is_refused_by_name(monkeypatch: pytest.MonkeyPatch, written: str) -> None:
    monkeypatch.setenv(EVERY, written)
    with pytest.raises(EnvironmentFault) as caught:
        asked_seconds()
    assert EVERY in caught.value.text() and written in caught.value.text()
