from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from small_house import STUDY

from hikaku.study.keep import Keep, sentence
from hikaku.study.metric_words import judged_words
from hikaku.study.study import Metric, Published, Study
from hikaku.words import say

Decode = Callable[..., Study]
Mistakes = Callable[..., list[str]]
OWN = "import numpy\n\ndef cost(scores, targets):\n    return 0.0\n"


def metric_of(decoded: Decode, metric: str, *changes: tuple[str, str]) -> Metric:
    return decoded(STUDY, ('"accuracy"', metric), *changes).metric


@pytest.mark.parametrize(
    ("written", "metric"),
    [
        ('"accuracy"', Metric("accuracy", "test", "last", "higher", "higher")),
        ('"train loss"', Metric("loss", "train", "last", "lower", "lower")),
        ('"validation accuracy"', Metric("accuracy", "validation", "last", "higher", "higher")),
        ('{ name = "auroc", of = "best" }', Metric("auroc", "test", "best", "higher", "higher")),
        (
            '{ name = "loss", split = "train", of = "area" }',
            Metric("loss", "train", "area", "lower", "lower"),
        ),
        (
            '{ name = "accuracy", split = "validation", of = "steps-to:0.9" }',
            Metric("accuracy", "validation", "steps-to", "lower", "higher", 0.9),
        ),
        ('{ name = "accuracy", of = "gap" }', Metric("accuracy", "test", "gap", "lower", "higher")),
        (
            '{ name = "loss", split = "validation", of = "peak-epoch" }',
            Metric("loss", "validation", "peak-epoch", "lower", "lower"),
        ),
        (
            '{ name = "loss", split = "validation", of = "peak-epoch", better = "higher" }',
            Metric("loss", "validation", "peak-epoch", "higher", "lower"),
        ),
    ],
)
def test_a_short_form_and_a_table_are_completed_and_oriented(
    decoded: Decode, written: str, metric: Metric
) -> None:
    assert metric_of(decoded, written) == metric


@pytest.mark.parametrize("name", ["loss", "rmse", "mae", "r2"])
def test_regression_has_its_own_metrics(decoded: Decode, name: str) -> None:
    metric = metric_of(decoded, f'"{name}"', ('"digits"', '"diabetes"'))
    assert metric.better == ("higher" if name == "r2" else "lower")


@pytest.mark.parametrize(
    ("written", "fault"),
    [
        ('"acuracy"', "3 metric.name: there is no metric 'acuracy'. Did you mean 'accuracy'?"),
        ('"rmse"', "3 metric.name: 'rmse' does not fit classification."),
        ('"vaildation loss"', "3 metric.split: must be one of: train, validation, test"),
        ("3", "3 metric: must be a table, not 3."),
        ('{ split = "test" }', "3 metric.name: must be written."),
        ('{ name = "loss", off = "last" }', "3 metric.off: metric has no key 'off'. Did you mean"),
        ('{ name = "loss", of = "lest" }', "3 metric.of: must be one of: last, best, area, steps-"),
        ('{ name = "loss", of = "steps-to" }', "3 metric.of: 'steps-to' needs a number"),
        ('{ name = "loss", of = "steps-to:nan" }', "3 metric.of: 'steps-to' needs a number"),
        ('{ name = "loss", of = "last:3" }', "3 metric.of: must be one of"),
        ('{ name = "loss", of = "area" }', "3 metric.split: 'area' is a figure of the curve"),
        ('{ name = "loss", of = "steps-to:1" }', "3 metric.split: 'steps-to' is a figure of the c"),
        ('{ name = "loss", of = "peak-epoch" }', "3 metric.split: 'peak-epoch' is a figure of"),
        (
            '{ name = "loss", of = "gap", split = "train" }',
            "3 metric.split: the gap is measured to",
        ),
        ('{ name = "loss", better = "higher" }', "3 metric.better: of loss, lower is better."),
        ('{ name = "loss", better = "less" }', "3 metric.better: must be one of: higher, lower"),
        ('"none.py:cost"', "3 metric.name: there is no file 'none.py' beside the study."),
        (
            '"own.py:cots"',
            "3 metric.name: 'own.py' defines no function 'cots'. Did you mean 'cost'",
        ),
        ('"own.py:cost"', "3 metric.better: a metric of your own must say which way is better"),
        ('"/own.py:cost"', "3 metric.name: '/own.py' must be written relative"),
    ],
)
def test_a_wrong_metric_is_answered_with_what_is_allowed(
    mistakes: Mistakes, tmp_path: Path, written: str, fault: str
) -> None:
    (tmp_path / "own.py").write_text(OWN)
    found = mistakes(STUDY, ('"accuracy"', written))
    assert any(fault in line for line in found), found


def test_a_metric_of_ones_own_says_which_way_is_better(decoded: Decode, tmp_path: Path) -> None:
    (tmp_path / "own.py").write_text(OWN)
    plain = '{ name = "./own.py:cost", better = "lower" }'
    curve = '{ name = "own.py:cost", better = "higher", split = "train", of = "steps-to:2" }'
    assert metric_of(decoded, plain) == Metric("own.py:cost", "test", "last", "lower", "lower")
    steps = Metric("own.py:cost", "train", "steps-to", "lower", "higher", 2.0)
    assert metric_of(decoded, curve) == steps
    assert str(metric_of(decoded, plain)) == "test cost"


@pytest.mark.parametrize("written", ['"validation loss"', '{ name = "loss", of = "best" }'])
def test_a_metric_that_needs_validation_is_refused_where_there_is_none(
    mistakes: Mistakes, written: str
) -> None:
    (found,) = mistakes(STUDY, ('"accuracy"', written), ("validation = 120", "validation = 0"))
    assert found == "3 metric: this needs a validation split, and there is none."


def test_published_figures_are_kept_beside_the_study(decoded: Decode) -> None:
    study = decoded(
        STUDY + '[published]\n"running train loss" = [1, 0.5]\n"last test accuracy" = [0.9]\n'
    )
    assert study.published == (
        Published("running", "train", "loss", (1.0, 0.5)),
        Published("last", "test", "accuracy", (0.9,)),
    )


@pytest.mark.parametrize(
    ("line", "fault"),
    [
        ('"train loss" = [1.0]', "published.'train loss': the key is no 'reading split metric'."),
        ('"last test loss" = []', "must be a list of numbers, at least one"),
        ('"last test loss" = [nan]', "published.'last test loss'[0]: must be"),
        ('"last test loss" = 0.5', "must be a list of numbers"),
    ],
)
def test_published_figures_that_are_none_are_refused(
    mistakes: Mistakes, line: str, fault: str
) -> None:
    found = mistakes(STUDY + f"[published]\n{line}\n")
    assert any(fault in item for item in found), found
    assert mistakes("published = 3\n" + STUDY) == ["1 published: must be a table, not 3."]


JUDGED = [
    (Metric("accuracy"), "テスト精度"),
    (Metric("loss", "validation", "area"), "検証損失の平均"),
    (Metric("balanced-accuracy", "test", "best"), "最良エポックのテスト均衡精度"),
    (
        Metric("accuracy", "validation", "steps-to", target=0.9),
        "検証精度が 0.9 に届くまでの更新回数",
    ),
    (Metric("loss", "test", "gap"), "テスト損失と訓練との差"),
    (Metric("accuracy", "validation", "peak-epoch"), "検証精度が最良になるエポック"),
    (Metric("rmse"), "テスト rmse"),
    (Metric("my_metric.py:cost", "train", "area"), "訓練 cost の平均"),
    (Metric("my_metric.py:accuracy"), "テスト accuracy"),
]


@pytest.mark.parametrize(("metric", "japanese"), JUDGED)
def test_what_is_judged_has_words_in_japanese_and_its_name_in_english(
    metric: Metric, japanese: str
) -> None:
    assert say(judged_words(metric), "en") == str(metric)
    assert say(judged_words(metric), "ja") == japanese


def test_what_is_kept_is_told_in_japanese() -> None:
    assert say(sentence(Keep()), "ja").startswith("検証損失が最良のもの")
    assert str(sentence(Keep())).startswith("best validation loss")
