"""It is drawn why seeds ended: the interval after each seed, up to the one that decided."""

from __future__ import annotations

import json
import re
import warnings
from importlib.resources import files
from typing import Any

import fake_study
import pytest
import vl_convert
from fake_study import Whole

from hikaku.analysis.finding import Finding
from hikaku.present import html, pictures
from hikaku.present.charts import draw
from hikaku.present.report import Chart, Heading, spoken
from hikaku.present.stops import decision, frame
from hikaku.record import Results

MEGABYTE = 1_000_000


@pytest.fixture(scope="module")
def automatic() -> Whole:
    return fake_study.automatic()


def spec_of(whole: Whole, language: str = "en") -> dict[str, Any]:
    picture = pictures.stops(whole.findings)
    assert picture is not None
    return draw(picture, language)


def views(spec: dict[str, Any]) -> dict[str, list[dict[str, Any]]]:
    """Return the rows of data in the view of each variant."""
    return {
        view["title"]["text"]: [
            row
            for name in {layer["data"]["name"] for layer in view["layer"]}
            for row in spec["datasets"][name]
        ]
        for view in spec["concat"]
    }


def looks(spec: dict[str, Any], variant: str) -> list[dict[str, Any]]:
    return [row for row in views(spec)[variant] if "low" in row]


def titles(whole: Whole) -> list[str]:
    blocks = whole.report().blocks
    return [spoken(block.text, "en") for block in blocks if isinstance(block, Heading)]


def test_each_interval_stands_at_the_number_of_its_seeds(automatic: Whole) -> None:
    spec = spec_of(automatic)
    for finding in automatic.findings:
        drawn = looks(spec, finding.variant)
        assert [row["n"] for row in drawn] == list(range(5, len(finding.planned) + 1))
        seen = frame(finding)
        assert drawn[-1]["low"] == pytest.approx(finding.ci_low, rel=1e-4)
        assert drawn[-1]["high"] == pytest.approx(finding.ci_high, rel=1e-4)
        assert all(row["low"] <= row["high"] for row in drawn)
        assert min(row["low"] for row in drawn) >= seen.low - 1e-4
        assert max(row["high"] for row in drawn) <= seen.high + 1e-4


def test_the_first_intervals_do_not_flatten_what_decides(automatic: Whole) -> None:
    finding = next(found for found in automatic.findings if found.variant == "early-stopping")
    first, seen = finding.looks[0].interval, frame(finding)
    assert first.high - first.low > seen.high - seen.low
    last = finding.looks[-1].interval
    assert seen.high - seen.low < 5 * (last.high - last.low)


def test_zero_and_worth_are_always_seen(automatic: Whole) -> None:
    for finding in automatic.findings:
        seen = frame(finding)
        assert seen.low < -finding.worth < 0 < finding.worth < seen.high


def test_the_axis_ends_where_seeds_would_have_ended(automatic: Whole) -> None:
    for view in spec_of(automatic)["concat"]:
        domains = {
            tuple(layer["encoding"]["x"]["scale"]["domain"])
            for layer in view["layer"]
            if "x" in layer["encoding"]
        }
        assert domains == {(0.5, 20.5)}


def test_the_words_say_where_it_was_decided_and_what_was_spared(automatic: Whole) -> None:
    said = {found.variant: spoken(decision(found), "en") for found in automatic.findings}
    assert said["dropout"] == "decided at 5: helps"
    assert said["early-stopping"] == "undecided at 20 of 20"
    svg = vl_convert.vegalite_to_svg(spec_of(automatic), vl_version=html.VEGA_LITE)
    assert ">decided at 5: helps<" in svg
    assert ">15 not needed<" in svg


def test_a_seed_without_a_pair_still_counts() -> None:
    whole = fake_study.automatic(("dropout",), diverged=(("dropout", 1),))
    (finding,) = whole.findings
    drawn = looks(spec_of(whole), "dropout")
    assert [look.n for look in finding.looks] == list(range(5, 20))
    assert [row["n"] for row in drawn] == list(range(6, 21))
    assert spoken(decision(finding), "en") == "undecided at 20 of 20"


def test_the_mean_that_is_drawn_last_is_the_effect(automatic: Whole) -> None:
    spec = spec_of(automatic)
    for finding in automatic.findings:
        single = [row for row in views(spec)[finding.variant] if "difference" in row]
        last = max(single, key=lambda row: row["n"])
        assert last["mean"] == pytest.approx(finding.effect, rel=1e-4)
        assert last["n"] == len(finding.planned)


@pytest.mark.parametrize("language", ["en", "ja"])
def test_it_draws_without_a_complaint(automatic: Whole, language: str) -> None:
    with warnings.catch_warnings(record=True) as complaints:
        svg = vl_convert.vegalite_to_svg(spec_of(automatic, language), vl_version=html.VEGA_LITE)
    assert not complaints
    for finding in automatic.findings:
        assert f">{finding.variant}<" in svg


def test_its_colours_are_those_of_both_themes(automatic: Whole) -> None:
    style = files("hikaku.present").joinpath("page", "report.css").read_text(encoding="utf-8")
    used = set(re.findall(r"var\((--[a-z]+)\)", json.dumps(spec_of(automatic))))
    assert used
    for colour in used:
        assert style.count(f"{colour}: #") == 2, f"{colour} in the light and the dark theme"


def test_the_report_has_the_section_only_where_seeds_were_automatic(
    automatic: Whole, digits: Whole
) -> None:
    assert "Why seeds ended here" in titles(automatic)
    assert "Why seeds ended here" not in titles(digits)
    early = Results(automatic.study.seeds, {})
    assert "Why seeds ended here" not in titles(fake_study.whole(automatic.study, early))


def test_a_page_of_fifteen_long_comparisons_stays_small() -> None:
    many = fake_study.automatic(tuple(f"v{n}" for n in range(15)), worth=1e-9)
    assert max(len(found.looks) for found in many.findings) == 16
    assert len(html.page(many.report()).encode()) < 5 * MEGABYTE


def test_who_cannot_see_it_is_told_what_it_shows(automatic: Whole) -> None:
    charts = [block for block in automatic.report().blocks if isinstance(block, Chart)]
    chart = next(chart for chart in charts if isinstance(chart.picture, pictures.Stops))
    assert spoken(chart.title, "en") == "Effect on test accuracy, seed by seed"
    assert "after each seed" in spoken(chart.alt, "en")


def test_a_comparison_that_was_not_looked_at_in_turn_is_left_out(digits: Whole) -> None:
    found: tuple[Finding, ...] = digits.findings
    assert pictures.stops(found) is None
