"""Many variants with one base: the error of the family, and false discoveries when exploring."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from calibration import gates
from calibration.gates import Item, Line, mean, rate
from calibration.handmade import results_of, study_of
from calibration.looks import TINY, Array, automatic, follow
from hikaku.analysis.rule import ALPHA
from hikaku.analysis.verdict import Verdict, courses
from hikaku.record import Results
from hikaku.study.study import BASE, HORIZON, Study


@dataclass(frozen=True)
class Kind:
    """Studies that explore: by variant, the true effect and the sd of its differences."""

    what: str
    effects: tuple[float, ...]
    sds: tuple[float, ...]
    worth: float

    @property
    def names(self) -> tuple[str, ...]:
        """The variants' names, in order."""
        return tuple(f"v{place}" for place in range(len(self.effects)))

    @property
    def study(self) -> Study:
        """The study."""
        return study_of(self.names, self.worth)

    def results(self, rng: np.random.Generator) -> Results:
        """Return the results of one such study, as differences from a base whose figures are 0."""
        paths = differences(rng, (1, len(self.effects), HORIZON))[0]
        paths = paths * np.array(self.sds)[:, None] + np.array(self.effects)[:, None]
        figures = dict(zip(self.names, paths.tolist(), strict=True))
        return results_of({BASE: [0.0] * HORIZON, **figures})


HALF = Kind("half with an effect", (1.0,) * 15 + (0.0,) * 15, (1.0,) * 30, TINY)
NEGLIGIBLE = Kind("24 negligible", (0.3,) * 24 + (0.0,) * 6, (0.01,) * 24 + (5.0,) * 6, 1.0)
CHUNK = 2_500


def families(studies: int, explored: int) -> Item:
    """Measure the error of whole studies, and the false share of what exploring finds."""
    rows = [
        _family_wise(8, 0.0, studies),
        _family_wise(8, 0.5, studies),
        _family_wise(8, 0.9, studies),
        _family_wise(15, 0.0, studies),
        *_exploring(HALF, ("helps", "hurts"), "true effects found", explored),
        *_exploring(
            NEGLIGIBLE, ("no-practical-difference",), "called no practical difference", explored
        ),
    ]
    return Item(
        "And with many variants?",
        "Each study has one base that all its variants are compared with. Up to 15 variants the "
        "line is the share of studies without any true effect in which *some* variant is called an "
        "effect; ρ is how much the variants' own figures at a seed correlate with one another "
        "(what a seed gives to all arms drops out of every difference). With more, a study "
        "explores: the line is the share of false ones among the variants that are said to help or "
        "to hurt, each comparison ending where it is decided. Once half of 30 variants have an "
        "effect of 1 sd of the differences, and `worth` hides no error. Once 24 have an effect "
        "that is real but negligible, .3 of `worth` and seen at once, and 6 have none and much "
        "noise: what is negligible is no discovery, and must not let the noise pass for one.",
        tuple(rows),
    )


def differences(
    rng: np.random.Generator, shape: tuple[int, int, int], correlation: float = 0.0
) -> Array:
    """Return null differences, (studies, variants, seeds), of variance 1, that share their base."""
    studies, _, seeds = shape
    base, common = rng.normal(size=(2, studies, 1, seeds))
    own = rng.normal(size=shape)
    arms = np.sqrt(correlation) * common + np.sqrt(1 - correlation) * own
    found: Array = (arms - base) / np.sqrt(2)
    return found


def _family_wise(family: int, correlation: float, studies: int) -> Line:
    rng = np.random.default_rng((3, family, round(10 * correlation)))
    rule, wrong = automatic(family=family), []
    for start in range(0, studies, CHUNK):
        size = min(CHUNK, studies - start)
        paths = differences(rng, (size, family, HORIZON), correlation)
        looked = follow(paths.reshape(-1, HORIZON), rule, ALPHA / family)
        wrong.append(looked.declared.reshape(size, family).any(axis=1))
    what = f"{family} variants, ρ = {correlation:g}: any false effect"
    return rate(what, np.concatenate(wrong), gates.FAMILY_WISE)


def _exploring(
    kind: Kind, right: tuple[Verdict, ...], found: str, studies: int
) -> tuple[Line, Line]:
    rng = np.random.default_rng((3, len(kind.effects), round(kind.worth)))
    real = np.array(kind.effects) != 0
    false_share, told = np.zeros(studies), np.zeros(studies)
    for study in range(studies):
        said = np.array([one.verdict for one in courses(kind.study, kind.results(rng)).values()])
        declared = np.isin(said, ("helps", "hurts"))
        false_share[study] = (declared & ~real).sum() / max(1, declared.sum())
        told[study] = np.isin(said[real], right).mean()
    what = f"30 variants, exploring, {kind.what}"
    return (
        mean(f"{what}: false among the declared", false_share, gates.FALSE_DISCOVERIES),
        mean(f"{what}: {found}", told, gates.STATED),
    )
