"""`Finding`: what one comparison came to, with everything needed to say so in a full sentence.

Eats the numbers of a comparison. Makes: a value that knows its `sentence`.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field, replace
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from hikaku.analysis.course import Course, Verdict
from hikaku.analysis.endings import Endings
from hikaku.analysis.figures import judged
from hikaku.analysis.forecast import Forecast, forecast
from hikaku.analysis.limit import Limit, limit
from hikaku.analysis.lottery import Lottery, correlation, lottery, said_of_pairing
from hikaku.analysis.lottery import said as lottery_said
from hikaku.analysis.power import more_seeds
from hikaku.analysis.rule import FAMILY, Rule
from hikaku.analysis.scope import Scope, scope
from hikaku.analysis.sequence import Interval, Look
from hikaku.analysis.twin import said as twin_said
from hikaku.record import Results
from hikaku.study.metric_words import judged_words
from hikaku.study.study import BASE, FEWEST, Study, Training
from hikaku.words import Message, message

WORDS: dict[Verdict, Message] = {
    "helps": message("helps"),
    "hurts": message("hurts"),
    "no-practical-difference": message("no practical difference"),
    "undecided": message("undecided"),
    "unstable": message("unstable"),
}
"""How each verdict is said."""

NO_LOTTERY = Lottery(math.nan, math.nan)
NOT_SAID = message("")


@dataclass(frozen=True)
class Finding:
    """What a variant does to the judged metric, compared with `base` over paired seeds.

    `metric` is the judged figure by its name, `figure` the same in words of every language.
    `against` is the arm that it is compared with, `base` the name under which that was trained
    for it: the arm's own, or that of a twin (`Results.bases`).

    `effect` is the mean of `differences`, one per entry of `seeds`: the seeds where both arms
    have a figure. It is oriented so that + is better, in the metric's unit, like its interval
    `ci_low` to `ci_high` at `level` and the narrower one that is compared with ± `worth`,
    `equivalence_low` to `equivalence_high`. With automatic seeds both are what all looks together
    leave, and `looks` gives them one by one. Numbers that cannot be known (no pair; an interval
    of one pair) are NaN.

    `rule` says which seeds the comparison may use; `planned` are those that were judged, up to
    the one that decided. `by` is what decided: the differences, or that one arm diverges more
    often. `unfinished` seeds stand in the way, and `unseen` says that nobody has looked yet;
    `variant_endings` and `base_endings` say how trials without a figure ended. `forecast` says
    what further seeds will do, None where there are none; `enough` is about how many seeds a
    new study would take, None where more seeds are not what is missing. `cost` holds what hangs
    on the machine: `seconds_per_seed` of both arms and, where seeds are left, `minutes_more`.
    `sentence` is the verdict in plain words.

    `scope` is what the seeds draw anew, and so what the verdict speaks of. `lottery` is how often
    a single run of each arm would have said the opposite, `correlation` that of the two arms'
    figures over the seeds, `p` the p value of "no effect" over all looks, `limit` what the test
    set's size leaves open; `notes` say these.
    """

    variant: str
    base: str
    metric: str
    seeds: tuple[int, ...]
    effect: float
    ci_low: float
    ci_high: float
    verdict: Verdict
    cautions: tuple[Message, ...]
    differences: tuple[float, ...]
    equivalence_low: float
    equivalence_high: float
    worth: float
    better: Literal["higher", "lower"]
    level: float
    rule: Rule
    planned: tuple[int, ...]
    by: Literal["differences", "divergence"] = "differences"
    looks: tuple[Look, ...] = ()
    unfinished: int = 0
    unseen: bool = False
    variant_endings: Endings = field(default_factory=Endings)
    base_endings: Endings = field(default_factory=Endings)
    forecast: Forecast | None = None
    enough: int | None = None
    cost: dict[str, float] = field(default_factory=dict, compare=False)
    notes: tuple[Message, ...] = ()
    scope: Scope | None = None
    lottery: Lottery = NO_LOTTERY
    correlation: float = math.nan
    p: float = 1.0
    limit: Limit | None = None
    sentence: Message = NOT_SAID
    against: str = BASE
    figure: Message = NOT_SAID

    @property
    def family(self) -> int:
        """The number of variants among which the study's errors are shared."""
        return self.rule.family

    @property
    def explores(self) -> bool:
        """Whether there are too many variants for a shared error: then false discoveries count."""
        return self.family > FAMILY

    def _repr_html_(self) -> str:
        """Return it for a notebook: the sentence, its notes, what to know before believing it."""
        cautions = (message("caution: {caution}", caution=caution) for caution in self.cautions)
        told = (self.sentence, *self.notes, *cautions)
        return "".join(f"<p>{said._repr_html_()}</p>" for said in told)


def finding(variant: str, went: Course, study: Study, results: Results) -> Finding:
    """Return what the course came to; its sentence and cautions are still to be added."""
    pairs, look = went.pairs, went.latest
    interval, narrow = _known(look.interval), _known(look.narrow)
    ahead = forecast(went)
    # A verdict that is withheld waits for no seed where no more of them may come.
    waits = went.verdict == went.said == "undecided" and pairs.n > 1 and not went.holes
    found = Finding(
        variant=variant,
        base=results.base_of(variant),
        against=next(arm.against for arm in study.compared if arm.name == variant),
        metric=str(study.metric),
        figure=judged_words(study.metric),
        seeds=pairs.seeds,
        effect=pairs.mean,
        ci_low=interval.low,
        ci_high=interval.high,
        verdict=went.verdict,
        cautions=(),
        differences=pairs.differences,
        equivalence_low=narrow.low,
        equivalence_high=narrow.high,
        worth=went.rule.worth,
        better=study.metric.better,
        level=1 - went.alpha,
        rule=went.rule,
        planned=went.judged if went.rule.auto else went.rule.seeds,
        by=went.by,
        looks=tuple(one for one in went.looks if one.n >= FEWEST),
        unfinished=went.holes,
        unseen=went.unseen,
        variant_endings=went.variant_endings,
        base_endings=went.base_endings,
        forecast=ahead,
        enough=pairs.n + more_seeds(pairs, went.rule.worth, went.alpha) if waits else None,
        cost=_cost(variant, results, ahead),
        p=went.p,
    )
    return _with_notes(found, went, study, results)


def _with_notes(found: Finding, went: Course, study: Study, results: Results) -> Finding:
    """Return the finding with what stands beside its verdict."""
    values = _judged(went, results, found.variant, study)
    base_values = _judged(went, results, found.base, study)
    drawn = scope(study.base.data if isinstance(study.base, Training) else None, results)
    single = lottery(values, base_values, study.metric.better, went.rule.worth, went.verdict)
    # What divergences decided no difference can contradict.
    by_differences = went.verdict if went.by == "differences" else "undecided"
    correlated = correlation(values, base_values)
    bound = limit(replace(results, seeds=went.judged), found.variant, study.metric, drawn)
    said = (
        twin_said(results, found.variant, found.against),
        lottery_said(single, by_differences),
        said_of_pairing(correlated),
        bound.said if bound else None,
    )
    return replace(
        found,
        notes=tuple(one for one in said if one is not None),
        scope=drawn,
        lottery=single,
        correlation=correlated,
        limit=bound,
    )


def _judged(went: Course, results: Results, arm: str, study: Study) -> NDArray[np.float64]:
    """Return the arm's figures at the seeds that were judged; none before there is a look."""
    return judged(replace(results, seeds=went.judged if went.looks else ()), arm, study.metric)


def _known(interval: Interval) -> Interval:
    """Return the ends, NaN where nothing is known of them."""
    if math.isinf(interval.low) or math.isinf(interval.high):
        return Interval(math.nan, math.nan)
    return interval


def _cost(variant: str, results: Results, ahead: Forecast | None) -> dict[str, float]:
    each = seconds_each(results, variant) + seconds_each(results, results.base_of(variant))
    if not each:
        return {}
    more = {"minutes_more": ahead.more * each / 60} if ahead else {}
    return {"seconds_per_seed": each, **more}


def seconds_each(results: Results, arm: str) -> float:
    """Return the mean seconds of the arm's finished trials, 0 where there is none."""
    ends = [one.outcome for (name, _), one in results.trials.items() if name == arm]
    found = [
        one.cost["seconds"] for one in ends if one.status != "failed" and "seconds" in one.cost
    ]
    return float(np.mean(found)) if found else 0.0
