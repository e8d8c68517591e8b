"""`check`: read a study and its data, and build every arm on one batch; trains nothing."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing

from hikaku.execution.choose_pool import at_once
from hikaku.execution.plan import plan
from hikaku.execution.workers import Workers
from hikaku.run.gather_data import Notes
from hikaku.run.identify import identify
from hikaku.run.try_arms import try_arms
from hikaku.study.study import Outside, Study, treatment
from hikaku.words import Message, message


def check_study(study: Study, watch: Notes) -> Iterator[Message]:
    """Yield what was found in order; raise, all at once, what is wrong.

    `watch` hears what goes on meanwhile.
    """
    if isinstance(study.base, Outside):
        yield from _outside(study, study.base)
        return
    known = identify(study, watch)
    watch.note(message("trying every arm on two batches ..."))
    with closing(Workers(1)) as pool:
        try_arms(known, plan(known.trials, (), known.group, 1), pool)
    for arm in study.arms:
        yield message("{arm}: {sizes}", arm=arm.name, sizes=known.sizes[arm.name])
    yield message("{name}: nothing is wrong", name=study.name)


def _outside(study: Study, base: Outside) -> Iterator[Message]:
    """Yield what can be said of code that is not ours without running it."""
    identify(study)
    yield message("{n} at a time on this machine", n=at_once(study, None))
    for arm in study.arms:
        changed = "; ".join(map(str, treatment(arm.work, base))) or base.train or base.command
        yield message("{arm}: {treatment}", arm=arm.name, treatment=changed)
    if base.train:
        yield message(
            "{train} is there and takes settings, seed and report; it was not called",
            train=base.train,
        )
    else:
        yield message("the program is there, and every setting has its place; it was not started")
    yield message("{name}: nothing is wrong", name=study.name)
