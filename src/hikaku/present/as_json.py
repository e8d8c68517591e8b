"""Results and findings in the documented JSON form, for programs.

Eats a `Study`, its `Results` and `Finding`s. Makes plain dicts: English, versioned, `None` in the
place of a number that is not known. Nothing that a clock or a memory meter measured stands outside
`cost`, so two readings of one store are equal but for `cost` and `trials`.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import fields
from typing import Any

from hikaku.analysis.cost import overhead
from hikaku.analysis.finding import Finding
from hikaku.analysis.forecast import Forecast
from hikaku.analysis.sequence import Look
from hikaku.analysis.summary import ArmSummary, Estimate, summarize
from hikaku.record import Results
from hikaku.study.recipe import Evaluation, Use
from hikaku.study.study import Arm, Outside, Study, Work, treatment

FORMAT = 1
"""Raised when a name in the form changes its meaning or goes; new names may come without."""


def as_json(
    study: Study, results: Results, findings: Sequence[Finding], trained: int, reused: int
) -> dict[str, Any]:
    """Return the form; `trained` and `reused` count the trials of the run that asks."""
    arms = zip(study.arms, summarize(study, results), strict=True)
    return {
        "format": FORMAT,
        "study": study.name,
        "metric": str(study.metric),
        "worth": study.worth,
        "equal": study.equal,
        "trials": {"trained": trained, "reused": reused},
        "arms": [_arm(study, arm, summary) for arm, summary in arms],
        "findings": [_finding(finding, results) for finding in findings],
    }


def trial_rows(results: Results) -> list[dict[str, Any]]:
    """Return one flat row per trial: arm, seed, how it ended, and each figure at the end.

    A figure is named as in "test accuracy". One that a trial lacks is missing from its row.
    """
    return [
        {"arm": arm, "seed": seed, "status": found.outcome.status, "epochs": found.outcome.epoch}
        | {f"{r.split} {r.metric}": r.value for r in found.records if r.reading == "last"}
        for (arm, seed), found in results.trials.items()
    ]


def _arm(study: Study, arm: Arm, summary: ArmSummary) -> dict[str, Any]:
    return {
        "name": arm.name,
        "is_base": arm.is_base,
        "recipe": _recipe(arm.work),
        "treatment": [str(change) for change in treatment(arm.work, study.base)],
        "seeds": list(summary.seeds),
        "measured": {
            split: {metric: _estimate(found) for metric, found in metrics.items()}
            for split, metrics in summary.measured.items()
        },
        "outcomes": dict(summary.outcomes),
        "parameters": summary.parameters,
        "arithmetic": summary.arithmetic,
        "cost": {name: _number(value) for name, value in summary.cost.items()},
    }


def _recipe(work: Work) -> dict[str, Any]:
    """Return what the arm trains, one entry per setting of data and slot, texts as studies write.

    Of an outside arm, its function or command and its settings. A list slot is a list; None stands
    for an empty slot and for the one of epochs and steps that does not say the size of the work.
    `data.beside` follows from base's sizes and is left out.
    """
    if isinstance(work, Outside):
        told = {"train": work.train, "command": work.command}
        settings = {f"settings.{name}": _plain(value) for name, value in work.settings}
        return {name: text for name, text in told.items() if text} | settings
    data = {
        f"data.{field.name}": getattr(work.data, field.name)
        for field in fields(work.data)
        if field.name != "beside"
    }
    recipe = {field.name: getattr(work.recipe, field.name) for field in fields(work.recipe)}
    return {name: _plain(value) for name, value in {**data, "model": work.model, **recipe}.items()}


def _plain(value: object) -> object:
    if isinstance(value, (Use, Evaluation)):
        return str(value)
    return [_plain(item) for item in value] if isinstance(value, tuple) else value


def _estimate(found: Estimate) -> dict[str, Any]:
    return {
        "mean": _number(found.mean),
        "ci_low": _number(found.ci_low),
        "ci_high": _number(found.ci_high),
        "by_seed": _numbers(found.by_seed),
    }


def _finding(finding: Finding, results: Results) -> dict[str, Any]:
    costs = overhead(results, finding.variant, finding.base)
    return {
        "variant": finding.variant,
        "against": finding.against,
        "base": finding.base,
        "metric": finding.metric,
        "seeds": list(finding.seeds),
        "effect": _number(finding.effect),
        "ci_low": _number(finding.ci_low),
        "ci_high": _number(finding.ci_high),
        "verdict": finding.verdict,
        "sentence": str(finding.sentence),
        "cautions": [str(caution) for caution in finding.cautions],
        "notes": [str(note) for note in finding.notes],
        "by": finding.by,
        "worth": finding.worth,
        "level": finding.level,
        "family": finding.family,
        "exploratory": finding.explores,
        "equivalence_low": _number(finding.equivalence_low),
        "equivalence_high": _number(finding.equivalence_high),
        "automatic": finding.rule.auto,
        "most": finding.rule.most,
        "planned": list(finding.planned),
        "unfinished": finding.unfinished,
        "looks": [_look(look) for look in finding.looks],
        "forecast": _forecast(finding.forecast),
        "enough": finding.enough,
        "scope": finding.scope,
        "lottery": {
            "paired": _number(finding.lottery.paired),
            "unpaired": _number(finding.lottery.unpaired),
        },
        "correlation": _number(finding.correlation),
        "limit": finding.limit.half_width if finding.limit else None,
        "cost": {
            "seconds_ratio": _number(costs.seconds_ratio),
            "mib_ratio": _number(costs.mib_ratio),
            "flops_ratio": _number(costs.flops_ratio),
            **{name: _number(value) for name, value in finding.cost.items()},
        },
    }


def _look(look: Look) -> dict[str, Any]:
    return {
        "n": look.n,
        "mean": _number(look.mean),
        "ci_low": _number(look.interval.low),
        "ci_high": _number(look.interval.high),
        "equivalence_low": _number(look.narrow.low),
        "equivalence_high": _number(look.narrow.high),
    }


def _forecast(ahead: Forecast | None) -> dict[str, Any] | None:
    if ahead is None:
        return None
    return {name: getattr(ahead, name) for name in ("more", "low", "high", "chance")}


def _number(value: float) -> float | None:
    return value if math.isfinite(value) else None


def _numbers(values: Iterable[float]) -> list[float | None]:
    return [_number(value) for value in values]
