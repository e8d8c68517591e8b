"""What a technique watches is a score that the evaluations measure, or a mistake in the study."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from small_house import STUDY

from hikaku.errors import StudyError
from hikaku.study.metrics import on_curve
from hikaku.study.study import Metric, Study
from hikaku.training.metrics import CLASSIFICATION, REGRESSION

Decode = Callable[..., Study]
Mistakes = Callable[..., list[str]]

BASE = STUDY[: STUDY.index("[[variant]]")]
CURVE = '{ name = "auroc", split = "validation", of = "area" }'
STANDING = "accuracy, balanced-accuracy, f1-macro, top-5, loss"


def watching(settings: str) -> str:
    """Return a study with a variant that stops early under these settings, in line 21."""
    return BASE + (
        f'[[variant]]\nname = "v"\nstopping = {{ use = "early-stopping", {settings} }}\n'
    )


@pytest.mark.parametrize("split", ["train", "validation"])
@pytest.mark.parametrize("metric", ["loss", "accuracy", "balanced-accuracy", "f1-macro", "top-5"])
def test_every_score_of_an_evaluation_can_be_watched(
    decoded: Decode, split: str, metric: str
) -> None:
    (arm,) = decoded(watching(f'monitor = "{split} {metric}"')).variants
    assert arm.work.recipe.stopping is not None
    assert dict(arm.work.recipe.stopping.settings)["monitor"] == f"{split} {metric}"


@pytest.mark.parametrize(
    ("monitor", "fault"),
    [
        ("validation acuracy", "there is no score 'validation acuracy'. Did you mean 'valida"),
        ("valdiation loss", "there is no score 'valdiation loss'. Did you mean 'validation loss'?"),
        ("val_loss", "there is no score 'val_loss'."),
        ("accuracy", "there is no score 'accuracy'."),
        ("validation  loss", "there is no score 'validation  loss'. Did you mean 'validat"),
        ("validation rmse", "there is no score 'validation rmse'."),
        ("train objective", "there is no score 'train objective'."),
        ("validation own.py:cost", "there is no score 'validation own.py:cost'."),
        ("", "there is no score ''."),
        ("test accuracy", "the test split is read once, at the end: nothing may watch it."),
        ("test auroc", "the test split is read once, at the end: nothing may watch it."),
        ("validation auroc", "'auroc' is measured at the end only, unless the study judges its cu"),
    ],
)
def test_a_score_that_no_evaluation_measures_is_refused_at_its_line(
    mistakes: Mistakes, monitor: str, fault: str
) -> None:
    (found,) = mistakes(watching(f'monitor = "{monitor}"'))
    assert found.startswith(f"21 variant[0].stopping.monitor: {fault}")


def test_the_scores_that_there_are_are_listed(decoded: Decode) -> None:
    with pytest.raises(StudyError, match=f'"train" or "validation", then one of: {STANDING}$'):
        decoded(watching('monitor = "val_loss"'))


@pytest.mark.parametrize(
    ("kind", "measured"), [("classification", CLASSIFICATION), ("regression", REGRESSION)]
)
def test_the_scores_are_what_training_measures(kind: str, measured: tuple[str, ...]) -> None:
    assert sorted(on_curve(kind, Metric("loss"))) == sorted(measured)


def test_regression_has_other_scores(decoded: Decode, mistakes: Mistakes) -> None:
    regression = (('"accuracy"', '"rmse"'), ('use = "digits"', 'use = "diabetes"'))
    decoded(watching('monitor = "validation r2"'), *regression)
    (found,) = mistakes(watching('monitor = "validation accuracy"'), *regression)
    assert "there is no score 'validation accuracy'" in found


def test_auroc_is_a_score_where_its_curve_is_judged(decoded: Decode, mistakes: Mistakes) -> None:
    text = watching('monitor = "validation auroc"')
    decoded(text, ('"accuracy"', CURVE))
    (found,) = mistakes(text, ('"accuracy"', '"auroc"'))
    assert "'auroc' is measured at the end only" in found


@pytest.mark.parametrize(("better", "mode"), [("higher", "max"), ("lower", "min")])
def test_a_metric_of_ones_own_is_a_score_once_it_is_said_which_way_is_better(
    decoded: Decode, mistakes: Mistakes, tmp_path: Path, better: str, mode: str
) -> None:
    (tmp_path / "own.py").write_text("def score(answers, targets): return 1.0\n")
    own = ('"accuracy"', f'{{ name = "own.py:score", better = "{better}" }}')
    monitor = 'monitor = "validation own.py:score"'
    decoded(watching(f'{monitor}, mode = "{mode}"'), own)
    for settings, place in ((monitor, ""), (f'{monitor}, mode = "auto"', ".mode")):
        (found,) = mistakes(watching(settings), own)
        assert found == (
            f"21 variant[0].stopping{place}: which way of 'own.py:score' is better must be written."
        )
    with pytest.raises(StudyError, match=f'mode = "{mode}"'):
        decoded(watching(monitor), own)


def test_of_a_standing_metric_it_need_not_be_said_which_way_is_better(decoded: Decode) -> None:
    decoded(watching('monitor = "validation accuracy", mode = "auto"'))


def test_the_bases_monitor_is_checked_too_and_its_mistake_said_once(mistakes: Mistakes) -> None:
    text = STUDY.replace(
        "batch_size", 'stopping = { use = "early-stopping", monitor = "x" }\nbatch_size'
    )
    (found,) = mistakes(text)
    assert found == "15 recipe.stopping.monitor: there is no score 'x'."


@pytest.mark.parametrize("settings", ["patience = 3", 'monitor = "validation loss"'])
def test_without_a_validation_split_nothing_can_watch_it(mistakes: Mistakes, settings: str) -> None:
    (found,) = mistakes(watching(settings), ("validation = 120", "validation = 0"))
    assert "'early-stopping' watches the validation loss, and there is no validation" in found


def test_without_a_validation_split_the_train_loss_can_be_watched(decoded: Decode) -> None:
    decoded(watching('monitor = "train loss"'), ("validation = 120", "validation = 0"))
