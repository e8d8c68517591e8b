"""The report holds what the issue asks for: tables, verdicts, recipe, treatments, outcomes."""

from __future__ import annotations

from dataclasses import replace

import fake_study
import pytest
from fake_study import Whole

from hikaku.analysis.figures import judged
from hikaku.analysis.summary import summarize
from hikaku.present.build import report
from hikaku.present.report import Chart, Heading, Place, Points, Report, Table, Text, spoken
from hikaku.present.tables import recipe_table, results_table
from hikaku.present.verdict_table import verdict_table
from hikaku.record import Measured, Results
from hikaku.study.recipe import LIST_SLOTS, ONE_SLOTS
from hikaku.study.study import Metric


def said(table: Table) -> list[list[str]]:
    return [[spoken(cell.text, "en") for cell in row] for row in table.rows]


def tables(report: Report) -> list[Table]:
    return [block for block in report.blocks if isinstance(block, Table)]


def summarized(whole: Whole) -> Table:
    return results_table(whole.study, whole.results, summarize(whole.study, whole.results))


def test_the_results_table_has_a_row_per_arm_and_metric_and_a_column_per_split(
    digits: Whole,
) -> None:
    table = summarized(digits)
    assert [spoken(column.title, "en") for column in table.columns] == [
        "", "train", "validation", "test",
    ]  # fmt: skip  # a header reads in a line
    rows = said(table)
    assert [row[0] for row in rows[:4]] == [
        "base accuracy", "base loss", "dropout accuracy", "dropout loss",
    ]  # fmt: skip  # a column reads in a line
    assert len(rows) == 2 * len(digits.study.arms)
    assert rows[0][3] == "0.960 ± 0.012"


@pytest.mark.parametrize(("seeds", "words"), [((0,), "1 seed"), ((0, 1), "2 seeds")])
def test_one_seed_and_one_arm_are_no_plurals(seeds: tuple[int, ...], words: str) -> None:
    asked = fake_study.study(names=("label-smoothing",), seeds=seeds)
    whole = fake_study.whole(asked, fake_study.results(asked, (("label-smoothing", 0),)))
    notes = [spoken(note, "en") for note in summarized(whole).notes]
    assert f"mean ± half of the 95 % t interval, {words}" in notes
    assert f"label-smoothing: {len(seeds) - 1} of {words}; 1 diverged, 0 failed" in notes
    alone = replace(asked, variants=())
    texts = [
        spoken(block.text, "en")
        for study in (asked, alone)
        for block in report(study, fake_study.results(study, ()), ()).blocks
        if isinstance(block, Text)
    ]
    counts = {1: "1 seed", 2: "2 paired seeds"}[len(seeds)]
    assert [text for text in texts if text.startswith(f"Study digits: 2 arms over {counts}. ")]
    assert [text for text in texts if text.startswith(f"Study digits: 1 arm over {counts}. ")]


def test_nothing_is_said_of_means_where_nothing_has_finished() -> None:
    asked = fake_study.study(names=("label-smoothing",), seeds=(0, 1))
    lost = tuple((arm, seed) for arm in ("base", "label-smoothing") for seed in (0, 1))
    whole = fake_study.whole(asked, fake_study.results(asked, lost))
    notes = [spoken(note, "en") for note in summarized(whole).notes]
    assert "base: 0 of 2 seeds; 2 diverged, 0 failed" in notes
    assert not [note for note in notes if note.startswith("mean ±")]


def test_automatic_seeds_are_counted_where_all_arms_have_as_many() -> None:
    told = {
        name: next(spoken(note, "en") for note in summarized(whole).notes)
        for name, whole in {
            "alike": fake_study.automatic(("dropout", "batch-norm")),
            "apart": fake_study.automatic(("dropout", "early-stopping")),
        }.items()
    }
    assert told["alike"] == "mean ± half of the 95 % t interval, 5 seeds"
    assert told["apart"].endswith("over the seeds of each arm: not all have the same")


def test_the_results_table_says_that_overlapping_intervals_prove_nothing(digits: Whole) -> None:
    notes = [spoken(note, "en") for note in summarized(digits).notes]
    assert (
        "intervals of two arms may overlap although the paired difference is clear: "
        "read the verdicts"
    ) in notes


def test_a_lost_trial_is_said_beside_the_means(digits: Whole) -> None:
    notes = [spoken(note, "en") for note in summarized(digits).notes]
    assert "label-smoothing: 4 of 5 seeds; 1 diverged, 0 failed" in notes


def test_a_judged_figure_that_is_not_read_at_the_end_has_its_own_row(digits: Whole) -> None:
    judged_by_area = replace(digits.study, metric=Metric("loss", "train", "area", "lower", "lower"))
    rows = said(summarized(fake_study.whole(judged_by_area, digits.results)))
    base = next(row for row in rows if row[0] == "base mean train loss")
    assert base[2:] == ["–", "–"]
    figures = judged(digits.results, "base", judged_by_area.metric)
    assert float(base[1].split(" ± ")[0]) == pytest.approx(figures.mean(), abs=5e-4)


def test_the_verdict_table_has_effect_interval_seeds_verdict_and_time(digits: Whole) -> None:
    rows = said(verdict_table(digits.study, digits.results, digits.findings))
    assert [row[:2] for row in rows] == [
        ["dropout", "helps"],
        ["l2", "no practical difference"],
        ["early-stopping", "no practical difference"],
        ["batch-norm", "helps"],
        ["label-smoothing", "undecided"],
    ]
    assert rows[3][2:] == ["+0.028", "[+0.023, +0.033]", "5", "–", "×1.3", "0"]
    assert rows[4][4:] == ["4/5", "–", "×1.0", "1"]


def test_the_answer_stands_first_and_each_section_once(digits: Whole) -> None:
    title, answered, *rest = digits.report().blocks
    assert spoken(title.text, "en") == digits.study.question
    assert spoken(answered.text, "en").startswith("Of 5 variants, batch-norm (+0.028 ")
    headings = [spoken(block.text, "en") for block in rest if isinstance(block, Heading)]
    assert len(set(headings)) == len(headings)


def test_every_verdict_has_its_sentence_and_its_cautions(digits: Whole) -> None:
    points = [block for block in digits.report().blocks if isinstance(block, Points)]
    told = points[0].points
    assert [point.text for point in told] == [found.sentence for found in digits.findings]
    assert [point.cautions for point in told] == [found.cautions for found in digits.findings]


def test_the_recipe_names_every_setting_and_every_slot(digits: Whole) -> None:
    rows = dict(said(recipe_table(digits.study, digits.results)))
    assert rows["optimizer"] == "adam(lr=0.001, beta1=0.9, beta2=0.999, eps=1e-08)"
    assert rows["init"] == "the model's own first weights"
    shown = " ".join([*rows, *rows.values()])
    for slot in (*ONE_SLOTS, *LIST_SLOTS):
        assert slot in shown, slot


def test_the_sizes_are_those_that_were_trained(digits: Whole) -> None:
    rows = dict(said(recipe_table(digits.study, digits.results)))
    assert [rows[split] for split in ("train", "validation", "test")] == [
        "480 samples", "120 samples", "1,197 samples",
    ]  # fmt: skip  # a column reads in a line


def test_before_training_the_sizes_are_those_of_the_study(digits: Whole) -> None:
    rows = dict(said(recipe_table(digits.study, Results(digits.study.seeds, {}))))
    assert [rows[split] for split in ("train", "validation", "test")] == [
        "480 samples", "120 samples", "rest",
    ]  # fmt: skip  # a column reads in a line


def test_each_treatment_is_the_diff_with_base(digits: Whole) -> None:
    arms = next(table for table in tables(digits.report()) if len(table.columns) == 5)
    rows = {row[0]: row[1:] for row in said(arms)}
    assert rows["base"][0] == "the base recipe"
    assert rows["dropout"][0] == "layers + dropout(p=0.5, at=[])"
    assert rows["label-smoothing"][1:3] == ["4/5", "23,946"]


def test_published_figures_stand_beside_ours_epoch_by_epoch(digits: Whole) -> None:
    table = next(table for table in tables(digits.report()) if len(table.columns) == 3)
    assert [row[:2] for row in said(table)] == [["1", "1.1316"], ["2", "0.3337"], ["3", "0.2527"]]
    assert all("±" in row[2] for row in said(table))


def test_a_failed_trial_is_told_with_its_error(digits: Whole) -> None:
    outcome = digits.results.trials["l2", 2].outcome
    failed = replace(outcome, status="failed", error="RuntimeError: no")
    trials = digits.results.trials | {("l2", 2): Measured(failed)}
    report = fake_study.whole(digits.study, replace(digits.results, trials=trials)).report()
    told = [
        spoken(point.text, "en")
        for block in report.blocks
        if isinstance(block, Points)
        for point in block.points
    ]
    assert "l2, seed 2 failed: RuntimeError: no" in told


def test_the_store_and_the_command_stand_alone(digits: Whole) -> None:
    places = [block.text for block in digits.report().blocks if isinstance(block, Place)]
    assert places == ["hikaku run digits", "somewhere/.hikaku/store.db"]


def test_a_study_without_results_still_has_a_report(digits: Whole) -> None:
    empty = fake_study.whole(digits.study, Results(digits.study.seeds, {}))
    assert not [block for block in empty.report().blocks if isinstance(block, Chart)]
    assert tables(empty.tables())


def test_a_study_without_variants_compares_nothing() -> None:
    alone = fake_study.whole(fake_study.study(names=()))
    words = [spoken(block.text, "en") for block in alone.tables().blocks if hasattr(block, "text")]
    assert "This study has no variant, so nothing is compared." in words
