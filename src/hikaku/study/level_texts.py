"""How the values of a design are called, and the arms that have them: short, and told apart.

Eats values as they were written. Makes texts, in the order of the values.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from hikaku.study.arms import LONGEST_NAME
from hikaku.study.recipe import shown as whole
from hikaku.study.recipe import spoken_name

LONG = 6
"""A number of more signs than this is called by its first digits, as many as tell it apart."""

DIGITS = (2, 3, 4, 5, 6, 17)
"""So many digits are tried in turn."""

NOTHING = "no "
"""Begins the text of an empty list."""

ADDED = {"layers": "added layers"}
"""What an empty list lacks, where the name of its slot would say more: the model has layers."""


def texts(path: str, values: Sequence[object], paths: Sequence[str]) -> tuple[str, ...]:
    """Return how each value of `path` is called: the shortest way in which all differ.

    `paths` are all that the design varies: where two end in one word, the whole path is said.

    >>> texts("init.std", [1.0, 0.54117, 0.00123], ["init.std"])
    ('std=1', 'std=0.54', 'std=0.0012')
    """
    last = path.rpartition(".")[2]
    key = last if [other.rpartition(".")[2] for other in paths].count(last) == 1 else path
    return _apart([f"{key}={_value(value, digits)}" for value in values] for digits in DIGITS)


def use_texts(path: str, values: Sequence[object]) -> tuple[str, ...]:
    """Return how techniques or models are called, or lists of them, that stand at `path`.

    >>> use_texts("layers", [[], [{"use": "dropout", "p": 0.5}, "batch-norm"]])
    ('no added layers', 'dropout+batch-norm')
    >>> use_texts("init", ["he-normal", {"use": "normal", "std": 1.0}, {"use": "normal"}])
    ('he-normal', 'normal(std=1)', 'normal')
    """
    ways = (0, *DIGITS)
    return _apart(
        [
            "+".join(_use(one, digits) for one in (value if isinstance(value, list) else [value]))
            or f"{NOTHING}{ADDED.get(path, path)}"
            for value in values
        ]
        for digits in ways
    )


def _apart(ways: Iterable[Sequence[str]]) -> tuple[str, ...]:
    """Return the first of these lists of texts in which no two are equal; the last, if none is."""
    found: Sequence[str] = ()
    for found in ways:
        if len(set(found)) == len(found):
            break
    return tuple(found)


def cell_name(parts: Sequence[str], number: int) -> str:
    """Return the name of the arm with these values; empty lists are left out beside others.

    >>> cell_name(["std=1", "no added layers"], 3), cell_name(["no added layers"], 4)
    ('std=1', 'no added layers')
    """
    told = [part for part in parts if not part.startswith(NOTHING)] or parts
    name = ", ".join(told)
    return name if len(name) <= LONGEST_NAME else f"cell {number}"


def _use(value: object, digits: int) -> str:
    """Return the name of a technique or model; its settings beside it, where digits are given."""
    if not isinstance(value, dict):
        return spoken_name(str(value))
    name = spoken_name(str(value.get("use", "?")))
    settings = [f"{k}={_value(v, digits)}" for k, v in value.items() if k != "use"]
    return f"{name}({', '.join(settings)})" if settings and digits else name


def _value(value: object, digits: int) -> str:
    if isinstance(value, list):
        return "[" + ", ".join(_value(one, digits) for one in value) + "]"
    text = whole(value)
    is_long = isinstance(value, float) and len(text) > LONG
    return f"{value:.{digits}g}" if is_long else text
