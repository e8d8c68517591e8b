"""`plan`: what a run would train, what is there already, and why so; trains nothing."""

from __future__ import annotations

from collections.abc import Iterator

from hikaku.execution.choose_pool import at_once
from hikaku.execution.plan import plan
from hikaku.run.identify import identify
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
        found = plan(known.trials, kept.finished(known.trials), str(known.arithmetic), most)
        ahead = tuple(outlook(known, found, kept, most))
    yield message(
        "arms: {arms}; seeds: {seeds}; trials: {count}, {todo} to train, {reused} in the store",
        arms=len(study.arms),
        seeds=message("up to {n}", n=len(study.seeds)) if study.auto else len(study.seeds),
        count=message("up to {n}", n=len(known.trials)) if study.auto else len(known.trials),
        todo=message("up to {n}", n=len(found.trials)) if study.auto else len(found.trials),
        reused=found.reused,
    )
    for arm in study.arms:
        todo = sum(trial.fingerprint == known.fingerprints[arm.name] for _, trial in found.trials)
        said = message("up to {n}", n=todo) if study.auto else todo
        if study.outside:
            yield message("  {arm}: {todo} to train", arm=arm.name, todo=said)
            continue
        yield message(
            "  {arm}: {sizes}; {todo} to train",
            arm=arm.name,
            sizes=known.sizes[arm.name],
            todo=said,
        )
    for batch in found.batches:
        yield message(
            "arithmetic: {arithmetic} on {device}",
            arithmetic=batch.arithmetic,
            device=batch.device,
        )
        yield batch.why
    yield from ahead
