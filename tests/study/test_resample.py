"""`resample`: whether each seed draws a split, and when that makes another trial."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from small_house import SMALLEST, STUDY

from hikaku.study.study import Study, Training
from hikaku.study.trial import fingerprint, plain, training

Decode = Callable[..., Study]
Mistakes = Callable[..., list[str]]

FIRST = ('"digits"', '{ use = "digits", take = "first" }')


def marked(work: Training) -> str:
    return fingerprint(work, {"sgd": 1}, {})


def test_seeds_draw_their_splits_unless_asked_not_to(decoded: Decode) -> None:
    assert decoded(SMALLEST).base.data.resample == "split"
    assert decoded('resample = "split"\n' + STUDY) == decoded(STUDY)
    init = decoded('resample = "init"\n' + STUDY)
    assert {arm.work.data.resample for arm in init.arms} == {"init"}


def test_where_nothing_is_drawn_it_is_init(decoded: Decode) -> None:
    found = decoded(SMALLEST, FIRST)
    assert found.base.data.resample == "init"
    assert decoded('resample = "init"\n' + SMALLEST, FIRST) == found


def test_a_split_cannot_be_drawn_of_the_first(mistakes: Mistakes) -> None:
    assert mistakes('resample = "split"\n' + SMALLEST, FIRST) == [
        '1 resample: with take = "first" no split is drawn: all seeds have the same one.'
    ]


@pytest.mark.parametrize("take", ["stratified", "first"])
def test_nothing_else_can_be_resampled(mistakes: Mistakes, take: str) -> None:
    changed = ('"digits"', f'{{ use = "digits", take = "{take}" }}')
    assert mistakes('resample = "order"\n' + SMALLEST, changed) == [
        "1 resample: must be one of: split, init, not 'order'."
    ]


def test_it_belongs_to_the_whole_study(mistakes: Mistakes) -> None:
    home = "this belongs into the top of the file, before the first [table]."
    (inside,) = mistakes(SMALLEST, ('"digits"', '{ use = "digits", resample = "init" }'))
    assert inside.endswith(f"data.resample: {home}")
    for text in ('resample = "init"', 'data.resample = "init"'):
        (of_variant,) = mistakes(STUDY + f"\n[[variant]]\nname = 'other'\n{text}\n")
        assert of_variant.endswith(f"resample: {home}")


def test_studies_of_before_keep_their_fingerprints(decoded: Decode) -> None:
    # Computed before the key existed.
    assert marked(decoded(SMALLEST).base) == "b57b8db5c3b5d3ad001ab2d31db4bbc8"
    assert marked(decoded(SMALLEST, FIRST).base) == "361c5e948902a24d12793c886db8891c"


def test_one_split_for_all_is_another_trial(decoded: Decode) -> None:
    split = decoded(SMALLEST).base
    assert marked(decoded('resample = "init"\n' + SMALLEST).base) != marked(split)


def test_where_nothing_is_drawn_it_is_the_same_trial(decoded: Decode) -> None:
    found = decoded(SMALLEST, FIRST).base
    drawn = replace(found, data=replace(found.data, resample="split"))
    assert marked(found) == marked(drawn)


def test_it_survives_being_taken_apart(decoded: Decode) -> None:
    for text in (SMALLEST, 'resample = "init"\n' + SMALLEST):
        work = decoded(text).base
        taken = plain(work)
        assert isinstance(taken, dict)
        assert training(taken) == work
