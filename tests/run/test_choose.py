"""What a study asks for decides which engines are tried at all."""

from __future__ import annotations

from pathlib import Path
from typing import Any, cast

import pytest
from surveys import CHAIN
from tiny import job

from hikaku.errors import EnvironmentFault
from hikaku.execution.arithmetic import Arithmetic
from hikaku.execution.inline import Here
from hikaku.execution.machine import resolved
from hikaku.execution.orders import Order, Pool, Survey
from hikaku.run.choose import Chooser
from hikaku.run.identify import Looked
from hikaku.run.plan import explain
from hikaku.store.store import Store
from hikaku.study.decode import from_mapping
from hikaku.study.study import BASE, Engine
from hikaku.training.survey import UNTRIED, as_json, survey_of

STUDY: dict[str, Any] = {
    "format": 1,
    "metric": "accuracy",
    "worth": 0.01,
    "model": "mlp",
    "data": "digits",
    "recipe": {"epochs": 1, "optimizer": {"use": "sgd", "lr": 0.1}},
    "variant": [{"name": "adam", "optimizer": "adam"}],
}


def chosen(
    folder: Path, wanted: Engine = "auto", precision: str = "fp32", **changes: Any
) -> dict[str, Arithmetic]:
    """What is chosen where both arms are known to be dense chains; no hand has to look.

    `precision` is that of the variant.
    """
    store = str(folder / "store.db")
    with Store.writing(store) as kept:
        for arm in (BASE, "adam"):
            kept.keep_survey(f"mark of {arm}", "data", as_json(CHAIN))
    asked = {BASE: job(), "adam": job(precision=precision)}
    arms = {arm: Looked(f"mark of {arm}", "data", one) for arm, one in asked.items()}
    study = from_mapping(STUDY | changes, name="tiny", folder=folder)
    nobody = cast(Pool, None)
    chooser = Chooser(store, nobody, 1, wanted)
    found = chooser(study, "cpu x86_64", arms)
    assert chooser.found == dict.fromkeys(arms, CHAIN)
    return dict(found)


def test_what_the_store_knows_of_an_arm_is_not_looked_at_again(tmp_path: Path) -> None:
    assert {one.engine for one in chosen(tmp_path).values()} == {"dense"}


@pytest.mark.parametrize(
    "changes",
    [{"equal": "seconds"}, {"metric": {"name": "mine.py:top", "better": "higher"}}],
    ids=["equal seconds", "own metric"],
)
def test_what_must_be_measured_alone_is_trained_plainly(
    tmp_path: Path, changes: dict[str, Any]
) -> None:
    """A clock cannot tell the lanes of a stack apart, and a metric of the user's may draw."""
    (tmp_path / "mine.py").write_text("def top(probabilities, targets): return 1.0\n")
    assert {one.engine for one in chosen(tmp_path, **changes).values()} == {"plain"}


@pytest.mark.parametrize("engine", ["dense", "stacked", "book"])
@pytest.mark.parametrize(
    "changes",
    [{"equal": "seconds"}, {"metric": {"name": "mine.py:top", "better": "higher"}}],
    ids=["equal seconds", "own metric"],
)
def test_an_engine_is_never_exchanged_for_another_in_silence(
    tmp_path: Path, engine: Engine, changes: dict[str, Any]
) -> None:
    (tmp_path / "mine.py").write_text("def top(probabilities, targets): return 1.0\n")
    with pytest.raises(EnvironmentFault, match=f"--engine {engine}"):
        chosen(tmp_path, engine, **changes)


def test_precision_is_no_treatment_where_all_is_float64(tmp_path: Path) -> None:
    with pytest.raises(EnvironmentFault, match="differ in precision"):
        chosen(tmp_path, "book", precision="fp64")
    assert {str(one) for one in chosen(tmp_path, "book").values()} == {
        "book cpu x86_64 fp64, 1 thread"
    }


def test_equal_operations_may_share_a_stack(tmp_path: Path) -> None:
    assert {one.engine for one in chosen(tmp_path, equal="flops").values()} == {"dense"}


@pytest.mark.parametrize("engine", ["plain", "stacked", "dense"])
def test_an_engine_that_is_asked_for_is_chosen_for_every_arm(
    tmp_path: Path, engine: Engine
) -> None:
    assert {one.engine for one in chosen(tmp_path, engine).values()} == {engine}


def test_an_arm_is_tried_in_a_stack_once_and_only_where_stacks_are_wanted(tmp_path: Path) -> None:
    asked: list[bool] = []

    class Hand(Here):
        def give(self, task: Order) -> None:
            assert isinstance(task, Survey)
            asked.append(task.lifts)
            super().give(task)

    store, study = str(tmp_path / "store.db"), from_mapping(STUDY, name="tiny", folder=tmp_path)
    arms = {BASE: Looked("mark", "data", job())}
    for wanted in ("auto", "plain", "stacked", "auto", "stacked"):
        chooser = Chooser(store, Hand(lambda told: None), 1, wanted)
        chooser(study, "cpu x86_64", arms)
        with Store.writing(store) as kept:
            chooser.keep(kept)
            (text,) = kept.surveys([("mark", "data")]).values()
        found = survey_of(text)
        assert found and (found.not_lifted == UNTRIED) == (True not in asked)
    assert asked == [False, True]


@pytest.mark.parametrize(("precision", "times"), [("auto", 1), ("fp32", 0)])
def test_a_plan_says_what_auto_is_and_why_once(tmp_path: Path, precision: str, times: int) -> None:
    recipe = {"steps": 2, "optimizer": "sgd", "precision": precision}
    study = from_mapping(STUDY | {"seeds": 1, "recipe": recipe}, name="tiny", folder=tmp_path)
    lines = [str(line) for line in explain(study, str(tmp_path / "store.db"))]
    said = [line for line in lines if line.startswith('precision = "auto" is ')]
    assert len(said) == times
    assert all(str(resolved("auto", "cpu")[1]) in line for line in said)
