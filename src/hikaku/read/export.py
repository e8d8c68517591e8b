"""`export`: a study as a file for papers, repositories and other programs; trains nothing."""

from __future__ import annotations

from hikaku.present.export import Exported, Wanted, exported
from hikaku.present.figures import NoSuchFigure
from hikaku.read.results import Known, known, nothing_of, told
from hikaku.study.study import Study


def export(study: Study, store: str, wanted: Wanted, language: str) -> Exported:
    """Return the file that is wanted of what the store holds of this study.

    Raises `StoreError` where it holds nothing, `StudyError` for a figure that the study has not.
    """

    def made(found: Known) -> Exported:
        if not found.results.trials:
            raise nothing_of(store)
        return exported(found.study, found.results, found.findings, wanted, language, store)

    if wanted.needs_curves:
        return made(known(study, store))
    try:
        return made(told(study, store))
    except NoSuchFigure:
        # Only with all that was measured on the way is it known which figures there are.
        return made(known(study, store))
