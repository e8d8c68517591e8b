"""A study's claims in the documented JSON form, for programs: English, versioned, no NaN."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from hikaku.analysis.claims import Judged
from hikaku.analysis.contrasts import Contrast
from hikaku.analysis.lens import Lens
from hikaku.analysis.levels import Level
from hikaku.study.study import Study

FORMAT = 1
"""Raised when a name in the form changes its meaning or goes; new names may come without."""


def claims_json(study: Study, judged: Sequence[Judged]) -> dict[str, Any]:
    """Return the form that `hikaku claims --json` prints."""
    return {"format": FORMAT, "study": study.name, "claims": [_claim(one) for one in judged]}


def _claim(one: Judged) -> dict[str, Any]:
    claim = one.claim
    return {
        "text": claim.text,
        "source": claim.source or None,
        "kind": claim.kind,
        "figure": str(claim.figure),
        "reading": claim.reading,
        "expect": claim.expect,
        "variant": list(claim.arms),
        "against": list(claim.against),
        "worth": claim.worth,
        "verdict": one.verdict,
        "by_convention": one.by_convention,
        "comparable": not one.elsewhere,
        "why": str(one.why) if one.why else None,
        "seeds": list(one.seeds),
        "level": one.level,
        "contrasts": [_contrast(contrast) for contrast in one.contrasts],
        "figures": [_level(level) for level in one.levels],
        "lens": [_lens(lens) for lens in one.lenses],
    }


def _contrast(found: Contrast) -> dict[str, Any]:
    return {
        "name": str(found.name),
        "figure": found.figure,
        "seeds": list(found.pairs.seeds),
        "effect": _number(found.pairs.mean),
        "ci_low": _number(found.interval.low),
        "ci_high": _number(found.interval.high),
        "holds": found.holds,
        "against": found.against,
    }


def _level(found: Level) -> dict[str, Any]:
    return {
        "arm": found.arm,
        "epoch": found.epoch,
        "published": found.published,
        "measured": _number(found.measured),
        "low": _number(found.interval.low),
        "high": _number(found.interval.high),
        "inside": found.inside,
        "honest": _number(found.honest),
    }


def _lens(found: Lens) -> dict[str, Any]:
    return {
        "variant": found.arm,
        "against": found.other,
        **{
            name: _number(getattr(found, name))
            for name in ("published", "technique", "measuring", "luck", "spread")
        },
    }


def _number(value: float) -> float | None:
    return value if math.isfinite(value) else None
