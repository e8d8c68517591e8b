"""Where a study's seeds begin: at 0, or where `--fresh` let them begin."""

from __future__ import annotations

from hikaku.errors import StudyError
from hikaku.store.store import Store
from hikaku.study.budget import is_spent
from hikaku.study.sources import fingerprints
from hikaku.study.study import Study
from hikaku.words import message


def first_seed(study: Study, kept: Store, *, fresh: bool = False) -> int:
    """Return the first seed; with `fresh`, one past all at which a verdict was ever shown.

    That is of any arm that the study has or once had, by any figure and whatever study. Raises
    `StudyError` where the study lists its seeds, and so says itself which are fresh.
    """
    if not fresh:
        return kept.first_seed(study)
    if not study.counted:
        raise StudyError.of(
            message("--fresh starts on unused seeds, and this study lists its own"),
            mend=message('write other seeds, or a number of them, or "auto"'),
        )
    budget, bill = study.budget, kept.bill(study)
    if is_spent(budget, bill.seconds, bill.trials):
        raise StudyError.of(
            message("--fresh begins anew, and the study's budget is spent"),
            mend=message("raise [budget]: it is one for all runs of the study"),
        )
    return kept.unused_seed(study, fingerprints(study))
