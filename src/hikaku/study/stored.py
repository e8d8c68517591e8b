"""A study as the store holds it, made whole again: what `plain` took apart, without its claims.

No file of the user's is looked at: what was planned stays told when the study's file is gone.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from hikaku.study.study import Arm, Budget, Metric, Outside, Resources, Study, Work
from hikaku.study.trial import training

KEPT = ("name", "question", "worth", "auto", "counted", "equal", "device")


def stored_study(text: str, folder: str) -> Study:
    """Return the study of this JSON text, in this folder, without its claims and its design.

    Raises TypeError, KeyError or ValueError where the text is that of another version.
    """
    taken = json.loads(text)
    return Study(
        **{name: taken[name] for name in KEPT if name in taken},
        folder=folder,
        metric=Metric(**taken["metric"]),
        seeds=tuple(taken["seeds"]),
        budget=Budget(**taken.get("budget", {})),
        base=_work(taken["base"]),
        variants=tuple(
            Arm(one["name"], _work(one["work"]), one["against"]) for one in taken["variants"]
        ),
    )


def _work(taken: Mapping[str, Any]) -> Work:
    if "recipe" in taken:
        return training(taken)
    settings = tuple((name, value) for name, value in taken["settings"])
    return Outside(**{**taken, "settings": settings, "resources": Resources(**taken["resources"])})
