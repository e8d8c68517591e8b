"""Every picture becomes a specification that draws, in colours that the page defines."""

from __future__ import annotations

import json
import re
import warnings
from dataclasses import replace
from importlib.resources import files
from itertools import chain
from typing import Any

import fake_study
import numpy as np
import pytest
import vl_convert
from fake_study import Whole

from hikaku.analysis.apart import DifferenceCurves, Gap
from hikaku.analysis.course import Verdict
from hikaku.analysis.lottery import lottery
from hikaku.present import compared, pictures, sections
from hikaku.present.charts import draw
from hikaku.present.designs import View, Views
from hikaku.present.difference_chart import MOST_OF_SEEDS
from hikaku.present.html import VEGA_LITE
from hikaku.present.learning_curves import FAINT
from hikaku.present.pictures import MOST_CELLS, MOST_POINTS, Picture
from hikaku.present.report import Chart
from hikaku.present.signs import SIGNS
from hikaku.record import Measured, Results, Sheet
from hikaku.records import Record
from hikaku.study.study import Study

NAMES = ("forest", "accuracy", "loss", "pairs", "confusions", "differences", "lots", "gaps")


def picture(whole: Whole, name: str) -> Picture | None:
    if name == "forest":
        return pictures.forest(whole.study, whole.findings)
    if name == "pairs":
        return pictures.pairs(whole.study, whole.results)
    if name == "confusions":
        return pictures.confusions(whole.study, whole.results)
    if name == "differences":
        return compared.differences(whole.study, whole.results, "loss")
    if name == "lots":
        return compared.lots(whole.study, whole.results, whole.findings)
    if name == "gaps":
        return compared.gaps(whole.study, whole.results, ("accuracy", "loss"))
    return pictures.curves(whole.study, whole.results, name)


def spec_of(whole: Whole, name: str, language: str = "en") -> dict[str, Any]:
    found = picture(whole, name)
    assert found is not None
    return draw(found, language)


@pytest.fixture(scope="module")
def specs(digits: Whole) -> dict[str, dict[str, Any]]:
    return {name: spec_of(digits, name) for name in NAMES}


def drawn(spec: dict[str, Any]) -> str:
    with warnings.catch_warnings(record=True) as complaints:
        svg: str = vl_convert.vegalite_to_svg(spec, vl_version=VEGA_LITE)
    assert not complaints
    return svg


def rows(spec: dict[str, Any]) -> list[dict[str, Any]]:
    return [row for found in spec["datasets"].values() for row in found]


def _values(value: object, key: str) -> list[Any]:
    if isinstance(value, dict):
        own = [value[key]] if key in value else []
        return own + [found for item in value.values() for found in _values(item, key)]
    if isinstance(value, list):
        return [found for item in value for found in _values(item, key)]
    return []


@pytest.mark.parametrize("name", NAMES)
def test_every_variant_is_drawn(specs: dict[str, Any], digits: Whole, name: str) -> None:
    svg = drawn(specs[name])
    for variant in digits.study.variants:
        assert f">{variant.name}<" in svg


@pytest.mark.parametrize("name", NAMES)
def test_a_chart_uses_no_colour_that_the_page_does_not_define(
    specs: dict[str, Any], name: str
) -> None:
    style = files("hikaku.present").joinpath("page", "report.css").read_text(encoding="utf-8")
    used = set(re.findall(r"var\((--[a-z]+)\)", json.dumps(specs[name])))
    assert used
    for colour in used:
        assert style.count(f"{colour}: #") == 2, f"{colour} in the light and the dark theme"


@pytest.mark.parametrize("name", NAMES)
def test_a_chart_needs_no_address_and_no_text_that_is_code(
    specs: dict[str, Any], name: str
) -> None:
    spec = specs[name]
    assert not _values(spec, "url")
    assert not _values(spec, "href")
    json.dumps(spec, allow_nan=False)


def test_each_verdict_has_a_shape_and_a_colour_of_its_own() -> None:
    shapes, colours = zip(*SIGNS.values(), strict=True)
    assert len(set(shapes)) == len(set(colours)) == len(SIGNS)


def test_the_forest_shows_the_numbers_of_the_findings(specs: dict[str, Any], digits: Whole) -> None:
    found = {row["variant"]: row for row in rows(specs["forest"]) if "variant" in row}
    for finding in digits.findings:
        row = found[finding.variant]
        assert row["mean"] == pytest.approx(finding.effect, rel=1e-4)
        assert (row["low"], row["high"]) == pytest.approx(
            (finding.ci_low, finding.ci_high), rel=1e-4
        )
        assert row["inner_low"] == pytest.approx(finding.equivalence_low, rel=1e-4)


def test_the_best_epoch_is_marked_once_per_arm_on_validation(
    specs: dict[str, Any], digits: Whole
) -> None:
    marks = [row for row in rows(specs["loss"]) if row.get("best")]
    views = range(len(digits.study.variants))
    assert sorted((mark["view"], mark["who"]) for mark in marks) == [
        (view, who) for view in views for who in ("base", "the variant")
    ]
    assert {mark["split"] for mark in marks} == {"validation"}


def test_a_pair_is_drawn_from_base_to_its_variant(specs: dict[str, Any]) -> None:
    found = [row for row in rows(specs["pairs"]) if row["variant"] == "batch-norm"]
    assert [row["side"] for row in found] == ["base", "variant"] * 5
    assert {row["change"] for row in found} == {"better"}


def test_the_lottery_marks_as_many_runs_as_mislead(digits: Whole) -> None:
    found = compared.lots(digits.study, digits.results, digits.findings)
    assert found is not None
    for lot in found.lots:
        share = lot.finding.lottery.unpaired
        assert lot.misleads.mean() == pytest.approx(share, abs=1.5 / compared.LOTS)
    drawn_dots = [row for row in rows(draw(found, "en")) if "says" in row]
    assert len(drawn_dots) == compared.LOTS * len(found.lots)
    assert len({(row["seen"], row["height"], row["effect"]) for row in drawn_dots}) > compared.LOTS


def test_a_single_run_misleads_only_where_it_is_known_what_is_true(digits: Whole) -> None:
    found = compared.lots(digits.study, digits.results, digits.findings)
    assert found is not None
    titles = _values(draw(found, "en"), "subtitle")
    for lot, title in zip(found.lots, titles, strict=True):
        ending = "go against the mean" if lot.finding.verdict == "undecided" else "mislead"
        assert title.endswith(f" % of single runs {ending}")
    assert len({title.split(" % ")[1] for title in titles}) == 2
    trains = replace(found.lots[0].finding, by="divergence")
    (only,) = _values(
        draw(replace(found, lots=(replace(found.lots[0], finding=trains),)), "en"), "subtitle"
    )
    assert "mislead" not in only


def _ending_at(study: Study, figures: dict[str, tuple[float, ...]]) -> Whole:
    """Return the study as if its trials had come to these accuracies on test."""
    found = fake_study.results(study, diverged=())
    trials = {
        (arm, seed): replace(
            one,
            records=tuple(
                replace(row, value=figures[arm][seed])
                if (row.split, row.metric) == ("test", "accuracy")
                else row
                for row in one.records
            ),
        )
        for (arm, seed), one in found.trials.items()
    }
    return fake_study.whole(study, replace(found, trials=trials))


@pytest.mark.parametrize(
    ("verdict", "own", "base", "marks"),
    [
        # Differences of one worth that rounding has made a little more than it.
        ("no-practical-difference", (0.96, 0.95, 0.95, 0.96), (0.95, 0.95, 0.96, 0.95), {0}),
        # As many pairs without a difference, some off by rounding, as the subtitle counts half.
        ("undecided", (0.1 + 0.2, 0.31, 0.31, 0.32), (0.3, 0.3, 0.31, 0.31), {0, 0.5, 1}),
    ],
)
def test_the_lottery_marks_what_its_subtitle_counts(
    verdict: Verdict,
    own: tuple[float, ...],
    base: tuple[float, ...],
    marks: set[float],
) -> None:
    asked = fake_study.study(("dropout",), seeds=(0, 1, 2, 3))
    whole = _ending_at(asked, {"base": base, "dropout": own})
    counted = lottery(np.array(own), np.array(base), "higher", asked.worth, verdict)
    finding = replace(whole.findings[0], verdict=verdict, lottery=counted)
    found = compared.lots(whole.study, whole.results, (finding,))
    assert found is not None
    (lot,) = found.lots
    assert set(lot.misleads.tolist()) == marks
    assert lot.misleads.mean() == pytest.approx(counted.unpaired, abs=1.5 / compared.LOTS)
    spec = draw(found, "en")
    said = {row["says"] for row in rows(spec) if "says" in row}
    assert len(said) == len(marks)
    domains = [one for one in _values(spec, "domain") if isinstance(one[0], str)]
    assert all(said <= set(one) and (len(one) == 3) == (0.5 in marks) for one in domains)


def test_many_seeds_are_drawn_as_lines_of_few_points() -> None:
    whole = fake_study.whole(fake_study.study(("dropout", "l2"), seeds=tuple(range(60))))
    found = rows(spec_of(whole, "differences"))
    assert sum("seed" in row for row in found) <= MOST_OF_SEEDS
    assert {row["epoch"] for row in found if "seed" in row} >= {1, fake_study.EPOCHS}


def test_no_spike_of_a_difference_or_of_a_band_is_lost() -> None:
    calm, spike, wide = np.zeros(1000), np.zeros(1000), np.ones(1000)
    spike[777], wide[333] = 5.0, 7.0
    epochs = np.arange(1000.0)
    curve = DifferenceCurves((0, 1), epochs, np.stack([spike, calm]), spike / 2, -wide, wide)
    view = Views((View("a", "a"),), 1)
    found = rows(draw(compared.Differences("loss", "lower", view, (curve,)), "en"))
    assert max(row["mean"] for row in found if row.get("seed") == 0) == 5
    assert max(row["mean"] for row in found if "high" in row) == 2.5
    assert max(row["high"] for row in found if "high" in row) == 7
    assert sum("high" in row for row in found) <= 120


@pytest.mark.parametrize("name", ["loss", "differences"])
def test_no_two_labels_of_epochs_touch(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fake_study, "EPOCHS", 4)
    svg = drawn(spec_of(fake_study.whole(fake_study.study(("dropout", "l2"))), name))
    labels = re.findall(r"<text [^>]*>([0-4](?:\.\d)?)</text>", svg)
    assert {"1", "2", "3", "4"} <= set(labels) and "3.5" not in labels


@pytest.mark.parametrize("name", ["loss", "differences"])
def test_a_single_epoch_is_drawn_as_points(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fake_study, "EPOCHS", 1)
    svg = drawn(spec_of(fake_study.whole(fake_study.study(("dropout", "l2"))), name))
    assert len(re.findall(r'<path transform="translate\(', svg)) >= 2


def test_no_axis_is_drawn_below_a_view_that_is_not_there() -> None:
    named = tuple(f"technique-{number}" for number in range(8))
    svg = drawn(spec_of(fake_study.whole(fake_study.study(named)), "pairs"))
    assert len(re.findall(">base<", svg)) == len(named)


def test_each_gap_has_its_interval_and_digits_of_its_own() -> None:
    wide, none = Gap("a", 0.1, 0.4, 0.3, 0.2, 0.4, 5), Gap("b", 0.1, 0.1, 1e-6, -2e-6, 4e-6, 5)
    found = rows(draw(compared.Gaps((("loss", (wide, none)),)), "en"))
    said = {row["arm"]: row["gap"] for row in found}
    assert said["a"] == "+0.30 [+0.20, +0.40]"


def test_large_numbers_stand_on_an_axis_as_they_are_written() -> None:
    arms = Gap("a", 10.0, 60.0, 50.0, 49.0, 51.0, 5), Gap("b", 20.0, 40.0, 20.0, 19.0, 21.0, 5)
    svg = drawn(draw(compared.Gaps((("rmse", arms),)), "en"))
    assert ">60<" in svg and "e+" not in svg


def test_lower_is_drawn_as_better_where_it_is(digits: Whole) -> None:
    by_loss = replace(digits.study.metric, name="loss", better="lower", of_better="lower")
    asked = replace(digits.study, metric=by_loss)
    found = rows(spec_of(fake_study.whole(asked, digits.results), "pairs"))
    for first, second in zip(found[::2], found[1::2], strict=True):
        assert (second["value"] < first["value"]) == (first["change"] == "better")


def test_a_confusion_matrix_counts_every_answer_of_every_seed(specs: dict[str, Any]) -> None:
    found = [row for row in rows(specs["confusions"]) if row["arm"] == "base"]
    assert sum(row["count"] for row in found) == 5 * fake_study.TEST
    of_three = [row["share"] for row in found if row["true"] == "3"]
    assert sum(of_three) == pytest.approx(1, abs=1e-3)


def test_confusion_of_arms_with_unlike_seed_counts_compares(digits: Whole) -> None:
    fewer = {place: one for place, one in digits.results.trials.items() if place != ("l2", 4)}
    same = {
        place: replace(one, sheets=(Sheet("confusion", np.array([[9, 1], [0, 300]])),))
        for place, one in fewer.items()
    }
    spec = spec_of(Whole(digits.study, replace(digits.results, trials=same), ()), "confusions")
    found = {(row["arm"], row["true"], row["answer"]): row for row in rows(spec)}
    assert found["base", "0", "1"]["count"] == 5 and found["l2", "0", "1"]["count"] == 4
    for arm in ("base", "l2"):
        texts = [found[arm, *place]["percent"] for place in (("0", "0"), ("0", "1"), ("1", "1"))]
        assert texts == ["90.0", "10.0", "100"]
    assert "percent" in [one["field"] for one in _values(spec, "text") if isinstance(one, dict)]


def test_many_classes_are_drawn_without_their_counts(digits: Whole) -> None:
    counts = np.diag(np.full(100, 7))
    trials = {
        key: replace(trial, sheets=(Sheet("confusion", counts),))
        for key, trial in digits.results.trials.items()
    }
    spec = spec_of(
        fake_study.whole(digits.study, replace(digits.results, trials=trials)), "confusions"
    )
    assert "text" not in [mark["type"] for mark in _values(spec, "mark")]
    assert drawn(spec)


def test_a_page_of_matrices_stays_usable(digits: Whole) -> None:
    trials = {
        key: replace(trial, sheets=(Sheet("confusion", np.ones((100, 100), dtype=int)),))
        for key, trial in digits.results.trials.items()
    }
    found = pictures.confusions(digits.study, replace(digits.results, trials=trials))
    assert found is not None
    assert [arm for arm, _ in found.matrices] == ["base", "dropout"]
    assert sum(np.count_nonzero(counts) for _, counts in found.matrices) <= MOST_CELLS
    assert found.left_out == ("l2", "early-stopping", "batch-norm", "label-smoothing")


def test_a_long_curve_keeps_its_ends_and_few_points(digits: Whole) -> None:
    outcome = digits.results.trials["base", 0].outcome
    curve = tuple(Record("curve", step, "train", "loss", 1 / step) for step in range(1, 2001))
    asked = fake_study.study(names=(), seeds=(0,))
    found = pictures.curves(asked, Results((0,), {("base", 0): Measured(outcome, curve)}), "loss")
    assert found is not None
    (line,) = found.lines
    assert len(line.epochs) == MOST_POINTS
    assert (line.mean[0], line.mean[-1]) == (1, 1 / 2000)


def test_a_line_is_thin_where_some_of_its_seeds_have_stopped(digits: Whole) -> None:
    found = pictures.curves(digits.study, digits.results, "accuracy")
    assert found is not None and found.loses_seeds
    stopped = [line for line in found.lines if line.arm == "early-stopping"]
    for line in stopped:
        # Seeds 0 to 4 stop at 40, 37, … 28; two of them are left up to 37.
        assert line.epochs[line.whole] == 28 and line.epochs[-1] == 37
        assert (line.n[line.whole], line.n[line.whole + 1], line.n[-1]) == (5, 4, 2)
    spec = draw(found, "en")
    left = [(row["epoch"], row["left"]) for row in rows(spec) if "left" in row]
    assert set(left) == {(28, "all"), *((epoch, "some") for epoch in range(29, 38))}
    thin = [one for one in _values(spec, "mark") if one.get("strokeWidth") == FAINT["strokeWidth"]]
    assert len(thin) == len(found.layout.views) and drawn(spec)


def test_what_a_thin_line_is_stands_beside_the_chart_that_has_one(digits: Whole) -> None:
    def said(whole: Whole) -> str:
        return str(next(sections.curves(whole.study, whole.results, (), ("loss",))).note)

    assert "the first of its seeds stops there" in said(digits)
    none = fake_study.whole(fake_study.study(("dropout",)))
    assert "stops there" not in said(none)
    spec = spec_of(none, "loss")
    assert not [row for row in rows(spec) if "left" in row]
    assert "isValid" not in json.dumps(spec)


def test_a_long_curve_keeps_the_point_up_to_which_it_has_all_seeds(digits: Whole) -> None:
    outcome = digits.results.trials["base", 0].outcome
    trials = {
        ("base", seed): Measured(
            outcome, tuple(Record("curve", at, "train", "loss", 1 / at) for at in range(1, end))
        )
        for seed, end in enumerate((2001, 2001, 1334))
    }
    asked = fake_study.study(names=(), seeds=(0, 1, 2))
    found = pictures.curves(asked, Results((0, 1, 2), trials), "loss")
    assert found is not None
    (line,) = found.lines
    assert line.epochs[line.whole] * outcome.steps_per_epoch == 1333
    assert len(line.epochs) <= MOST_POINTS + 1


def test_one_seed_is_drawn_without_intervals(digits: Whole) -> None:
    one = fake_study.whole(fake_study.study(seeds=(0,)))
    for name in ("forest", "loss", "pairs"):
        assert drawn(spec_of(one, name))
    assert {row["low"] for row in rows(spec_of(one, "loss"))} == {None}


def test_regression_has_no_confusion(digits: Whole) -> None:
    trials = {key: replace(trial, sheets=()) for key, trial in digits.results.trials.items()}
    assert pictures.confusions(digits.study, replace(digits.results, trials=trials)) is None


def test_names_that_are_cut_alike_stay_apart() -> None:
    names = ("x" * 60 + "a", "x" * 60 + "b")
    found = {
        row["variant"] for row in rows(spec_of(fake_study.whole(fake_study.study(names)), "pairs"))
    }
    assert len(found) == 2


def test_the_words_of_a_chart_are_japanese_where_japanese_is_asked(digits: Whole) -> None:
    verdicts = {row["verdict"] for row in rows(spec_of(digits, "forest", "ja")) if "verdict" in row}
    assert verdicts == {"効果あり", "実用上の差なし", "判定保留"}


def test_effects_without_intervals_are_drawn_as_points() -> None:
    whole = fake_study.unfinished()
    spec = spec_of(whole, "forest")
    found = [row for row in rows(spec) if "variant" in row]
    assert {(row["low"], row["high"], row["inner_low"]) for row in found} == {(None, None, None)}
    assert {row["interval"] for row in found} == {"–"}
    assert None not in {row["mean"] for row in found}
    svg = drawn(spec)
    assert "NaN" not in svg
    for finding in whole.findings:
        assert f">{finding.variant}<" in svg


def test_a_variant_without_a_curve_has_no_view(digits: Whole) -> None:
    trials = {
        (arm, seed): replace(trial, records=trial.records[:12]) if arm == "l2" else trial
        for (arm, seed), trial in digits.results.trials.items()
    }
    found = fake_study.whole(digits.study, replace(digits.results, trials=trials))
    titles = [view["title"] for view in spec_of(found, "loss")["concat"]]
    assert titles == ["dropout", "early-stopping", "batch-norm", "label-smoothing"]


def test_without_any_curve_there_is_no_such_chart() -> None:
    whole = fake_study.outside()
    assert picture(whole, "loss") is None
    kinds = {type(block.picture) for block in whole.report().blocks if isinstance(block, Chart)}
    assert kinds
    assert pictures.Curves not in kinds


def test_a_view_of_curves_takes_both_arms_at_the_seeds_that_both_have(digits: Whole) -> None:
    """Else base of eight seeds lies apart from a variant of five that is the same at each."""
    lost = tuple(("dropout", seed) for seed in digits.study.seeds[2:])
    some = fake_study.whole(digits.study, fake_study.results(digits.study, lost))
    found = pictures.curves(some.study, some.results, "accuracy")
    two = replace(digits.results, seeds=digits.study.seeds[:2])
    fewer = pictures.curves(digits.study, two, "accuracy")
    whole = pictures.curves(digits.study, digits.results, "accuracy")
    assert found and fewer and whole
    views = {view.arm: view for view in found.layout.views}
    for view, as_in in ((views["dropout"], fewer), (views["batch-norm"], whole)):
        drawn = {(line.arm, line.split): line.mean for line in chain(*found.sides(view).values())}
        wanted = {(line.arm, line.split): line.mean for line in chain(*as_in.sides(view).values())}
        assert drawn.keys() == wanted.keys() and len(drawn) == 4
        assert all(np.array_equal(drawn[key], wanted[key]) for key in drawn)


def test_every_sign_of_the_lottery_is_a_pair_of_runs_that_are_there(digits: Whole) -> None:
    study = replace(digits.study, seeds=digits.study.seeds[:5])
    few = fake_study.whole(study, fake_study.results(study))
    found = compared.lots(few.study, few.results, few.findings)
    assert found is not None
    for lot in found.lots:
        assert 1 < len(set(lot.seen.tolist())) <= 5 * 4
