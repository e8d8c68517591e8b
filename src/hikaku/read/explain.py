"""`explain`: what a technique, a model or a data set says of itself, and what studies say of it.

Nothing is run, and no verdict is told that a run has not shown.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import reduce
from itertools import chain
from pathlib import Path

from hikaku.analysis.finding import Finding
from hikaku.analysis.testimony import Sought, Testimony, roles_in, testimony
from hikaku.errors import StudyError
from hikaku.present.explained import Explained
from hikaku.record import Results
from hikaku.records import Reading
from hikaku.store.store import Store
from hikaku.study.catalogue import (
    HOUSE,
    datasets,
    is_file_reference,
    models,
    technique_at,
    techniques,
)
from hikaku.study.entry import Entry
from hikaku.study.metrics import OF_A_CURVE
from hikaku.study.nearest import likely
from hikaku.study.study import Study, Training, Work
from hikaku.words import Message, catalogued, message


def explain(name: str, store: str) -> Explained:
    """Return what is known of `name`; raise `StudyError` where nothing has this name."""
    if name in datasets():
        return Explained(datasets()[name], used_by=_users(name, store))
    if name in models():
        return Explained(models()[name], used_by=_users(name, store))
    entry, folder = entry_of(name)
    return Explained(entry, evidence=tuple(_evidence(entry, folder, store)))


def entry_of(name: str) -> tuple[Entry, Path]:
    """Return a technique, read as text, and the folder in which its entry's name is looked up.

    `name` is a technique's, or leads to a file from here: `my_technique.py`,
    `../lib/my_technique.py:Name`. Raises `StudyError` where there is no such technique.
    """
    file, _, symbol = name.rpartition(":") if is_file_reference(name) else (name, "", "")
    if file.endswith(".py"):
        return technique_at(Path(file), symbol), Path(file).parent
    if name in techniques():
        return HOUSE.technique(name, "."), Path()
    close = likely(name, chain(techniques(), models(), datasets()))
    raise StudyError.of(
        message("there is no technique, model or data set {name}", name=name),
        mend=message("did you mean {close}?", close=_listed(close))
        if close
        else message("`hikaku techniques`, `hikaku models` and `hikaku datasets` list them"),
    )


def _listed(names: Sequence[str]) -> Message:
    """Return names, each with what it is where it is no technique."""
    kinds = {name: message("model") for name in models()}
    kinds |= {name: message("data set") for name in datasets()}
    each = [
        message("{name} ({kind})", name=name, kind=kinds[name])
        if name in kinds
        else catalogued(name)
        for name in names
    ]
    return reduce(lambda this, that: message("{this}, {that}", this=this, that=that), each)


def _evidence(entry: Entry, folder: Path, store: str) -> Iterator[Testimony]:
    """Yield what the studies of the store say of it, the latest first, each comparison once.

    A study that was copied or renamed has the trials of the old one, and says nothing new.
    """
    assert entry.card is not None
    sought = Sought(entry.card.slot, entry.name, entry.card.off)
    told: set[tuple[str, ...]] = set()
    for study, results in _trying(sought, folder, store):
        for one in testimony(study, results, sought):
            comparison = (*_trials(results, one.finding), study.metric.judged)
            if comparison not in told:
                told.add(comparison)
                yield one


def _trying(sought: Sought, folder: Path, store: str) -> Iterator[tuple[Study, Results]]:
    """Yield every study with this technique in a treatment, the latest first, and its results.

    Whatever has become of its files since. Curves come where it judges by them.
    """
    with Store.reading(store) as kept:
        for number, study in kept.naming(sought.name).items():
            is_own = not is_file_reference(sought.name) or _is_beside(study, folder)
            if not is_own or not roles_in(study, sought):
                continue
            readings: set[Reading] = {"last", "best"}
            if study.metric.of in OF_A_CURVE:
                readings.add("curve")
            if found := kept.remembered(number, readings):
                yield found


def _trials(results: Results, finding: Finding) -> tuple[str, ...]:
    """Return the keys of the first two trials that were compared: another study may share them."""
    arms = (finding.base, finding.variant)
    seeds = [seed for seed in finding.planned if all((arm, seed) in results.trials for arm in arms)]
    return tuple(results.trials[arm, seed].outcome.key for arm in arms for seed in seeds[:1])


def _is_beside(study: Study, folder: Path) -> bool:
    """Return whether a file's name, seen from the study, is that of the file in this folder."""
    return Path(study.folder).resolve() == folder.resolve()


def _users(name: str, store: str) -> tuple[Study, ...]:
    """Return the studies of which some arm has this model or data set, the latest run first."""
    with Store.reading(store) as kept:
        found = kept.naming(name).values()
    return tuple(one for one in found if any(_has(arm.work, name) for arm in one.arms))


def _has(work: Work, name: str) -> bool:
    return isinstance(work, Training) and name in (work.model.name, work.data.use.name)
