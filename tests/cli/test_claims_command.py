"""`hikaku claims` prints published beside measured, in 80 columns, and the report says it too."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from click.testing import CliRunner

from hikaku.analysis.claims import Judged, judge
from hikaku.cli import hikaku
from hikaku.present.build import report
from hikaku.present.claims import claims_report
from hikaku.present.claims_json import claims_json
from hikaku.present.report import Heading
from hikaku.present.terminal import text
from hikaku.record import Measured, Outcome, Results
from hikaku.records import Record
from hikaku.study.claims import OURS
from hikaku.study.decode import load
from hikaku.study.gallery import resolve
from hikaku.study.study import Study


def measured(figures: dict[tuple[str, str, str], float]) -> Measured:
    records = [Record(how, 2000, split, name, x) for (how, split, name), x in figures.items()]
    return Measured(Outcome("key", "done", 2000, 50, 40, 9, "plain", "here"), tuple(records))


@pytest.fixture(scope="module")
def redone() -> tuple[Study, Results]:
    """Experiment A as if it had been run: each arm is .03 above the one before."""
    study, draws, trials = load(resolve("cifar10-techniques")), np.random.default_rng(0), {}
    for n, arm in enumerate(study.arms):
        for seed in study.seeds:
            figures = {
                (how, split, metric): 0.7 + 0.03 * n + 0.1 * (split == "train") + shake
                for how in ("last", "batch")
                for split in ("train", "validation", "test")
                for metric in ("accuracy", "loss")
                for shake in draws.normal(0, 0.05 if how == "batch" else 0.004, 1)
            }
            trials[arm.name, seed] = measured(figures)
    return study, Results(study.seeds, trials)


def test_claims_fit_in_80_columns_with_their_figures_and_gaps(
    redone: tuple[Study, Results],
) -> None:
    said = text(claims_report(redone[0], judge(*redone)))
    assert max(map(len, said.splitlines())) <= 80
    assert "Dropout raises the validation accuracy: reproduced" in said
    assert "dropout − base: +0.0" in said and "[" in said
    table = said[said.index("Published figures") :]
    assert table.count("\nbase, validation accuracy ") == 1  # though four claims give it
    for heading in (
        "Published claims",
        "Published figures beside ours",
        "What each published gap is made",
    ):
        assert heading in said


def test_the_lens_has_a_sentence_for_each_published_gap(redone: tuple[Study, Results]) -> None:
    judged = judge(*redone)
    said = " ".join(text(claims_report(redone[0], judged)).split())
    gaps = sum(len(one.lenses) for one in judged)
    assert said.count("is the technique") == gaps == 7


def test_the_report_has_the_section_only_where_a_study_claims_something(
    redone: tuple[Study, Results],
) -> None:
    study, results = redone
    for asked, has in ((study, True), (replace(study, claims=()), False)):
        blocks = report(asked, results, ()).blocks
        headings = [str(one.text) for one in blocks if isinstance(one, Heading)]
        assert ("Published claims" in headings) == has


def test_before_anything_is_trained_it_says_what_is_missing(
    tmp_path: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(str(tmp_path))
    said = CliRunner().invoke(hikaku, ["claims", "vanishing-gradients"])
    assert said.exit_code == 0, said.output
    assert "5 of 5 trials are still to come" in said.output
    nothing = CliRunner().invoke(hikaku, ["claims", "digits"])
    assert "makes no claim" in nothing.output


def test_a_claim_of_ours_says_so(redone: tuple[Study, Results]) -> None:
    judged = list(judge(*redone))
    assert "is ours" not in text(claims_report(redone[0], judged))
    ours = [replace(one, claim=replace(one.claim, source=OURS)) for one in judged]
    said = " ".join(text(claims_report(redone[0], ours)).split())
    assert said.count("this claim is ours, not the source's") == len(ours)
    assert {row["source"] for row in claims_json(redone[0], ours)["claims"]} == {OURS}


def test_what_cannot_be_measured_is_not_resolved(redone: tuple[Study, Results]) -> None:
    study, results = redone
    trials = {place: replace(one, records=()) for place, one in results.trials.items()}
    judged: list[Judged] = list(judge(study, replace(results, trials=trials)))
    assert {one.verdict for one in judged} == {"not-resolved"}
    assert "nan" not in text(claims_report(study, judged)).lower()
