"""A design of many arms is run, kept and told: each comparison with the arm of its own cell."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from hikaku import api
from hikaku.errors import StudyError
from hikaku.run import plan
from hikaku.study.study import Study

DESIGN: dict[str, Any] = {
    "compare": "layers",
    "vary": {"init.std": [0.1, 1.0], "layers": [[], ["batch-norm"]]},
}


def study(folder: Path, **changes: Any) -> Study:
    tables: dict[str, Any] = {
        "metric": "accuracy",
        "worth": 0.01,
        "seeds": 2,
        "model": {"use": "mlp", "hidden": [8]},
        "data": {"use": "digits", "train": 60, "validation": 30},
        "recipe": {
            "epochs": 1,
            "batch_size": 20,
            "optimizer": {"use": "sgd", "lr": 0.1},
            "init": {"use": "normal", "std": 0.1},
        },
        "design": DESIGN,
    }
    return api.Study(**tables | changes, name="scales", folder=folder)


@pytest.fixture
def answer(tmp_path: Path) -> api.Answer:
    return api.run(study(tmp_path), store=tmp_path / "store.db", workers=1, quiet=True)


def test_the_findings_are_the_contrasts_and_a_second_run_trains_nothing(
    answer: api.Answer, tmp_path: Path
) -> None:
    names = [(found.variant, found.against, found.base) for found in answer.findings]
    assert names == [
        ("std=0.1, batch-norm", "base", "base"), ("std=1, batch-norm", "std=1", "std=1")
    ]  # fmt: skip  # one line of findings
    assert answer.trained == 8 and {found.family for found in answer.findings} == {2}
    assert str(answer["std=1, batch-norm"].sentence).startswith(
        "std=1, batch-norm (against std=1) is undecided"
    )
    assert str(answer["std=0.1, batch-norm"].sentence).startswith(
        "std=0.1, batch-norm is undecided"
    )
    values = {
        arm: answer.results.values(arm, "accuracy", "test", "last")
        for arm in ("std=1", "std=1, batch-norm")
    }
    differences = values["std=1, batch-norm"] - values["std=1"]
    assert answer["std=1, batch-norm"].differences == pytest.approx(differences)
    again = api.run(study(tmp_path), store=tmp_path / "store.db", workers=1, quiet=True)
    assert (again.trained, again.reused) == (0, 8)
    assert again.findings == answer.findings


def test_automatic_seeds_train_pairs_of_each_cell(tmp_path: Path) -> None:
    found = api.run(
        study(tmp_path, seeds="auto", budget={"seeds": 5}),
        store=tmp_path / "store.db",
        workers=1,
        quiet=True,
    )
    assert found.trained == 20
    assert all(len(one.seeds) == 5 and not one.unfinished for one in found.findings)


def test_many_trials_are_refused_with_what_they_take_until_they_are_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store, asked = str(tmp_path / "store.db"), study(tmp_path)
    monkeypatch.setattr(plan, "MANY", 7)
    with pytest.raises(StudyError, match=r"up to 8 trials[^$]*minutes with[^$]*MB on the disk"):
        plan.check_many(asked, store)
    api.run(asked, store=store, workers=1, quiet=True)
    plan.check_many(asked, store)
