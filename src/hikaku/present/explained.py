"""What `explain` says: the card, a line to paste, and what the user's own studies have shown."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import reduce
from pathlib import Path
from typing import Any, get_args

from hikaku.analysis.course import Verdict
from hikaku.analysis.finding import WORDS, Finding
from hikaku.analysis.numbers import effect_texts, seeds_text
from hikaku.analysis.sentence import name_of
from hikaku.analysis.testimony import Role, Testimony
from hikaku.present.report import (
    Block,
    Heading,
    Lines,
    Place,
    Point,
    Points,
    Report,
    Text,
)
from hikaku.present.verdict_table import interval_text
from hikaku.study.card import Patterns
from hikaku.study.entry import DataSet, Entry
from hikaku.study.line import line_of
from hikaku.study.recipe import shown
from hikaku.study.study import FEWEST, Study, Training
from hikaku.words import Message, catalogued, message

CARD = (
    (message("claim"), "claim"),
    (message("formula"), "formula"),
    (message("source"), "paper"),
    (message("where it helps"), "helps"),
    (message("where it hurts"), "hurts"),
    (message("cost"), "cost"),
    (message("pitfalls"), "pitfalls"),
)
"""The parts of a card, each under its name."""
AT = message(
    "at: where it acts, by the names of modules that `hikaku show model MODEL --data DATA` lists, "
    'with * for any letters: at = ["conv*", "fc1"]; where it is empty, everywhere that suits it'
)
PLACES = ("before", "after")
PLACE = message("place: before or after the activation that follows the layer")
PLACE_OF_DROPOUT = message("place: before the layer, or after the activation that follows it")
IN_ENGLISH = ("formula", "paper")
"""What is the same in every language."""
MOST = 12
"""So many studies or comparisons are told one by one."""
APART: dict[Role, Message] = {
    "left-out": message("Base has it, and the variant does not:"),
    "settings": message("Both have it, with other settings:"),
    "among-others": message("It is not all that differs:"),
}


@dataclass(frozen=True)
class Explained:
    """A technique, a model or a data set, and what the store knows of it.

    `evidence` is of a technique; `used_by` are the studies of a model or data set. The latest
    study comes first in both.
    """

    entry: Entry | DataSet
    evidence: tuple[Testimony, ...] = ()
    used_by: tuple[Study, ...] = ()

    def report(self) -> Report:
        """Return it in words."""
        if isinstance(self.entry, DataSet):
            return Report((*_data_set(self.entry), *_studies(self.used_by)))
        own = (
            _studies(self.used_by)
            if self.entry.card is None
            else _measured(self.evidence, self.entry)
        )
        return Report((*_entry(self.entry), *own))

    def as_json(self) -> dict[str, Any]:
        """Return it as JSON writes it: in English, None where there is no number."""
        entry = self.entry
        common = {"format": 1, "name": entry.name, "summary": entry.summary}
        used = [{"study": one.name, "folder": one.folder} for one in self.used_by]
        if isinstance(entry, DataSet):
            about = {"source": entry.source, "licence": entry.licence}
            return {**common, "kind": "data set", **about, "line": line_of(entry), "studies": used}
        settings = [
            {"name": one.name, "default": _plain(one.default), "range": one.allowed}
            for one in entry.settings
        ]
        common |= {"line": line_of(entry), "settings": settings}
        if entry.card is None:
            return {**common, "kind": "model", "studies": used}
        card = {name: getattr(entry.card, name) for _, name in CARD}
        card |= {"slot": entry.card.slot, "family": entry.card.family, "year": entry.card.year}
        found = [_row(one) for one in self.evidence]
        return {**common, "kind": "technique", **card, "evidence": found}


def _entry(entry: Entry) -> Iterator[Block]:
    kind = message("technique, slot {slot}", slot=entry.slot) if entry.card else message("model")
    yield Heading(message("{name}: {kind}", name=entry.name, kind=kind), level=1)
    yield Text(catalogued(entry.summary))
    if entry.card:
        yield Points(tuple(Point(said) for said in card_lines(entry)))
    if entry.settings:
        yield Lines(message("settings:"), tuple(setting_lines(entry)))
    if said := tuple(map(Point, _meanings(entry))):
        yield Points(said)
    yield Place(message("In a study"), line_of(entry))
    if not entry.card:
        shows = f"hikaku show model {entry.name} --data DATA"
        yield Place(message("Its layers, its costs, and where techniques act"), shows)


def card_lines(entry: Entry) -> Iterator[Message]:
    """Yield what the card of a technique says, part by part."""
    for head, name in CARD:
        said = getattr(entry.card, name)
        if said:
            said = said if name in IN_ENGLISH else catalogued(said)
            yield message("{head}: {text}", head=head, text=said)


def setting_lines(entry: Entry) -> Iterator[Message]:
    """Yield each setting with its default and its range."""
    for setting in entry.settings:
        yield message(
            "  {name} = {default}  ({range})",
            name=setting.name,
            default=shown(setting.default),
            range=setting.range,
        )


def _meanings(entry: Entry) -> Iterator[Message]:
    """Yield what the settings mean by which many techniques are told where to act."""
    for setting in entry.settings if entry.card else ():
        if setting.name == "at" and setting.annotation == Patterns:
            yield AT
        if setting.name == "place" and setting.default in PLACES:
            yield PLACE_OF_DROPOUT if entry.name == "dropout" else PLACE


def _data_set(found: DataSet) -> Iterator[Block]:
    kind = message("data set")
    yield Heading(message("{name}: {kind}", name=found.name, kind=kind), level=1)
    yield Text(catalogued(found.summary))
    said = (
        message("source: {source}", source=found.source),
        message("licence: {licence}", licence=catalogued(found.licence)),
    )
    yield Points(tuple(map(Point, said)))
    yield Place(message("In a study"), line_of(found))


def _studies(studies: Sequence[Study]) -> Iterator[Block]:
    if not studies:
        yield Text(message("No study in the store uses it yet."))
        return
    yield Heading(message("Your studies with it: {n}", n=len(studies)))
    points = [Point(_named(one.name, one.question)) for one in studies[:MOST]]
    yield Points((*points, *_more(len(studies))))


def _named(name: str, question: str) -> Message | str:
    if not question:
        return name
    return message("{name}: {question}", name=name, question=catalogued(question))


def _measured(found: Sequence[Testimony], entry: Entry) -> Iterator[Block]:
    alone = [one for one in found if one.role == "alone"]
    yield Heading(message("Measured by you"))
    if alone:
        yield Text(_counted(alone))
        yield _points(alone, entry)
    else:
        yield Text(
            message(
                "No study in the store has shown a verdict on it alone yet; it takes {n} seeds.",
                n=FEWEST,
            )
        )
    for role, said in APART.items():
        if others := [one for one in found if one.role == role]:
            yield Text(said)
            yield _points(others, entry)
    if found:
        yield Text(message("+ is better in every effect."))
        yield Text(
            message(
                "Each study counts as it was last run: what it showed with other settings or "
                "other seeds is not listed."
            )
        )


def _counted(alone: Sequence[Testimony]) -> Message:
    """Return "On your 3 studies of it alone: helps twice, undecided once"."""
    n = len({(one.study.name, one.study.folder) for one in alone})
    counts = Counter(one.finding.verdict for one in alone)
    if len(alone) == 1:
        return message(
            "Your one comparison of it alone: {verdict}.", verdict=WORDS[next(iter(counts))]
        )
    each = [
        message("{verdict} {times}", verdict=WORDS[verdict], times=_times(counts[verdict]))
        for verdict in get_args(Verdict)
        if verdict in counts
    ]
    said = reduce(lambda this, that: message("{this}, {that}", this=this, that=that), each)
    told = {"n": n, "count": len(alone), "said": said}
    if n == 1:
        return message("{count} comparisons of it alone, all in one study: {said}.", **told)
    if n == len(alone):
        return message("On your {n} studies of it alone: {said}.", n=n, said=said)
    return message("{count} comparisons of it alone, in {n} studies: {said}.", **told)


def _times(n: int) -> Message:
    if n <= 2:
        return message("once") if n == 1 else message("twice")
    return message("{n} times", n=n)


def _points(found: Sequence[Testimony], entry: Entry) -> Points:
    points = [_point(one, entry, _told_apart(one.study, found)) for one in found[:MOST]]
    return Points((*points, *_more(len(found))))


def _more(n: int) -> tuple[Point, ...]:
    return (Point(message("and {n} more, which `--json` tells", n=n - MOST)),) if n > MOST else ()


def _told_apart(study: Study, found: Sequence[Testimony]) -> str:
    """Return the study's name, with its folder where another one has the same."""
    folders = {one.study.folder for one in found if one.study.name == study.name}
    return study.name if len(folders) < 2 else str(Path(study.folder, study.name))


def _point(one: Testimony, entry: Entry, study: str) -> Point:
    """Return what a comparison came to; what was tried stands below where it is not the default."""
    base, found = one.study.base, one.finding
    assert isinstance(base, Training), "no other study has techniques"
    said = message(
        "{variant} in {study} ({model} on {data}): {outcome}",
        variant=name_of(found),
        study=study,
        model=base.model.name,
        data=base.data.use.name,
        outcome=found.sentence if found.by == "divergence" else _outcome(found),
    )
    return Point(said, notes=() if is_plain(one, entry) else ("; ".join(one.treatment),))


def _outcome(found: Finding) -> Message:
    if not found.seeds:
        return message(
            "{verdict}; {measured}",
            verdict=WORDS[found.verdict],
            measured=message("no seed has a figure in both arms"),
        )
    effect, _, _ = effect_texts(found.effect, found.ci_low, found.ci_high)
    return message(
        "{verdict}; {metric} {effect} {interval}, {seeds}",
        verdict=WORDS[found.verdict],
        metric=found.figure,
        effect=effect,
        interval=interval_text(found),
        seeds=seeds_text(len(found.seeds)),
    )


def is_plain(one: Testimony, entry: Entry) -> bool:
    """Return whether all that was tried is to add the technique with its defaults."""
    return one.treatment == (f"{entry.slot} + {entry.use()}",)


def _row(one: Testimony) -> dict[str, Any]:
    found, base = one.finding, one.study.base
    return {
        "study": one.study.name,
        "folder": one.study.folder,
        "data": base.data.use.name if isinstance(base, Training) else None,
        "model": base.model.name if isinstance(base, Training) else None,
        "variant": found.variant,
        "against": found.against,
        "role": one.role,
        "treatment": list(one.treatment),
        "metric": found.metric,
        "verdict": found.verdict,
        "effect": _number(found.effect),
        "ci_low": _number(found.ci_low),
        "ci_high": _number(found.ci_high),
        "seeds": len(found.seeds),
    }


def _number(value: float) -> float | None:
    return value if math.isfinite(value) else None


def _plain(value: object) -> object:
    return list(value) if isinstance(value, tuple) else value
