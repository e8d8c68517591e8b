"""`results`: what the store says of a study, and what it means; trains and imports nothing."""

from __future__ import annotations

from dataclasses import dataclass

from hikaku.analysis.finding import Finding
from hikaku.analysis.verdict import compare
from hikaku.record import Results
from hikaku.store.store import Store
from hikaku.study.budget import starting_at
from hikaku.study.equal import as_settled
from hikaku.study.study import Study


@dataclass(frozen=True)
class Known:
    """What is known of a study: its results so far, and one finding per variant."""

    study: Study
    results: Results
    findings: tuple[Finding, ...]


def known(study: Study, store: str) -> Known:
    """Return everything that the store holds of this study; nothing at all is an answer too."""
    with Store.reading(store) as kept:
        study, marks = as_settled(starting_at(study, kept.first_seed(study)), kept)
        results = kept.results(study, marks)
    return Known(study, results, compare(study, results, seen=True))
