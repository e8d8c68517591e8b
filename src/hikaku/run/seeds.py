"""Where a study's seeds begin: at 0, or where `--fresh` let them begin."""

from __future__ import annotations

from hikaku.errors import StudyError
from hikaku.store.store import Store
from hikaku.study.budget import are_counted
from hikaku.study.sources import fingerprints
from hikaku.study.study import BASE, Study
from hikaku.words import message


def first_seed(study: Study, kept: Store, *, fresh: bool = False) -> int:
    """Return the first seed; with `fresh`, one past all at which a verdict was ever shown.

    That is of any variant of the study, by whatever study. Raises `StudyError` where the study
    lists its seeds, and so says itself which are fresh.
    """
    if not fresh:
        return kept.first_seed(study)
    if not are_counted(study):
        raise StudyError.of(
            message("--fresh starts on unused seeds, and this study lists its own"),
            mend=message('write other seeds, or a number of them, or "auto"'),
        )
    marks = fingerprints(study)
    rows = [
        row
        for arm in study.variants
        for row in kept.spent(marks[BASE], marks[arm.name], study.metric.judged)
    ]
    return max((max(row.seeds) + 1 for row in rows), default=kept.first_seed(study))
