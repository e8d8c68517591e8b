"""`Trial`: one arm under one seed, and when two trials are the same trial (DESIGN 4.1).

The fingerprint of an arm hashes what it *does*: data, model and recipe texts with every default,
the version of each used card, the bytes of each file of the user's that it reaches. Names,
`worth` and the number of seeds are not in it, so studies share trials.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, is_dataclass
from typing import Any

from hikaku.study.recipe import Evaluation, Recipe, Use
from hikaku.study.study import Data, Outside, Study, Training, Work

SEMANTICS = 1
"""Raised whenever the same study would give other numbers than before."""


@dataclass(frozen=True)
class Trial:
    """One training to do: this work under this seed. `fingerprint` is the arm's."""

    work: Work
    fingerprint: str
    seed: int


def trials(study: Study, fingerprints: Mapping[str, str]) -> tuple[Trial, ...]:
    """Return every trial of the study, seed by seed and base first, each one once.

    `fingerprints` gives each arm's by its name. Seed by seed, so that a run that is stopped
    leaves whole pairs behind.
    """
    found: dict[tuple[str, int], Trial] = {}
    for seed in study.seeds:
        for arm in study.arms:
            fingerprint = fingerprints[arm.name]
            found.setdefault((fingerprint, seed), Trial(arm.work, fingerprint, seed))
    return tuple(found.values())


def fingerprint(work: Work, versions: Mapping[str, int], sources: Mapping[str, str]) -> str:
    """Return the arm's fingerprint, 32 hexadecimal digits.

    `versions` gives each used card's version by name, `sources` the SHA-256 of each local file
    that the arm's own code reaches.
    """
    return digest(
        {
            "semantics": SEMANTICS,
            "work": plain(work),
            "versions": dict(versions),
            "sources": dict(sources),
        }
    )


def trial_key(trial: Trial, data: str, evaluation: str, arithmetic: str) -> str:
    """Return the key under which a trial is trained once and for all studies.

    `data` is the fingerprint of the data set's contents, `evaluation` what is read beyond the
    standing metrics, `arithmetic` the engine, dtype, threads and memory format.
    """
    return digest(
        {
            "arm": trial.fingerprint,
            "seed": trial.seed,
            "data": data,
            "evaluation": evaluation,
            "arithmetic": arithmetic,
        }
    )


def digest(value: object) -> str:
    """Return the first 32 hexadecimal digits of the SHA-256 of `value` as canonical JSON."""
    text = json.dumps(value, sort_keys=True, separators=(",", ":"), allow_nan=False)
    return hashlib.sha256(text.encode()).hexdigest()[:32]


def training(taken: Mapping[str, Any]) -> Training:
    """Return the training that `plain` took apart, also after a way through JSON.

    Raises TypeError or KeyError where it is that of another version.
    """
    data, recipe = (
        {name: whole(value) for name, value in taken[part].items()} for part in ("data", "recipe")
    )
    return Training(Data(**data), whole(taken["model"]), Recipe(**recipe))


def whole(value: Any) -> Any:
    """Return a setting, a `Use` or an `Evaluation` as it was before JSON: lists as tuples."""
    if isinstance(value, (list, tuple)):
        return tuple(map(whole, value))
    if not isinstance(value, Mapping):
        return value
    kind = Use if "settings" in value else Evaluation
    return kind(**{name: whole(item) for name, item in value.items()})


LATER: tuple[tuple[str, object], ...] = (("at", ()), ("threshold_mode", "relative"))
"""Settings of penalties and schedules that came after their technique, as it did without them."""


def plain(value: object) -> object:
    """Return a frozen value of this room as dicts, lists and numbers."""
    if not is_dataclass(value) or isinstance(value, type):
        return value
    taken = asdict(value)
    # What was trained before this setting existed was trained with its default, and under "first"
    # no split is drawn.
    if isinstance(value, Training) and (
        value.data.resample == "split" or value.data.take == "first"
    ):
        del taken["data"]["resample"]
    if isinstance(value, Training) and value.recipe.precision == "fp32":
        del taken["recipe"]["precision"]
    if isinstance(value, Training):
        for use in (*taken["recipe"]["penalty"], taken["recipe"]["schedule"]):
            use["settings"] = tuple(one for one in use["settings"] if one not in LATER)
    if isinstance(value, Outside):
        del taken["resources"]["memory_mib"]  # says how many go at once, and changes no result
    return taken
