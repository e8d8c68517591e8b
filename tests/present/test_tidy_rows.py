"""Rows for data frames: a figure each, all of them, and nothing invented where there is none."""

from __future__ import annotations

import csv
import io
import math
from collections import Counter
from pathlib import Path

import fake_study
import pyarrow.parquet as pq
import pytest

from hikaku.analysis.figures import judged
from hikaku.present import tidy
from hikaku.present.tidy import Effect, Figure, as_csv, as_parquet

PAGE = Path(__file__).parents[2] / "docs" / "reference" / "columns.md"


def read(content: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(content.decode())))


def test_each_trial_has_its_judged_figure_in_one_row(digits: fake_study.Whole) -> None:
    rows = read(as_csv(tidy.trials(digits.study, digits.results), Figure))
    found = [row for row in rows if row["reading"] == "judged"]
    assert Counter((row["arm"], row["seed"]) for row in found) == Counter(
        (arm, str(seed)) for arm, seed in digits.results.trials
    )
    values = judged(digits.results, "dropout", digits.study.metric)
    mine = [float(row["value"]) for row in found if row["arm"] == "dropout"]
    assert mine == values.tolist()  # to the last digit


def test_a_trial_without_a_figure_has_a_row_that_says_how_it_ended(
    digits: fake_study.Whole,
) -> None:
    rows = read(as_csv(tidy.trials(digits.study, digits.results), Figure))
    (lost,) = (r for r in rows if r["status"] == "diverged" and r["reading"] == "judged")
    assert (lost["arm"], lost["seed"], lost["value"]) == ("label-smoothing", "3", "")


def test_every_record_stands_in_one_of_the_two_tables(digits: fake_study.Whole) -> None:
    ends, ways = (list(rows(digits.study, digits.results)) for rows in (tidy.trials, tidy.curves))
    records = sum(len(trial.records) for trial in digits.results.trials.values())
    told = [row for row in (*ends, *ways) if row.reading not in (tidy.JUDGED, tidy.COST)]
    assert len(told) == records
    assert {row.reading for row in ways} == {"curve", "running"}
    assert max(row.epoch for row in ways) == fake_study.EPOCHS


@pytest.mark.parametrize("what", ["trials", "curves", "findings"])
def test_parquet_holds_what_csv_holds_with_its_types(digits: fake_study.Whole, what: str) -> None:
    def rows() -> tidy.Rows:
        if what == "findings":
            return tidy.effects(digits.study, digits.results, digits.findings)
        return getattr(tidy, what)(digits.study, digits.results)

    kind = Effect if what == "findings" else Figure
    table = pq.read_table(io.BytesIO(as_parquet(rows(), kind)))
    texts = read(as_csv(rows(), kind))
    assert table.column_names == list(texts[0]) and table.num_rows == len(texts)
    for row, text in zip(table.to_pylist(), texts, strict=True):
        for name, value in row.items():
            same = "" if value is None else str(value).lower() if value in (True, False) else value
            assert text[name] == (repr(same) if isinstance(same, float) else str(same))
            assert not (isinstance(value, float) and math.isnan(value))


def test_no_name_is_a_formula_or_a_second_row() -> None:
    names = ("=1+1", "a\nb", 'quo"te,', *fake_study.HOSTILE)
    whole = fake_study.whole(fake_study.study(names))
    rows = read(as_csv(tidy.effects(whole.study, whole.results, whole.findings), Effect))
    assert len(rows) == len(names)
    assert rows[0]["variant"] == "'=1+1" and rows[2]["variant"] == 'quo"te,'


def test_an_empty_table_keeps_its_columns() -> None:
    assert read(as_csv(iter(()), Figure)) == []
    assert pq.read_table(io.BytesIO(as_parquet(iter(()), Effect))).column_names[1] == "variant"


@pytest.mark.parametrize(("heading", "kind"), [("figures", Figure), ("findings", Effect)])
def test_the_reference_names_every_column_in_its_order(heading: str, kind: type) -> None:
    sections = PAGE.read_text("utf-8").split("\n## ")
    section = next(text for text in sections if text.lower().startswith(f"rows of {heading}"))
    named = [line.split("`")[1] for line in section.splitlines() if line.startswith("| `")]
    assert named == [*kind.__dataclass_fields__]
