"""`check`: read a study and its data, and build every arm on one batch; trains nothing."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from hikaku.execution.choose_pool import at_once
from hikaku.execution.plan import Plan, plan
from hikaku.execution.workers import Workers
from hikaku.record import Results
from hikaku.run.foretell import too_little
from hikaku.run.gather_data import Notes
from hikaku.run.identify import Identified, identify
from hikaku.run.try_arms import try_arms
from hikaku.store.reader import Bill
from hikaku.study.study import Outside, Study, treatment
from hikaku.words import Message, message

if TYPE_CHECKING:
    from hikaku.data.split import Sizes


@dataclass(frozen=True)
class Checked:
    """A study in which nothing is wrong: what each arm is, what else was found, what to heed."""

    study: str
    arms: tuple[tuple[str, Sizes | str], ...]
    notes: tuple[Message, ...]
    cautions: tuple[Message, ...]

    def lines(self) -> Iterator[Message]:
        """Yield all of it in words."""
        for name, what in self.arms:
            yield message("{arm}: {treatment}", arm=name, treatment=what)
        yield from self.notes
        yield from self.cautions
        yield message("{name}: nothing is wrong", name=self.study)

    def as_json(self) -> dict[str, Any]:
        """Return it as JSON writes it, in English."""
        return {
            "format": 1,
            "study": self.study,
            "arms": [{"name": name, "what": str(what)} for name, what in self.arms],
            "notes": [str(note) for note in self.notes],
            "cautions": [str(caution) for caution in self.cautions],
        }


def check_study(study: Study, watch: Notes) -> Checked:
    """Return what was found; raise, all at once, what is wrong.

    `watch` hears what goes on meanwhile.
    """
    if isinstance(study.base, Outside):
        return _outside(study, study.base)
    known = identify(study, watch)
    todo = plan(known.trials, (), known.group, 1)
    watch.note(message("trying every arm on two batches ..."))
    with closing(Workers(1)) as pool:
        try_arms(known, todo, pool)
    arms = tuple((arm.name, known.sizes[arm.name]) for arm in study.arms)
    return Checked(study.name, arms, (), _cautions(known, todo))


def _outside(study: Study, base: Outside) -> Checked:
    """Return what can be said of code that is not ours without running it."""
    known = identify(study)
    arms = tuple(
        (arm.name, "; ".join(map(str, treatment(arm.work, base))) or base.train or base.command)
        for arm in study.arms
    )
    notes = (
        message("{n} at a time on this machine", n=at_once(study, None)),
        message(
            "{train} is there and takes settings, seed and report; it was not called",
            train=base.train,
        )
        if base.train
        else message("the program is there, and every setting has its place; it was not started"),
    )
    return Checked(
        study.name, arms, notes, _cautions(known, plan(known.trials, (), known.group, 1))
    )


def _cautions(known: Identified, todo: Plan) -> tuple[Message, ...]:
    """Return what to heed where nothing of the study is trained yet."""
    bases, twins = dict(known.bases), dict(known.twins.of)
    nothing = Results(known.study.seeds, {}, bases=bases, twins=twins)
    return tuple(too_little(known, todo, nothing, Bill()))
