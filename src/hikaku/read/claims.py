"""`claims`: what a source says, beside what the store holds; trains nothing."""

from __future__ import annotations

from dataclasses import dataclass

from hikaku.analysis.claims import Judged, judge
from hikaku.read.results import known
from hikaku.record import Results
from hikaku.study.study import Study


@dataclass(frozen=True)
class Read:
    """A study, its results, and what became of each of its claims."""

    study: Study
    results: Results
    judged: tuple[Judged, ...]


def claims(study: Study, store: str) -> Read:
    """Return what became of the study's claims; nothing measured yet is an answer too."""
    found = known(study, store)
    return Read(found.study, found.results, judge(found.study, found.results))
