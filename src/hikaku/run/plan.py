"""`plan`: what a run would train, what is there already, and why so; trains nothing."""

from __future__ import annotations

from collections.abc import Iterator

from hikaku.execution.choose_pool import at_once
from hikaku.execution.plan import Plan
from hikaku.run.allocate import left
from hikaku.run.identify import Identified, identify
from hikaku.run.outlook import outlook
from hikaku.store.store import Store
from hikaku.study.budget import starting_at
from hikaku.study.equal import equalized, settled
from hikaku.study.study import Study
from hikaku.words import Message, message


def explain(study: Study, store: str) -> Iterator[Message]:
    """Yield the plan in words; data is fetched and decoded where that is still to do."""
    most = at_once(study, None)
    with Store.reading(store) as kept:
        # What is not settled yet would be measured first; until then it counts as written.
        asked = equalized(study, settled(study, kept))
        study = starting_at(asked, kept.first_seed(study))
    known = identify(study)
    with Store.reading(store) as kept:
        found = left(known, kept, kept.finished(known.trials), most)
        ahead = outlook(known, found, kept, most)
    to_train = ahead.trials[1]
    yield message(
        "arms: {arms}; seeds: {seeds}; trials: {count}, {todo} to train, {reused} in the store",
        arms=len(study.arms),
        seeds=message("up to {n}", n=len(study.seeds)) if study.auto else len(study.seeds),
        count=message("up to {n}", n=len(known.trials)) if study.auto else len(known.trials),
        todo=message("up to {n}", n=to_train) if study.auto and to_train else to_train,
        reused=found.reused,
    )
    for arm in study.arms:
        yield _arm(arm.name, known, found)
    for batch in found.batches:
        yield message(
            "arithmetic: {arithmetic} on {device}",
            arithmetic=batch.arithmetic,
            device=batch.device,
        )
        yield batch.why
    yield from ahead.lines


def _arm(name: str, known: Identified, found: Plan) -> Message:
    """Return an arm's sizes and, where that is settled, how many of its trials are to train."""
    todo = sum(trial.fingerprint == known.fingerprints[name] for _, trial in found.trials)
    sizes = None if known.study.outside else known.sizes[name]
    if known.study.auto:
        return (
            message("  {arm}", arm=name)
            if sizes is None
            else message("  {arm}: {sizes}", arm=name, sizes=sizes)
        )
    if sizes is None:
        return message("  {arm}: {todo} to train", arm=name, todo=todo)
    return message("  {arm}: {sizes}; {todo} to train", arm=name, sizes=sizes, todo=todo)
