"""The command that trains a study again, engine and all.

Eats what stands behind `hikaku run`, and `Results`. Makes a line for a shell.
"""

from __future__ import annotations

import shlex
from collections import Counter
from collections.abc import Sequence

from hikaku.record import Results
from hikaku.study.study import BASE
from hikaku.study.twin import engine_of, way_of

BY_ITSELF = ("dense cpu", "stacked cuda", "plain mps")
"""Ways that are first on their device: without `--engine`, whoever can be computed so is."""

CONVOLVES = "convolutions"
"""Says the arithmetic of what no other engine of a processor takes."""


def again(asked: Sequence[str], results: Results) -> str:
    """Return the command that makes these results again; `asked` is what stands behind `run`.

    The engine stands in the keys of trials: where base was not computed as it would be without
    `--engine`, or where that cannot be told, the command names it.

    >>> again(["my study.toml", "--seeds", "5"], Results((), {}))
    "hikaku run 'my study.toml' --seeds 5"
    """
    return shlex.join(["hikaku", "run", *asked, *_engine(results)])


def words(study: str, overrides: Sequence[str] = (), seeds: str | None = None) -> tuple[str, ...]:
    """Return what names a study, so changed, behind a command.

    >>> words("digits", ["base.recipe.epochs=3"], "5")
    ('digits', '--set', 'base.recipe.epochs=3', '--seeds', '5')
    """
    changes = [word for change in overrides for word in ("--set", change)]
    return (study, *changes, *(("--seeds", seeds) if seeds else ()))


def _engine(results: Results) -> tuple[str, ...]:
    ways = Counter(
        trial.outcome.arithmetic
        for (arm, _), trial in results.trials.items()
        if arm == BASE and trial.outcome.arithmetic
    )
    if not ways:
        return ()
    ((usual, _),) = ways.most_common(1)
    # What is not ours has no engine of ours.
    if way_of(usual) in BY_ITSELF or CONVOLVES in usual or engine_of(usual) == "outside":
        return ()
    return "--engine", engine_of(usual)
