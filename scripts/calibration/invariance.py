"""What must not change a verdict: order of the arms, sign, scale and shift of the figures."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

import numpy as np

from calibration import gates
from calibration.gates import Item, Line, rate
from calibration.handmade import ACCURACY, LOSS, results_of, study_of
from hikaku.analysis.verdict import Verdict, courses
from hikaku.study.study import BASE, HORIZON, Metric

VARIANTS = ("a", "b", "c")
WORTH = 0.01
MIRRORED: dict[Verdict, Verdict] = {"helps": "hurts", "hurts": "helps"}

Arms = Mapping[str, Sequence[float]]
Said = dict[str, tuple[Verdict, int]]
"""By variant: the verdict, and after how many seeds it came."""


def invariance(studies: int) -> Item:
    """Count the studies in which something that must not matter changes a verdict."""
    drawn = [made(np.random.default_rng((10, number))) for number in range(studies)]
    plain = [said(arms) for arms in drawn]

    def changed(what: str, again: Callable[[Arms], Said]) -> Line:
        pairs = zip(drawn, plain, strict=True)
        hits = [again(arms) != before for arms, before in pairs]
        return rate(f"{what}: changed", hits, gates.NEVER)

    return Item(
        "What must not change a verdict?",
        "Studies of three variants, of every size of effect, judged again by the same code after "
        "something was changed that says nothing about them. A study counts as changed where any "
        "verdict, or the number of seeds behind it, is another one.",
        (
            changed("variants in another order", reordered),
            changed("variant and base swapped (helps becomes hurts)", swapped),
            changed("figures negated, lower is better", lambda arms: said(_times(arms, -1), LOSS)),
            changed("figures and worth × 1,000", lambda arms: _scaled(arms, 1e3)),
            changed("figures and worth × 0.000001", lambda arms: _scaled(arms, 1e-6)),
            changed("figures + 100", lambda arms: said(_plus(arms, 100))),
        ),
    )


def made(rng: np.random.Generator) -> Arms:
    """Return a base and three variants over common seeds, their effects 0 to 4 times `WORTH`."""
    seeds, spread = rng.normal(0.8, 0.05, HORIZON), WORTH * rng.uniform(0.3, 3)
    effects = [0.0, *(WORTH * rng.choice([-4, -2, -1, 0, 0, 1, 2, 4], len(VARIANTS)))]
    return {
        arm: (seeds + effect + rng.normal(0, spread, HORIZON)).tolist()
        for arm, effect in zip((BASE, *VARIANTS), effects, strict=True)
    }


def said(arms: Arms, metric: Metric = ACCURACY, worth: float = WORTH) -> Said:
    """Return what the real code says of every variant."""
    study = study_of([arm for arm in arms if arm != BASE], worth, metric)
    found = courses(study, results_of(arms, metric))
    return {name: (went.verdict, len(went.judged)) for name, went in found.items()}


def reordered(arms: Arms) -> Said:
    """Judge the study with its arms written backwards, and its results gathered backwards."""
    study = study_of(VARIANTS, WORTH)
    backwards = replace(study, variants=study.variants[::-1])
    found = courses(backwards, results_of({arm: arms[arm] for arm in reversed(list(arms))}))
    return {name: (went.verdict, len(went.judged)) for name, went in found.items()}


def swapped(arms: Arms) -> Said:
    """Judge each variant as the base of a study, and mirror what is said of the old base."""
    again: Said = {}
    for name in VARIANTS:
        others = {f"{name} {n}": arms[BASE] for n in range(len(VARIANTS))}
        verdict, seeds = said({BASE: arms[name], **others})[f"{name} 0"]
        again[name] = MIRRORED.get(verdict, verdict), seeds
    return again


def _times(arms: Arms, factor: float) -> Arms:
    return {arm: [factor * one for one in figures] for arm, figures in arms.items()}


def _plus(arms: Arms, shift: float) -> Arms:
    return {arm: [one + shift for one in figures] for arm, figures in arms.items()}


def _scaled(arms: Arms, factor: float) -> Said:
    return said(_times(arms, factor), worth=factor * WORTH)
