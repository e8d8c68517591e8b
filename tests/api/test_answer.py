"""What Python users hold: an answer that reads well, and errors that say what was meant."""

from __future__ import annotations

import re
import sys
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest

import hikaku as hk
from hikaku import api
from hikaku.api import Answer
from hikaku.errors import EnvironmentFault, StudyError
from hikaku.study.study import Study


@pytest.fixture
def answer() -> Answer:
    """Return the answer of a study that nobody has trained."""
    study = hk.Study(
        metric="accuracy",
        worth=0.01,
        seeds=2,
        model="mlp",
        data="digits",
        recipe={"epochs": 1, "optimizer": "adam"},
        variants=[{"name": "dropout", "layers": ["dropout"]}, {"name": "sgd", "optimizer": "sgd"}],
    )
    return hk.results(study, store="none.db")


def test_an_answer_is_one_line_to_the_eye(answer: Answer) -> None:
    assert repr(answer) == "<Answer study: 3 arms, 2 seeds; undecided 2>"
    assert repr(answer.results) == "Results(0 trials of no arm)"


def test_a_finding_is_had_by_its_variant(answer: Answer) -> None:
    assert answer["sgd"] is answer.findings[1]
    with pytest.raises(StudyError, match=r"there is no variant 'dropuot'\. Did you mean 'dropout'"):
        answer["dropuot"]


def test_an_answer_and_a_finding_show_themselves_in_a_notebook(
    answer: Answer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HIKAKU_LANG", "en")
    shown = answer._repr_html_()
    assert "dropout is undecided: 2 of 2 seeds not finished" in shown
    assert answer["dropout"]._repr_html_().startswith("<p>dropout is undecided")
    monkeypatch.setenv("HIKAKU_LANG", "ja")
    assert "判定保留" in answer._repr_html_()
    assert "dropout is undecided" not in answer["dropout"]._repr_html_()


def test_cautions_print_as_text(answer: Answer) -> None:
    from hikaku.words import message

    assert repr((message("looked {n} times", n=2),)) == "('looked 2 times',)"
    assert message("{x}", x="<b>")._repr_html_() == "&lt;b&gt;"


@pytest.mark.parametrize("wrong", [3, None, {"model": "mlp"}, ["digits"]], ids=repr)
@pytest.mark.parametrize("verb", [api.run, api.results, api.load], ids=lambda verb: verb.__name__)
def test_what_is_no_study_is_refused_with_what_is_one(verb: Any, wrong: Any) -> None:
    with pytest.raises(StudyError, match=rf"a {type(wrong).__name__} is no study\n.*hk\.Study"):
        verb(wrong)


def test_a_study_can_be_loaded_twice() -> None:
    study = hk.load("digits")
    assert isinstance(study, Study)
    assert hk.load("digits") == study


def test_a_data_frame_has_a_row_per_trial(answer: Answer, monkeypatch: pytest.MonkeyPatch) -> None:
    pandas = ModuleType("pandas")
    pandas.DataFrame = list  # type: ignore[attr-defined]  # a stand-in for the real one
    monkeypatch.setitem(sys.modules, "pandas", pandas)
    assert answer.to_pandas() == []
    monkeypatch.setitem(sys.modules, "pandas", None)
    with pytest.raises(EnvironmentFault, match="pandas is not installed"):
        answer.to_pandas()


def test_every_mistake_of_the_text_is_told_before_the_data_are_looked_at(tmp_path: Path) -> None:
    def load() -> Any:
        raise AssertionError("the data were asked for")

    with pytest.raises(StudyError) as caught:
        hk.Study(
            metric="acuracy",
            worth=-1,
            model="mlp",
            data=load,
            recipe={"epochs": 1, "optimizer": "adm"},
            folder=tmp_path,
        )
    assert len(re.findall("must be|there is no", str(caught.value))) == 3


def test_arrays_of_one_content_are_one_data_set(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HIKAKU_CACHE", str(tmp_path / "cache"))

    def use(data: Any, **changes: Any) -> Any:
        wanted: dict[str, Any] = {"metric": "accuracy", "worth": 0.1, "model": "mlp"} | changes
        recipe = {"epochs": 1, "optimizer": "adam"} | wanted.pop("recipe", {})
        return hk.Study(data=data, recipe=recipe, folder=tmp_path, **wanted).base.data.use

    x, y = [[0.0, 1.0], [2.0, 3.0], [4.0, 5.0]], [0, 1, 1]
    found = use((x, y))
    assert found.name.startswith("arrays:")
    assert str(found) == f"arrays:{found.name[7:15]}…(kind=classification, standardize=false)"
    assert use((x, y)) == found
    assert use((x, [0, 1, 0])) != found
    assert use({"use": (x, y), "train": 1, "validation": 1}) == found
    assert dict(use((x, y), metric="rmse", recipe={"loss": "mse"}).settings)["kind"] == "regression"
    frame = SimpleNamespace(shape=(1, 2))
    with pytest.raises(hk.HikakuError, match="neither"):
        use(frame)


def test_an_engine_that_is_none_is_refused_with_the_nearest(answer: Answer) -> None:
    slip: Any = "dens"
    with pytest.raises(StudyError, match="Did you mean 'dense'") as refused:
        hk.run(answer.study, engine=slip)
    assert "auto, plain, dense, stacked" in str(refused.value)
    other: Any = "turbo"
    with pytest.raises(StudyError, match="'turbo' is none"):
        hk.run(answer.study, engine=other)
