"""What a verdict speaks about is what the seeds drew anew."""

from dataclasses import replace

import numpy as np
import pytest
from result_builder import trial

from hikaku.analysis.scope import WORDS, scope
from hikaku.record import Results, Sheet
from hikaku.study.recipe import Use
from hikaku.study.study import Data

NOTHING = Results((0, 1, 2), {})
OWN = Data(Use("my.csv"), validation="auto", test="auto")


def met(*splits: str) -> Results:
    """Results whose base met these splits: one letter each for train, validation and test."""
    return Results(
        tuple(range(len(splits))),
        {
            ("base", seed): replace(trial(), sheets=(Sheet("split", np.array(list(words))),))
            for seed, words in enumerate(splits)
        },
    )


@pytest.mark.parametrize(
    ("splits", "found"),
    [
        (("abc", "def", "ghi"), "splits"),
        (("abc", "aef"), "splits"),
        (("abt", "cdt", "eft"), "test-set"),
        (("avt", "bvt"), "test-set"),
        (("abc", "abc", "abc"), "split"),
    ],
)
def test_what_the_trials_met_decides(splits: tuple[str, ...], found: str) -> None:
    assert scope(OWN, met(*splits)) == found
    # Also of what the study would have let us guess.
    assert scope(replace(OWN, test=0.2), met(*splits)) == found


@pytest.mark.parametrize(
    ("data", "found"),
    [
        ({}, "splits"),
        ({"test": "rest", "train": 5, "validation": 2, "beside": 7}, "splits"),
        ({"test": "official"}, "test-set"),
        ({"test": "official", "validation": 0, "train": 100}, "test-set"),
        ({"test": "official", "validation": 0}, "split"),
        ({"test": "official", "validation": "official"}, "split"),
        ({"test": "auto", "validation": "auto"}, None),
        ({"take": "first", "test": "auto"}, "split"),
        ({"resample": "init"}, "split"),
    ],
)
@pytest.mark.parametrize("results", [NOTHING, met("abc")], ids=["none", "one"])
def test_before_two_seeds_have_said_it_the_study_does(data, found, results: Results) -> None:
    assert scope(Data(Use("d"), **data), results) == found


def test_of_a_training_function_of_the_users_nothing_is_claimed() -> None:
    assert scope(None, NOTHING) is None


def test_each_is_said_in_few_words() -> None:
    assert [str(WORDS[word]) for word in ("splits", "test-set", "split")] == [
        "each seed on its own split",
        "each seed on its own split, one given test set",
        "on this one split",
    ]
