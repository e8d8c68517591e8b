"""One arm far beyond all others makes no points of them, and who is cut or missing is said."""

from __future__ import annotations

import re
from dataclasses import replace

import fake_study
import pytest

from hikaku.present import charts, pictures, sections
from hikaku.present.charts import draw
from hikaku.present.interval_bar import bars
from hikaku.present.report import Chart, spoken

NAMES = ("dropout", "l2", "batch-norm")


def findings(far: float = -600.0):
    """Return the findings of three variants, the last of which went astray."""
    whole = fake_study.whole(fake_study.study(NAMES))
    *others, last = whole.findings
    moved = dict.fromkeys(("effect", "ci_low", "ci_high"), far)
    both = {"equivalence_low": far, "equivalence_high": far}
    return whole.study, (*others, replace(last, **moved, **both))


def test_bars_of_the_others_keep_their_view_and_the_one_astray_stands_at_the_rim():
    _, found = findings()
    low, high = bars(found)[0].view
    assert low > -1 and high < 1
    drawn = charts.draw(pictures.Forest(found, fake_study.study(NAMES).metric, 0.01), "en")
    domains = re.findall(r"'domain': \[(-?[\d.e-]+), (-?[\d.e-]+)\]", str(drawn))
    assert domains and all(-1 < float(end) < 1 for pair in domains for end in pair)


def test_who_is_cut_or_not_drawn_is_said_below_the_chart():
    study, found = findings()
    missing = replace(found[0], seeds=())
    (chart,) = sections.forest(study, (missing, *found[1:]))
    assert isinstance(chart, Chart)
    note = spoken(chart.note, "en")
    assert "at its rim: batch-norm." in note and "Nothing to draw yet of: dropout." in note
    (chart,) = sections.forest(study, findings(0.01)[1])
    assert isinstance(chart, Chart)
    assert "rim" not in spoken(chart.note, "en") and "Nothing" not in spoken(chart.note, "en")


@pytest.mark.parametrize("far", [-600.0, 0.02])
def test_pairs_have_a_scale_each_where_one_is_far_from_all_others(far: float):
    whole = fake_study.whole(fake_study.study(NAMES))
    picture = pictures.pairs(whole.study, whole.results)
    assert picture is not None
    *others, last = picture.pairs
    moved = tuple(value + far for value in last.base_values)
    picture = replace(picture, pairs=(*others, replace(last, values=moved)))
    resolved = draw(picture, "en").get("resolve", {})
    assert (resolved.get("scale", {}).get("y") == "independent") == (far < -1)


def test_long_names_above_pairs_are_told_apart():
    whole = fake_study.whole(fake_study.study(NAMES))
    picture = pictures.pairs(whole.study, whole.results)
    assert picture is not None
    names = tuple(f"lr=0.1, batch_size={n}" for n in (16, 64, 256))
    spec = str(draw(replace(picture, titles=names), "en"))
    assert all(f'"batch_size={n}"' in spec for n in (16, 64, 256))
