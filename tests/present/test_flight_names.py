"""Trials on their way are told apart by their seeds, however narrow their columns are."""

from __future__ import annotations

import re

from hikaku.present import dashboard
from hikaku.present.dashboard import Flight, Listed, Run


def test_an_arms_name_is_cut_before_its_seed() -> None:
    run = Run(3, True, 1, 2.0, (Flight("大きい幅の長い名前", 12, 0.5),))
    regions = dashboard.list_regions([Listed(1, "a", "b", 2, 10, 3, "", run)], "", "en")
    assert (
        '<span class="arm">大きい幅の長い名前</span> <span class="seed">seed 12</span>'
        in regions["running"]
    )
    style = dashboard.style()
    assert re.search(r"\.who \.arm \{[^}]*min-width: 0;[^}]*text-overflow: ellipsis", style)
    assert re.search(r"\.who \.seed \{ flex: none", style)
