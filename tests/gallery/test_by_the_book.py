"""Experiments of the course report, with penalties, masks and convolutions, by the book."""

from __future__ import annotations

from dataclasses import replace

import pytest
from tiny import Use, job

from hikaku.execution.survey import survey
from hikaku.study.decode import load
from hikaku.study.gallery import resolve
from hikaku.study.study import Data

TINY = Data(Use("digits"), train=40, validation=30, test="rest", beside=70)


@pytest.mark.parametrize(
    "study",
    [
        "optimizers",
        "over-fitting",
        "dropout-optimizers",
        "dropconnect",
        "implicit-regularisation",
        "book-convnet",
    ],
)
def test_the_book_s_engine_takes_every_arm_but_the_proximal_step(study: str) -> None:
    asked, refused = job(), {}
    for arm in load(resolve(study)).arms:
        batch = replace(arm.work.recipe, batch_size=min(20, arm.work.recipe.batch_size))
        found = survey(replace(asked, work=replace(arm.work, data=TINY, recipe=batch)))
        if why := found.not_taken or found.not_in_book:
            refused[arm.name] = str(why)
    # It is ours, beside the report's: the library has plain L1 alone.
    ours = {"proximal-l1": "the book's library has no proximal-l1"}
    assert refused == (ours if study == "over-fitting" else {})
