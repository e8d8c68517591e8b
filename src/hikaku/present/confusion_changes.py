"""The picture of how the confusions of variants differ from those of their base.

Eats a `Study` and its `Results`. Makes `ConfusionChanges`, which `matrices` draws.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from hikaku.analysis.confused import Confused, confused
from hikaku.record import Results
from hikaku.study.study import Study

MOST_CELLS = 20_000
"""So many cells of matrices, filled or different, a chart draws; the later arms are left out."""


@dataclass(frozen=True)
class ConfusionChanges:
    """The matrices of the differences: counts of each variant less those of its base, rows true.

    `classes` are the names on the axes, none for plain numbers.
    """

    changes: tuple[Confused, ...]
    left_out: tuple[str, ...] = ()
    classes: tuple[str, ...] = ()


def confusion_changes(study: Study, results: Results) -> ConfusionChanges | None:
    """Return the picture of all differences, None where there is nothing to compare.

    Once `MOST_CELLS` differ, later variants are `left_out`, so that a page stays usable.
    """
    drawn: list[Confused] = []
    left_out: list[str] = []
    room = MOST_CELLS
    for arm in study.compared:
        found = confused(results, arm.name)
        if found is None:
            continue
        room -= int(np.count_nonzero(found.counts))
        if room >= 0:
            drawn.append(found)
        else:
            left_out.append(arm.name)
    return ConfusionChanges(tuple(drawn), tuple(left_out), results.classes()) if drawn else None
