"""`equal` says what every arm is given as much of as base, and what is settled is put in place."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import pytest
from small_house import SMALLEST, STUDY

from hikaku.errors import StudyError
from hikaku.study.decode import from_mapping
from hikaku.study.equal import OWN, as_settled, equalized, settled
from hikaku.study.sources import fingerprints
from hikaku.study.study import BASE, Equal, Study, Training

TABLES = {
    "format": 1,
    "metric": "accuracy",
    "worth": 0.01,
    "model": "mlp",
    "data": "digits",
    "recipe": {"epochs": 2, "optimizer": "sgd"},
    "variant": [
        {"name": "adam", "optimizer": "adam"},
        {"name": "large batches", "batch_size": 128},
    ],
}


@dataclass
class Kept:
    """A store, as far as this room needs one."""

    settled: dict[tuple[str, str], dict[str, int]] = field(default_factory=dict)

    def allowances(self, base: str, equal: str) -> dict[str, int]:
        return self.settled.get((base, equal), {})


def study(equal: Equal = "flops") -> Study:
    return from_mapping(TABLES | {"equal": equal}, name="s", folder=".")


def works(asked: Study) -> dict[str, tuple[int | None, int | None]]:
    recipes = {arm.name: arm.work for arm in asked.arms}
    return {
        name: (work.recipe.epochs, work.recipe.steps)
        for name, work in recipes.items()
        if isinstance(work, Training)
    }


def test_epochs_are_equal_unless_the_study_says_otherwise(decoded: Callable[..., Study]) -> None:
    assert decoded().equal == "epochs"
    assert decoded(f'equal = "flops"\n{SMALLEST}').equal == "flops"


def test_what_cannot_be_equal_is_refused_with_what_can(mistakes: Callable[..., list[str]]) -> None:
    (wrong,) = mistakes(f'equal = "steps"\n{SMALLEST}')
    assert wrong.startswith("1 equal: must be") and "'steps'" in wrong


@pytest.mark.parametrize("key", ["epochs", "steps"])
def test_a_variant_must_not_say_how_long_it_trains_where_its_cost_does(key: str) -> None:
    longer = {"name": "longer", key: 7}
    tables = TABLES | {"variant": [longer]}
    from_mapping(tables, name="s", folder=".")
    with pytest.raises(StudyError, match='equal = "seconds" already says how long') as caught:
        from_mapping(tables | {"equal": "seconds"}, name="s", folder=".")
    assert len(caught.value.faults) == 1 and caught.value.faults[0].where.endswith(f"{key}:")


def test_a_study_that_others_train_has_no_updates_to_make_equal(
    mistakes: Callable[..., list[str]],
) -> None:
    found = mistakes(f'equal = "flops"\ncommand = "python t.py {{seed}}"\n{STUDY}')
    assert any(" equal: " in f" {line}" for line in found)


def test_settled_updates_replace_the_epochs_of_variants_and_of_nothing_else() -> None:
    asked = equalized(study(), {BASE: 99, "adam": 31, "large batches": OWN})
    assert works(asked) == {"base": (2, None), "adam": (None, 31), "large batches": (2, None)}
    assert equalized(study(), {}) == study()


def test_what_is_settled_is_looked_up_by_what_the_study_says_and_not_by_what_it_comes_to() -> None:
    marks = fingerprints(study())
    kept = Kept({(marks[BASE], "flops"): {marks["adam"]: 31, "another's": 5}})
    assert settled(study(), kept) == {"adam": 31}
    assert settled(study("seconds"), kept) == settled(study("epochs"), kept) == {}


def test_an_arm_that_is_not_settled_has_no_trials_and_one_that_is_has_those_of_its_steps() -> None:
    marks = fingerprints(study())
    kept = Kept({(marks[BASE], "flops"): {marks["adam"]: 31}})
    asked, found = as_settled(study(), kept)
    assert works(asked)["adam"] == (None, 31)
    assert found == fingerprints(asked) | {"large batches": ""}
    assert found["adam"] != marks["adam"] and found[BASE] == marks[BASE]
    plain, unchanged = as_settled(study("epochs"), kept)
    assert (plain, unchanged) == (study("epochs"), marks)
