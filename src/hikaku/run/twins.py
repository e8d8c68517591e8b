"""Which twins base needs, given how every arm is computed (`study.twin` says what a twin is)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from hikaku.execution.arithmetic import Arithmetic, OutsideArithmetic
from hikaku.study.sources import fingerprints
from hikaku.study.study import BASE, Arm, Study
from hikaku.study.twin import comparable, engine_of, twin_fingerprint, twin_names
from hikaku.words import Message, message


@dataclass(frozen=True)
class Twins:
    """How every arm and twin of base is computed, and which base each variant is compared with.

    `arithmetics` is by name, `bases` by variant: `BASE`, or the name of a twin.
    """

    arithmetics: Mapping[str, Arithmetic | OutsideArithmetic]
    bases: Mapping[str, str]

    @property
    def names(self) -> tuple[str, ...]:
        """The names of base's twins, in the order of the variants."""
        return tuple(name for name in dict.fromkeys(self.bases.values()) if name != BASE)

    def why(self, twin: str) -> Message:
        """Say for which variants base is trained once more, and by which engine."""
        own, base = (engine_of(str(self.arithmetics[name])) for name in (twin, BASE))
        variants = ", ".join(name for name, other in self.bases.items() if other == twin)
        if own == base:
            return message(
                "base is trained once more for {variants}, by the arithmetic of these: {text}",
                variants=variants,
                text=str(self.arithmetics[twin]),
            )
        return message(
            "base is trained once more, by the {own} engine, for {variants}: the {base} engine "
            "cannot take these",
            own=own,
            variants=variants,
            base=base,
        )


def twinned(study: Study, chosen: Mapping[str, Arithmetic]) -> Twins:
    """Return the twins that base needs, given the arithmetic of each arm.

    Where no variant can be compared with base as it was chosen, base takes the arithmetic of the
    first instead: trained as it was, it would be compared with nothing.
    """
    base, variants = chosen[BASE], {arm.name: chosen[arm.name] for arm in study.variants}
    if variants and not any(comparable(str(base), str(one)) for one in variants.values()):
        base = replace(next(iter(variants.values())), dtype=base.dtype)
    own = {
        name: replace(one, dtype=base.dtype)
        for name, one in variants.items()
        if not comparable(str(base), str(one))
    }
    names = twin_names(map(str, own.values()), chosen.keys())
    return Twins(
        {**variants, BASE: base, **{names[str(one)]: one for one in own.values()}},
        {name: names[str(own[name])] if name in own else BASE for name in variants},
    )


def with_twins(study: Study, twins: Twins) -> Study:
    """Return the study with base's twins as its first variants, so that pairs are trained whole."""
    own = tuple(Arm(name, study.base) for name in twins.names)
    return replace(study, variants=(*own, *study.variants))


def marks_of(study: Study, twins: Twins) -> dict[str, str]:
    """Return the fingerprint of each arm and twin by its name."""
    marks = fingerprints(study)
    return marks | {
        name: twin_fingerprint(marks[BASE], str(twins.arithmetics[name])) for name in twins.names
    }
