"""`results`: what the store says of a study, and what it means; trains and imports nothing."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from hikaku.analysis.finding import Finding
from hikaku.analysis.verdict import compare
from hikaku.errors import StoreError
from hikaku.record import Results
from hikaku.records import READINGS, Reading
from hikaku.store.store import Store
from hikaku.study.budget import starting_at
from hikaku.study.equal import as_settled
from hikaku.study.metrics import OF_A_CURVE
from hikaku.study.study import Study
from hikaku.words import message


@dataclass(frozen=True)
class Known:
    """What is known of a study: its results so far, and one finding per variant."""

    study: Study
    results: Results
    findings: tuple[Finding, ...]


def nothing_of(store: str) -> StoreError:
    """Return what is raised where a page or a file is asked of a study that has no trial yet."""
    return StoreError.of(
        message("the store {store} holds nothing of this study yet", store=store),
        mend=message(
            "`hikaku run` trains it; the same trials of a study of another name, in another "
            "folder or with other settings (--set, --seeds) are taken from there"
        ),
    )


def told(study: Study, store: str) -> Known:
    """Return what tables and verdicts say of this study, without the curves they do not need."""
    readings: set[Reading] = {"last", "best", *(one.reading for one in study.published)}
    if study.metric.of in OF_A_CURVE:
        readings.add("curve")
    return known(study, store, readings)


def known(study: Study, store: str, readings: Collection[Reading] = READINGS) -> Known:
    """Return all that the store holds of this study, so read; nothing at all is an answer too."""
    with Store.reading(store) as kept:
        study, marks = as_settled(starting_at(study, kept.first_seed(study)), kept)
        results = kept.results(study, marks, readings)
    return Known(study, results, compare(study, results, seen=True))
