"""`export`: a study as a file for papers, repositories and other programs; trains nothing."""

from __future__ import annotations

from hikaku.present.export import Wanted, exported
from hikaku.read.results import known, nothing_of, told
from hikaku.study.study import Study


def export(study: Study, store: str, wanted: Wanted, language: str) -> bytes:
    """Return the file that is wanted of what the store holds of this study.

    Raises `StoreError` where it holds nothing, `StudyError` for a figure that the study has not.
    """
    found = known(study, store) if wanted.needs_curves else told(study, store)
    if not found.results.trials:
        raise nothing_of(store)
    return exported(found.study, found.results, found.findings, wanted, language)
