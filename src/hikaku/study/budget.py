"""The keys `seeds` and `[budget]`: how many seeds there may be, and what a study may cost."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import Annotated

from annotated_types import Ge, Le

from hikaku.study.card import Positive
from hikaku.study.node import Node
from hikaku.study.study import FEWEST, HORIZON, Budget, Study
from hikaku.words import message

SEEDS = 5
AUTO = "auto"
MOST_SEEDS = 10_000
MOST_TRIALS = 10_000
"""Trials that are planned without a budget that ends them."""
MOST_AUTO = 200
"""What two hundred seeds cannot tell is worth nobody's time."""
KEYS = ("minutes", "trials", "seeds")
_Number = Annotated[int, Ge(1), Le(MOST_SEEDS)]
_Seed = Annotated[int, Ge(0), Le(2**32 - 1)]


def read_budget(node: Node, seeds: Node) -> Budget:
    """Return what the study may cost over all its runs."""
    if not node.is_table(KEYS, message("[budget] has no key"), {}):
        return Budget()
    budget = Budget(
        node["minutes"].read(Positive, None),
        node["trials"].read(_Number, None),
        node["seeds"].read(_Number, None),
    )
    if budget.seeds is not None and seeds.value != AUTO:
        node["seeds"].fault(
            message("this ends automatic seeds, and the study's are fixed."),
            message('seeds = "auto"'),
        )
    elif budget.seeds is not None and not FEWEST <= budget.seeds <= MOST_AUTO:
        node["seeds"].fault(
            message("automatic seeds end at {fewest} to {most}.", fewest=FEWEST, most=MOST_AUTO),
            message("seeds = {horizon}", horizon=HORIZON),
        )
    return budget


def read_seeds(node: Node, budget: Budget) -> tuple[tuple[int, ...], bool]:
    """Return the seed numbers, n standing for 0 to n - 1, and whether they are automatic.

    Automatic ones are the most that there may be.
    """
    if node.value == AUTO:
        return tuple(range(budget.seeds or HORIZON)), True
    wanted = message(
        '"auto", a whole number 1 to 10000, or a list of whole numbers 0 to 4294967295'
    )
    if not isinstance(node.value, list):
        return tuple(range(node.read(_Number, SEEDS, wanted))), False
    seeds: tuple[int, ...] = node.read(
        tuple[_Seed, ...], (0,), message("a whole number 0 to 4294967295")
    )
    if not 0 < len(seeds) <= MOST_SEEDS:
        what = message("there must be 1 to {most} seeds.", most=MOST_SEEDS)
        node.fault(what, message("seeds = {seeds}", seeds=SEEDS))
    for seed, times in Counter(seeds).most_common(1):
        if times > 1:
            node.fault(
                message("seed {seed} stands there twice.", seed=seed), message("take one out")
            )
    return seeds, False


def check_number(node: Node, arms: int, seeds: int, budget: Budget) -> None:
    """Note more trials than anybody means to train, unless a budget says where they end."""
    if arms * seeds > MOST_TRIALS and budget.trials is None and budget.minutes is None:
        node.fault(
            message(
                "{arms:,} arms with {seeds:,} seeds each are {trials:,} trials.",
                arms=arms,
                seeds=seeds,
                trials=arms * seeds,
            ),
            message(
                "take fewer seeds or variants, or say in [budget] where they end: trials = {most}",
                most=MOST_TRIALS,
            ),
        )


def is_spent(budget: Budget, seconds: float, trials: int) -> bool:
    """Return whether so much time and so many trials leave nothing of the budget."""
    return (budget.trials is not None and trials >= budget.trials) or (
        budget.minutes is not None and seconds >= 60 * budget.minutes
    )


def left_of(budget: Budget, seconds: float, trials: int) -> Budget:
    """Return what so much time and so many trials leave of the budget."""
    minutes, most = budget.minutes, budget.trials
    return replace(
        budget,
        minutes=None if minutes is None else max(0.0, minutes - seconds / 60),
        trials=None if most is None else max(0, most - trials),
    )


def starting_at(study: Study, first: int) -> Study:
    """Return the study with its seeds counted from `first` on, where it does not list them."""
    if not study.counted:
        return study
    return replace(study, seeds=tuple(range(first, first + len(study.seeds))))
