"""A base that learnt nothing and a test that was seen are said beside the finding."""

from dataclasses import replace

import numpy as np
import pytest

from hikaku.analysis.data_cautions import data_cautions
from hikaku.analysis.verdict import compare
from hikaku.data.odd import seen_before
from hikaku.data.task import Task
from hikaku.record import IDLE, SEEN, Measured, Outcome, Results, Sheet
from hikaku.records import Record
from hikaku.study.recipe import Recipe, Use
from hikaku.study.study import Arm, Data, Metric, Study, Training

RECIPE = Recipe(Use("sgd"), Use("cross-entropy"), Use("constant"), epochs=1)
WORK = Training(Data(Use("digits")), Use("mlp"), RECIPE)
STUDY = Study(
    "s",
    "",
    Metric("accuracy"),
    0.01,
    (0, 1),
    WORK,
    (Arm("v", Training(WORK.data, Use("lenet"), RECIPE)),),
)


def trial(confusion: list[list[int]], words: tuple[str, ...] = ()) -> Measured:
    sheets = [Sheet("confusion", np.array(confusion))]
    sheets += [Sheet("noticed", np.array(words))] if words else []
    outcome = Outcome("k", "done", 1, 1, 1, 1, "", "")
    return Measured(outcome, (Record("last", 1, "test", "accuracy", 0.5),), tuple(sheets))


def said(base: Measured) -> str:
    other = trial([[90, 10], [5, 95]])
    trials = {
        (arm, seed): base if arm == "base" else other for arm in ("base", "v") for seed in (0, 1)
    }
    results = Results((0, 1), trials)
    (finding,) = compare(STUDY, results)
    return " ".join(map(str, data_cautions(finding, results)))


@pytest.mark.parametrize(
    ("confusion", "is_chance"),
    [([[100, 0], [100, 0]], True), ([[55, 45], [45, 55]], True), ([[80, 20], [20, 80]], False)],
)
def test_a_base_that_learnt_nothing_is_said(confusion: list[list[int]], is_chance: bool) -> None:
    assert ("learnt next to nothing" in said(trial(confusion))) is is_chance


@pytest.mark.fault("D15")
def test_test_samples_that_were_trained_on_are_counted_and_said() -> None:
    found = said(trial([[90, 10], [5, 95]], (f"{SEEN}12 of 200",)))
    assert "12 of 200 test samples equal a training sample" in found
    x = np.array([[1], [2], [1], [3], [2]], np.float32)
    task = Task("t", x, np.arange(5) % 2, "classification", ("a", "b"))
    assert seen_before(task, np.array([0, 1]), np.array([2, 3, 4])) == 2


def test_whoever_validates_on_the_test_set_is_told_in_every_finding() -> None:
    work = replace(WORK, data=replace(WORK.data, validation="test"))
    variant = Arm("v", replace(work, model=Use("lenet")))
    study = replace(STUDY, base=work, variants=(variant,))
    (found,) = compare(study, Results((0, 1), {}))
    assert any("validation is the test set" in str(one) for one in found.cautions)
    (other,) = compare(STUDY, Results((0, 1), {}))
    assert not any("validation is the test set" in str(one) for one in other.cautions)


def test_a_first_epoch_without_a_step_is_said() -> None:
    assert "rate is 0 in the whole first epoch" in said(trial([[90, 10], [5, 95]], (IDLE,)))
    assert "rate is 0" not in said(trial([[90, 10], [5, 95]]))
