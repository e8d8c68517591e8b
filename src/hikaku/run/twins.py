"""Which twins arms need, given how every arm is computed (`study.twin` says what a twin is)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from hikaku.execution.arithmetic import Arithmetic, OutsideArithmetic
from hikaku.study.sources import fingerprints
from hikaku.study.study import Arm, Study
from hikaku.study.twin import comparable, engine_of, twin_fingerprint, twin_names
from hikaku.words import Message, message


@dataclass(frozen=True)
class Twins:
    """How every arm and twin is computed, and what each compared variant is compared with.

    `arithmetics` is by name, `bases` by variant: the name of an arm, or that of a twin. `of` says
    by twin which arm it is of.
    """

    arithmetics: Mapping[str, Arithmetic | OutsideArithmetic]
    bases: Mapping[str, str]
    of: Mapping[str, str] = field(default_factory=dict)

    def arm(self, name: str) -> str:
        """Return the arm itself, of a twin too."""
        return self.of.get(name, name)

    def why(self, twin: str) -> Message:
        """Say for which variants an arm is trained once more, and by which engine."""
        arm = self.of[twin]
        own, other = (engine_of(str(self.arithmetics[name])) for name in (twin, arm))
        variants = ", ".join(name for name, base in self.bases.items() if base == twin)
        if own == other:
            return message(
                "{arm} is trained once more for {variants}, by the arithmetic of these: {text}",
                arm=arm,
                variants=variants,
                text=str(self.arithmetics[twin]),
            )
        return message(
            "{arm} is trained once more, by the {own} engine, for {variants}: the {other} engine "
            "cannot take these",
            arm=arm,
            own=own,
            variants=variants,
            other=other,
        )


def twinned(study: Study, chosen: Mapping[str, Arithmetic]) -> Twins:
    """Return the twins that arms need, given the arithmetic of each arm.

    Where nothing can be compared with an arm that only serves for that, it takes the arithmetic
    of the first instead: trained as it was chosen, it would be compared with nothing.
    """
    settled = dict(chosen)
    for arm in (arm.name for arm in study.arms if not arm.against):
        others = [chosen[one.name] for one in study.compared if one.against == arm]
        if others and not any(comparable(str(chosen[arm]), str(one)) for one in others):
            settled[arm] = others[0].twin(chosen[arm])
    own = {
        one: settled[one.name].twin(settled[one.against])
        for one in study.compared
        if not comparable(str(settled[one.against]), str(settled[one.name]))
    }
    twins = {one.name: (one.against, str(arithmetic)) for one, arithmetic in own.items()}
    names = twin_names(twins.values(), chosen.keys())
    bases = {name: names[twin] for name, twin in twins.items()}
    return Twins(
        settled | {bases[one.name]: arithmetic for one, arithmetic in own.items()},
        {one.name: one.against for one in study.compared} | bases,
        {name: arm for (arm, _), name in names.items()},
    )


def with_twins(study: Study, twins: Twins) -> Study:
    """Return the study with the twins as its first variants, so that pairs are trained whole."""
    works = {arm.name: arm.work for arm in study.arms}
    own = tuple(Arm(name, works[arm], "") for name, arm in twins.of.items())
    return replace(study, variants=(*own, *study.variants))


def marks_of(study: Study, twins: Twins) -> dict[str, str]:
    """Return the fingerprint of each arm and twin by its name."""
    marks = fingerprints(study)
    return marks | {
        name: twin_fingerprint(marks[arm], str(twins.arithmetics[name]))
        for name, arm in twins.of.items()
    }
