"""`check`: read a study and its data, and build every arm on one batch; trains nothing."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing

from hikaku.execution.plan import plan
from hikaku.execution.workers import Workers
from hikaku.run.identify import Notes, identify
from hikaku.run.study import check_arms
from hikaku.study.study import Study
from hikaku.words import Message, message


def check_study(study: Study, watch: Notes) -> Iterator[Message]:
    """Yield what was found in order; raise, all at once, what is wrong.

    `watch` hears what goes on meanwhile.
    """
    known = identify(study, watch)
    watch.note(message("trying every arm on two batches ..."))
    with closing(Workers(1)) as pool:
        check_arms(known, plan(known.trials, (), str(known.arithmetic), 1), pool)
    for arm in study.arms:
        yield message("{arm}: {sizes}", arm=arm.name, sizes=known.sizes[arm.name])
    yield message("{name}: nothing is wrong", name=study.name)
