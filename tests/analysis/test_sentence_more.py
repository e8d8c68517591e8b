"""What further seeds will do is said with its chance only where there is a doubt."""

from __future__ import annotations

import pytest

from hikaku.analysis.forecast import Forecast
from hikaku.analysis.sentence import more_words


@pytest.mark.parametrize(
    ("chance", "low", "high", "words"),
    [
        (1.0, 1, 1, "about 1 more seed"),
        (0.996, 1, 1, "about 1 more seed"),
        (1.0, 1, 3, "about 1 more seed (1 to 3)"),
        (0.99, 1, 1, "about 1 more seed, if any number decides it (chance 99 %)"),
    ],
)
def test_what_is_certain_has_no_condition(chance: float, low: int, high: int, words: str) -> None:
    assert str(more_words(Forecast(1, low, high, chance, (chance,)))) == words
