from __future__ import annotations

import math
from typing import Any, Literal, get_args

import pytest

from hikaku.study.card import Static
from hikaku.study.kinds import KINDS, Misfit, allowed, fit

CHOICE = Literal["before", "after"]


@pytest.mark.parametrize(
    ("kind", "written", "value"),
    [
        ("Positive", 1, 1.0),
        ("Positive", 0.5, 0.5),
        ("Share", 0, 0.0),
        ("PositiveCount", 1, 1),
        ("Counts", [100, 50], (100, 50)),
        ("Patterns", ["conv*"], ("conv*",)),
        ("Flag", True, True),
        ("MaybeReal", None, None),
        ("MaybeReal", 2, 2.0),
    ],
)
def test_a_value_in_range_becomes_the_kinds_own_type(
    kind: str, written: object, value: object
) -> None:
    found = fit(KINDS[kind], written)
    assert found == value
    assert type(found) is type(value)


@pytest.mark.parametrize(
    ("kind", "written"),
    [
        ("Positive", 0),
        ("Positive", True),
        ("Positive", "0.5"),
        ("Positive", math.nan),
        ("Real", math.inf),
        ("MaybeReal", math.nan),
        ("MaybeReal", math.inf),
        ("NonNegative", -1e-9),
        ("Fraction", 1.01),
        ("Share", 1),
        ("PositiveCount", 0),
        ("PositiveCount", 1.0),
        ("PositiveCount", True),
        ("Counts", 3),
        ("Counts", [1, 0]),
        ("Flag", 1),
        ("Flag", "true"),
        ("Word", 1),
        ("Patterns", "conv*"),
        ("Patterns", [1]),
    ],
)
def test_nothing_outside_the_range_is_taken_and_nothing_is_guessed(
    kind: str, written: object
) -> None:
    with pytest.raises(Misfit):
        fit(KINDS[kind], written)


def test_a_misfit_says_which_item_of_a_list_is_wrong() -> None:
    with pytest.raises(Misfit) as caught:
        fit(KINDS["Counts"], [1, 2, 0])
    assert caught.value.place == (2,)


def test_true_is_not_the_choice_one() -> None:
    with pytest.raises(Misfit):
        fit(Literal[1, 2], True)


def test_minus_zero_and_zero_are_one_setting() -> None:
    assert str(fit(KINDS["NonNegative"], -0.0)) == "0.0"


@pytest.mark.parametrize(
    ("kind", "words"),
    [
        ("Real", "a number"),
        ("Positive", "> 0"),
        ("NonNegative", ">= 0"),
        ("Fraction", "0 to 1"),
        ("Share", ">= 0 and < 1"),
        ("PositiveCount", "a whole number >= 1"),
        ("Counts", "a list of whole numbers >= 1"),
        ("Patterns", "a list of texts"),
        ("Flag", "true or false"),
        ("Word", "text"),
        ("MaybeReal", "a number, or left out"),
    ],
)
def test_every_range_can_be_said_in_words(kind: str, words: str) -> None:
    assert str(allowed(KINDS[kind])) == words


def test_choices_are_listed() -> None:
    assert str(allowed(CHOICE)) == "one of: before, after"


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_of_the_card_has_words_and_takes_some_value(kind: str) -> None:
    samples: tuple[Any, ...] = (0.5, 1, True, "a", [1], ["a"], {"a": 1})
    assert str(allowed(KINDS[kind]))
    assert any(_fits(KINDS[kind], sample) for sample in samples)


def _fits(kind: Any, value: object) -> bool:
    try:
        fit(kind, value)
    except Misfit:
        return False
    return True


def test_mere_numbers_can_differ_inside_a_stack_and_nothing_else_can() -> None:
    mere = {name for name, kind in KINDS.items() if Static not in get_args(kind)}
    assert mere == {"Real", "Positive", "NonNegative", "Fraction", "Share"}
