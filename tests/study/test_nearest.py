from __future__ import annotations

import string
from collections.abc import Iterator

import pytest

from hikaku.study.arms import VARIANT_KEYS
from hikaku.study.catalogue import techniques
from hikaku.study.data import DATA_KEYS
from hikaku.study.decode import KEYS
from hikaku.study.fill import RECIPE_KEYS
from hikaku.study.metrics import KEYS as METRIC_KEYS
from hikaku.study.metrics import METRICS
from hikaku.study.nearest import nearest, suggest
from hikaku.words import message

VOCABULARIES = {
    "study": KEYS,
    "recipe": RECIPE_KEYS,
    "variant": VARIANT_KEYS,
    "data": DATA_KEYS,
    "metric": METRIC_KEYS,
    "metrics": tuple(METRICS),
}


def typos(word: str) -> Iterator[str]:
    """Yield every word one slip away: a letter lost, wrong, too many, or two exchanged."""
    letters = string.ascii_lowercase
    for at in range(len(word) + 1):
        yield from (word[:at] + letter + word[at:] for letter in letters)
        if at < len(word):
            yield word[:at] + word[at + 1 :]
            yield from (word[:at] + letter + word[at + 1 :] for letter in letters)
        if at + 1 < len(word):
            yield word[:at] + word[at + 1] + word[at] + word[at + 2 :]


@pytest.mark.parametrize("vocabulary", VOCABULARIES)
@pytest.mark.fault("E1", "C12")
def test_one_slip_of_the_hand_is_understood_95_times_in_100(vocabulary: str) -> None:
    names = VOCABULARIES[vocabulary]
    slips = [
        (slip, name)
        for name in names
        for slip in sorted(set(typos(name)))
        if slip and slip not in names
    ][::7]
    right = sum(nearest(slip, names) == name for slip, name in slips)
    assert right >= 0.95 * len(slips)


def test_settings_of_every_technique_are_understood_too() -> None:
    slips = [
        (slip, setting.name, [other.name for other in entry.settings])
        for entry in techniques().values()
        for setting in entry.settings
        for slip in sorted(set(typos(setting.name)))[::9]
    ]
    tried = [
        (nearest(slip, names), name) for slip, name, names in slips if slip and slip not in names
    ]
    assert sum(found == name for found, name in tried) >= 0.95 * len(tried)


@pytest.mark.parametrize("word", ["", "zzzzzz", "learning_rate_of_the_optimizer", "x" * 10_000])
def test_what_is_near_nothing_gets_no_suggestion(word: str) -> None:
    assert nearest(word, KEYS) == ""


def test_hyphen_underscore_and_case_are_one() -> None:
    assert nearest("Label_Smoothing", ["label-smoothing", "mse"]) == "label-smoothing"


def test_a_sentence_without_a_near_name_stays_as_it_was() -> None:
    sentence = message("there is no '{name}'.", name="q")
    assert suggest(sentence, "q", ["optimizer"]) is sentence
    assert str(suggest(sentence, "optimiser", ["optimizer"])).endswith("Did you mean 'optimizer'?")
