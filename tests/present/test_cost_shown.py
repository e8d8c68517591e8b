"""What a variant costs stands beside what it brings, with the axis named that is held equal."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import fake_study
import pytest
import vl_convert
from fake_study import Whole

from hikaku.analysis.cost import Overhead, overhead
from hikaku.analysis.summary import summarize
from hikaku.present import html, pictures
from hikaku.present.as_json import as_json
from hikaku.present.charts import draw
from hikaku.present.computed import computed
from hikaku.present.cost_table import cost_table
from hikaku.present.report import Chart, spoken
from hikaku.present.tables import arms_table
from hikaku.present.verdict_table import verdict_table
from hikaku.record import Results
from hikaku.study.study import BASE


def costs(whole: Whole) -> list[Overhead]:
    return [overhead(whole.results, found.variant, BASE) for found in whole.findings]


def said(whole: Whole) -> dict[str, list[str]]:
    table = cost_table(whole.study, costs(whole))
    rows = [[spoken(cell.text, "en") for cell in row] for row in table.rows]
    return {row[0]: row[1:] for row in rows}


def with_cost(whole: Whole, change: Callable[[str, dict[str, float]], dict[str, float]]) -> Whole:
    trials = {
        (arm, seed): replace(
            trial, outcome=replace(trial.outcome, cost=change(arm, trial.outcome.cost))
        )
        for (arm, seed), trial in whole.results.trials.items()
    }
    return fake_study.whole(whole.study, replace(whole.results, trials=trials))


def with_flops(whole: Whole) -> Whole:
    return with_cost(whole, lambda arm, cost: {**cost, "flops": 3e9 if arm == BASE else 4.5e9})


def test_every_cost_is_a_multiple_of_base(digits: Whole) -> None:
    rows = said(with_flops(digits))
    assert rows["base"] == ["×1", "–", "×1", "×1", "23,946"]
    time, spread, memory, flops, parameters = rows["batch-norm"]
    assert (time, memory, flops) == ("×1.31", "×1.00", "×1.50")
    assert spread == "1.29 – 1.33"
    assert parameters == "24,042 (+96)"
    assert rows["dropout"][-1] == "23,946"


def in_stacks(whole: Whole, *arms: str) -> Whole:
    return with_cost(
        with_flops(whole), lambda arm, cost: cost | ({"stack": 30.0} if arm in arms else {})
    )


def test_times_of_a_stack_are_not_told_apart_and_the_tables_say_so(digits: Whole) -> None:
    arms = [BASE, *(arm.name for arm in digits.study.variants)]
    whole = in_stacks(digits, *arms)
    rows = said(whole)
    assert rows["base"] == ["–", "–", "–", "×1", "23,946"]
    assert rows["batch-norm"][:4] == ["–", "–", "–", "×1.50"]
    told = [spoken(note, "en") for note in cost_table(whole.study, costs(whole)).notes]
    assert told[-1].startswith("–: trained in one stack")
    title, by_name, notes = cost_column(whole)
    assert title == "FLOPs" and set(by_name.values()) == {"×1.5"}
    assert "time is not told apart" in notes[-1]
    picture = pictures.gains(whole.study, whole.findings, costs(whole))
    assert picture is not None and picture.unit == "flops"
    form = as_json(whole.study, whole.results, whole.findings, 0, 0)["findings"][0]["cost"]
    assert (form["seconds_ratio"], form["mib_ratio"], form["flops_ratio"]) == (None, None, 1.5)
    assert form["seconds_per_seed"] > 0


def cost_column(whole: Whole) -> tuple[str, dict[str, str], list[str]]:
    table = verdict_table(whole.study, whole.results, whole.findings)
    place = max(at for at, column in enumerate(table.columns) if not column.roomy)
    rows = {spoken(row[0].text, "en"): spoken(row[place].text, "en") for row in table.rows}
    notes = [spoken(note, "en") for note in table.notes]
    return spoken(table.columns[place].title, "en"), rows, notes


def test_one_comparison_in_a_stack_has_the_operations_of_all_compared(digits: Whole) -> None:
    title, rows, notes = cost_column(in_stacks(digits, "dropout"))
    assert title == "FLOPs" and set(rows.values()) == {"×1.5"}
    assert "not told apart" in notes[-1]
    picture = pictures.gains(digits.study, digits.findings, costs(in_stacks(digits, "dropout")))
    assert picture is not None and picture.unit == "flops"


def test_only_the_row_without_a_pair_has_no_operations(digits: Whole) -> None:
    lost = tuple(("dropout", seed) for seed in digits.study.seeds)
    some = fake_study.whole(digits.study, fake_study.results(digits.study, lost))
    title, rows, notes = cost_column(in_stacks(some, "dropout"))
    assert title == "FLOPs"
    assert {name for name, text in rows.items() if text == "–"} == {"dropout"}
    assert notes[-1].startswith("FLOPs –: ")


def test_a_table_of_arms_gives_no_seconds_of_a_stack_and_names_the_arithmetic(
    digits: Whole,
) -> None:
    whole = in_stacks(digits, "dropout")
    arms = summarize(whole.study, whole.results)
    table = arms_table(whole.study, arms, computed(whole.study, whole.results))
    seconds = {spoken(row[0].text, "en"): spoken(row[-1].text, "en") for row in table.rows}
    assert [name for name, text in seconds.items() if text == "–"] == ["dropout"]
    notes = [spoken(note, "en") for note in table.notes]
    assert notes[1].startswith("seconds –: ")
    assert notes[2].startswith("computed: plain float32 1 thread (base, dropout, ")
    assert len(arms_table(digits.study, summarize(digits.study, digits.results)).notes) == 1
    assert not list(computed(digits.study, digits.results))


def test_the_form_says_in_how_wide_a_stack_seconds_were_shared(digits: Whole) -> None:
    whole = in_stacks(digits, "dropout")
    arms = as_json(whole.study, whole.results, whole.findings, 0, 0)["arms"]
    lanes = {arm["name"]: arm["cost"]["stack"] for arm in arms}
    assert (lanes[BASE], lanes["dropout"]) == (1, 30)
    assert {arm["arithmetic"] for arm in arms} == {"plain float32 1 thread"}
    nothing = Results(digits.study.seeds, {})
    before = as_json(digits.study, nothing, (), 0, 0)["arms"][0]
    assert (before["arithmetic"], before["cost"]) == (None, {})


def test_it_is_said_that_the_book_computed_a_study(digits: Whole) -> None:
    trials = {
        place: replace(one, outcome=replace(one.outcome, arithmetic="book cpu fp64, 1 thread"))
        for place, one in digits.results.trials.items()
    }
    (line,) = computed(digits.study, replace(digits.results, trials=trials))
    assert str(line).startswith("computed: book cpu fp64, 1 thread (base, ")


def test_a_twin_of_base_stands_beside_the_arms_that_it_was_computed_with(digits: Whole) -> None:
    trials = {
        place: replace(one, outcome=replace(one.outcome, arithmetic="dense cpu"))
        for place, one in digits.results.trials.items()
    }
    for seed in digits.study.seeds:
        for twin, arm in (("base (plain)", BASE), ("l2", "l2")):
            trials[twin, seed] = digits.results.trials[arm, seed]
    found = replace(digits.results, trials=trials, bases={"l2": "base (plain)"})
    (line,) = computed(digits.study, found)
    assert "plain float32 1 thread (l2, base (plain))" in str(line)
    assert str(line).startswith("computed: dense cpu (base, dropout, ")


def test_a_cost_that_was_not_measured_has_no_number(digits: Whole) -> None:
    rows = said(with_cost(digits, lambda arm, cost: {}))
    assert rows["dropout"] == ["–", "–", "–", "–", "23,946"]
    empty = said(fake_study.whole(digits.study, Results(digits.study.seeds, {})))
    assert empty["base"][-1] == "–"
    assert set(empty["dropout"]) == {"–"}


@pytest.mark.parametrize("equal", ["epochs", "seconds", "flops"])
def test_the_axis_that_is_held_equal_is_named(digits: Whole, equal: str) -> None:
    table = cost_table(replace(digits.study, equal=equal), costs(digits))
    word = {"epochs": "epochs", "seconds": "time", "flops": "FLOPs"}[equal]
    assert spoken(table.notes[0], "en").startswith(f"held equal: {word}; ")


def test_gain_is_drawn_against_time_and_against_flops_where_time_is_held(digits: Whole) -> None:
    whole = with_flops(digits)
    by_time = pictures.gains(whole.study, whole.findings, costs(whole))
    assert by_time is not None
    assert {round(gain.ratio, 2) for gain in by_time.gains} >= {1.0, 1.31}
    held = replace(whole.study, equal="seconds")
    by_flops = pictures.gains(held, whole.findings, costs(whole))
    assert by_flops is not None
    assert {gain.ratio for gain in by_flops.gains} == {1.5}
    assert "FLOPs, as a multiple" in str(draw(by_flops, "en"))


@pytest.mark.parametrize("language", ["en", "ja"])
def test_every_variant_is_named_in_it(digits: Whole, language: str) -> None:
    picture = pictures.gains(digits.study, digits.findings, costs(digits))
    assert picture is not None
    svg = vl_convert.vegalite_to_svg(draw(picture, language), vl_version=html.VEGA_LITE)
    for finding in digits.findings:
        assert f">{finding.variant}<" in svg


def test_without_a_clock_there_is_no_such_chart(digits: Whole) -> None:
    whole = with_cost(digits, lambda arm, cost: {})
    assert pictures.gains(whole.study, whole.findings, costs(whole)) is None


def test_an_effect_that_has_no_interval_yet_is_drawn() -> None:
    one = fake_study.whole(fake_study.study(seeds=(0,)))
    picture = pictures.gains(one.study, one.findings, costs(one))
    assert picture is not None
    assert vl_convert.vegalite_to_svg(draw(picture, "en"), vl_version=html.VEGA_LITE)


def test_of_outside_arms_only_what_is_known_has_a_column() -> None:
    whole = fake_study.outside()
    table = cost_table(whole.study, costs(whole))
    titles = [spoken(column.title, "en") for column in table.columns]
    assert titles == ["arm", "time", "from – to", "memory"]
    assert said(whole)["base"] == ["×1", "–", "×1"]
    assert said(whole)["more"] == ["×1.00", "1.00 – 1.00", "×1.00"]
    notes = " ".join(spoken(note, "en") for note in table.notes)
    assert not [word for word in ("held equal", "FLOPs", "parameters") if word in notes]


def test_base_is_a_multiple_of_itself_only_where_something_was_measured() -> None:
    whole = with_cost(fake_study.outside(), lambda arm, cost: {"peak_mib": 300.0})
    assert said(whole)["base"] == ["–", "–", "×1"]
    nothing = fake_study.whole(whole.study, Results(whole.study.seeds, {}))
    assert {text for row in said(nothing).values() for text in row} == {"–"}
    assert pictures.gains(nothing.study, nothing.findings, costs(nothing)) is None
    assert not [block for block in nothing.report().blocks if isinstance(block, Chart)]


def gain_rows(whole: Whole) -> dict[str, dict[str, Any]]:
    picture = pictures.gains(whole.study, whole.findings, costs(whole))
    assert picture is not None
    found = draw(picture, "en")["datasets"].values()
    return {row["variant"]: row for rows in found for row in rows if "variant" in row}


def test_the_range_of_the_times_is_drawn_and_seen(digits: Whole) -> None:
    slow = {0: 3.1, 1: 0.7}
    trials = {
        (arm, seed): replace(
            trial,
            outcome=replace(
                trial.outcome, cost={"seconds": 1.0 if arm == BASE else slow.get(seed, 0.89)}
            ),
        )
        for (arm, seed), trial in digits.results.trials.items()
    }
    whole = fake_study.whole(digits.study, replace(digits.results, trials=trials))
    row = gain_rows(whole)["dropout"]
    assert (row["shortest"], row["ratio"], row["longest"]) == (0.7, 0.89, 3.1)
    assert row["cost"] == "×0.89 (0.70 – 3.10)"
    picture = pictures.gains(whole.study, whole.findings, costs(whole))
    assert picture is not None
    spec = draw(picture, "en")
    left, right = next(
        layer["encoding"]["x"]["scale"]["domain"]
        for layer in spec["layer"]
        if layer["encoding"].get("x2") == {"field": "longest"}
    )
    assert left < 0.7
    assert right > 3.1


def test_operations_are_counted_and_have_no_range(digits: Whole) -> None:
    whole = with_flops(replace(digits, study=replace(digits.study, equal="seconds")))
    row = gain_rows(whole)["dropout"]
    assert (row["shortest"], row["longest"], row["cost"]) == (None, None, "×1.50")
    notes = [b.note for b in whole.report().blocks if isinstance(b, Chart)]
    assert not [note for note in notes if "longest time" in spoken(note, "en")]


def test_effects_without_intervals_are_drawn_against_cost() -> None:
    whole = fake_study.unfinished()
    assert math.isnan(whole.findings[0].ci_low)
    row = gain_rows(whole)["dropout"]
    assert (row["low"], row["high"]) == (None, None)
    assert row["gain"].endswith(" –")


def test_where_names_have_no_room_decided_ones_stay_and_the_legend_says_so(digits: Whole) -> None:
    few = pictures.gains(digits.study, digits.findings, costs(digits))
    assert few is not None
    assert "left out" not in str(draw(few, "en"))
    first = few.gains[0]
    many = tuple(
        replace(
            first,
            finding=replace(
                first.finding, variant=f"arm {n}", verdict="helps" if n == 49 else "undecided"
            ),
        )
        for n in range(50)
    )
    spec = draw(replace(few, gains=many), "en")
    rows = [row for found in spec["datasets"].values() for row in found if "cost" in row]
    left_out = {row["variant"] for row in rows} - {r["variant"] for r in rows if "anchor" in r}
    assert len(left_out) > 30 and "arm 49" not in left_out
    svg = vl_convert.vegalite_to_svg(spec)
    assert f">names left out for want of room: {len(left_out)}<" in svg
    assert ">arm 49<" in svg and f">{min(left_out)}<" not in svg
