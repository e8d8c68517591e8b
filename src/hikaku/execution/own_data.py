"""A user's `load`, run in a worker under a seeded generator, and kept as arrays in the cache."""

from __future__ import annotations

from pathlib import Path

from hikaku.data import builtin, cache
from hikaku.data.own import task_of
from hikaku.errors import StudyError
from hikaku.study.recipe import Use
from hikaku.training.outside_random import outside_random
from hikaku.user_code import symbol_in
from hikaku.words import message

SEED = 0
"""A function that draws its data gives the same ones at every run."""


def load_data(use: Use, folder: str) -> Path:
    """Return the folder of the arrays that `my_data.py:load` returns, called with its settings.

    Raises DataError with what is wrong with them, `StudyError` where there is no such function.
    """
    settings = dict(use.settings)
    kind = builtin.kind(settings.pop("kind"))
    standardize = bool(settings.pop("standardize", False))
    function = symbol_in(use.name, folder)
    if not callable(function):
        raise StudyError.of(
            message("data: {use} is no function", use=use.name),
            mend=message("name a function that returns (x, y), a Dataset or a dict of sets"),
        )
    with outside_random(SEED):
        loaded = function(
            **{
                name: list(value) if isinstance(value, tuple) else value
                for name, value in settings.items()
            }
        )
        task = task_of(loaded, use.name, kind, standardize=standardize)
    return cache.keep(task)
