"""How often trials are to be saved on their way, where the environment says so."""

from __future__ import annotations

import math
import os

from hikaku.errors import EnvironmentFault
from hikaku.words import message

EVERY = "HIKAKU_CHECKPOINT_SECONDS"
"""The environment variable that sets how often trials are saved: 0 is after every update."""


def asked_seconds() -> float | None:
    """Return the seconds between two saves that the environment asks for, None where it is silent.

    Raises `EnvironmentFault` where that is no number of seconds.
    """
    asked = os.environ.get(EVERY, "").strip()
    if not asked:
        return None
    try:
        seconds = float(asked)
    except ValueError:
        seconds = math.nan
    if not 0 <= seconds < math.inf:
        raise EnvironmentFault.of(
            message("`{value}` is no number of seconds", value=asked),
            where=f"{EVERY}:",
            why=message("it says how often trials are saved on their way"),
            mend=message("set it to 0 or more, such as 60; without it hikaku sees what pays"),
        )
    return seconds
