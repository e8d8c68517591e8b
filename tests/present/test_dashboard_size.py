"""However long the curves are, a page of the dashboard stays small enough to be sent again."""

from __future__ import annotations

import fake_study
import numpy as np
import pytest

from hikaku.present import dashboard, pictures
from hikaku.present.dashboard import Flight, Listed, Run, Shown

POINTS = 1_000_000
LARGEST = 2_000_000
"""Characters of a page."""


@pytest.mark.fault("F15")
def test_a_million_points_in_one_view_make_no_large_page():
    whole = fake_study.automatic(("dropout",))
    curves = {"loss": pictures.curves(whole.study, whole.results, "loss")}
    heights = np.random.default_rng(0).lognormal(size=POINTS).tolist()
    live = list(enumerate(heights, 1))
    flight = Flight("dropout", 0, 0.5, {"loss": live})
    listed = Listed(1, "digits", "", 2, 10, 3, "", Run(10, False, 3, 2.0, (flight,)))
    regions = dashboard.study_regions(Shown(listed, "digits", curves=curves), "loss", "en")
    assert 'class="live variant' in regions["curves"]
    assert len(dashboard.page("digits", regions, "en")) < LARGEST
