"""`plan`: what a run would train, what is there already, and why so; trains nothing."""

from __future__ import annotations

from collections.abc import Iterator

from hikaku.execution.machine import cores
from hikaku.execution.plan import plan
from hikaku.run.identify import identify
from hikaku.store.store import Store
from hikaku.study.study import Study
from hikaku.words import Message, message


def explain(study: Study, store: str) -> Iterator[Message]:
    """Yield the plan in words; data is fetched and decoded where that is still to do."""
    known = identify(study)
    with Store.reading(store) as kept:
        found = plan(known.trials, kept.finished(known.trials), str(known.arithmetic), cores())
    yield message(
        "arms: {arms}; seeds: {seeds}; trials: {count}, {todo} to train, {reused} in the store",
        arms=len(study.arms),
        seeds=len(study.seeds),
        count=len(known.trials),
        todo=len(found.trials),
        reused=found.reused,
    )
    for arm in study.arms:
        todo = sum(trial.fingerprint == known.fingerprints[arm.name] for _, trial in found.trials)
        yield message(
            "  {arm}: {sizes}; {todo} to train",
            arm=arm.name,
            sizes=known.sizes[arm.name],
            todo=todo,
        )
    for batch in found.batches:
        yield message(
            "arithmetic: {arithmetic} on {device}",
            arithmetic=batch.arithmetic,
            device=batch.device,
        )
        yield batch.why
