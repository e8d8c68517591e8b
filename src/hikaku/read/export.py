"""`export`: a study as a file for papers, repositories and other programs; trains nothing."""

from __future__ import annotations

from hikaku.errors import StoreError
from hikaku.present.export import Wanted, exported
from hikaku.read.results import known, told
from hikaku.study.study import Study
from hikaku.words import message


def export(study: Study, store: str, wanted: Wanted, language: str) -> bytes:
    """Return the file that is wanted of what the store holds of this study.

    Raises `StoreError` where it holds nothing, `StudyError` for a figure that the study has not.
    """
    found = known(study, store) if wanted.needs_curves else told(study, store)
    if not found.results.trials:
        raise StoreError.of(
            message("the store {store} holds nothing of this study yet", store=store),
            mend=message("`hikaku run` trains it"),
        )
    return exported(found.study, found.results, found.findings, wanted, language)
