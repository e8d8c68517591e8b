"""Curves of the live pages: single points are seen, and a mean of the few seeds left looks so."""

from __future__ import annotations

import re

import fake_study
import numpy as np
import pytest

from hikaku.present import pictures, strokes
from hikaku.present.dashboard import Listed, Shown, study_regions
from hikaku.present.frames import Frame, frame

LISTED = Listed(1, "digits", "", 2, 10, 3, "")


def drawn(whole: fake_study.Whole) -> str:
    curves = {"loss": pictures.curves(whole.study, whole.results, "loss")}
    return study_regions(Shown(LISTED, "digits", curves=curves), "loss", "en")["curves"]


def test_what_was_evaluated_once_is_seen(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(fake_study, "EPOCHS", 1)
    html = drawn(fake_study.whole(fake_study.study(("dropout",))))
    for how in ("mean point", "band point"):
        paths = re.findall(rf'class="{how} \w+ \w+" d="([^"]+)"', html)
        assert paths and all(re.fullmatch(r"M\S+ \S+(h0|L.*Z)", path) for path in paths)
    assert 'class="mean ' not in html.replace("mean point", "")
    picture = pictures.Curves("loss", fake_study_views(), ())
    (view,) = strokes.views(picture, {"dropout": [[(1.0, 0.5)]]})
    (point,) = view.strokes
    assert point.how == "live point" and point.path.endswith("h0")


def fake_study_views() -> strokes.designs.Views:
    return strokes.designs.views(fake_study.study(("dropout",)))


def test_a_mean_of_the_seeds_that_are_left_is_dotted_and_the_note_says_so():
    html = drawn(fake_study.whole(fake_study.study(("early-stopping",))))
    whole = re.search(r'class="mean variant validation" d="([^"]+)"', html)
    few = re.search(r'class="few variant validation" d="([^"]+)"', html)
    assert whole and few
    assert few[1].startswith("M" + whole[1].split("L")[-1]), "where the one ends the other begins"
    assert "Dotted: some of its seeds have stopped" in html
    html = drawn(fake_study.whole(fake_study.study(("dropout",))))
    assert 'class="few' not in html and "Dotted" not in html


def test_the_view_is_of_heights_that_there_are():
    heights = np.array([-3.0] + [np.nan] * 20)
    seen = frame("score", [heights])
    assert seen.low < -3 < seen.high
    assert frame("score", []) == Frame(-0.04, 1.04, is_log=False)
