"""The name that was probably meant: the nearest of those that exist."""

from __future__ import annotations

from collections.abc import Iterable

from hikaku.words import Message, message

LONGEST = 80
"""Longer words are not compared: they are no typing errors, and comparing takes their square."""
MOST = 5


def nearest(word: str, names: Iterable[str]) -> str:
    """Return the name fewest slips of the hand away from `word`, "" where none is near.

    A slip is one letter wrong, missing, too many, or two neighbours exchanged. Near means at most
    one slip in a word of up to five letters, and one for every three letters beyond.
    """
    if not word or len(word) > LONGEST:
        return ""
    most = max(1, len(word) // 3)
    ranked = sorted((_slips(_plain(word), _plain(name)), name) for name in names)
    return ranked[0][1] if ranked and ranked[0][0] <= most else ""


def likely(word: str, names: Iterable[str]) -> tuple[str, ...]:
    """Return up to `MOST` names that were perhaps meant, the nearest first.

    Behind the nearest come those that have all of the word in them, or are in it; in words of one
    or two letters nothing is looked for.

    >>> likely("cnn", ["mlp", "small-cnn"]), likely("batchnorm", ["batch-norm", "layer-norm"])
    (('small-cnn',), ('batch-norm',))
    """
    known = list(dict.fromkeys(names))
    close, plain = nearest(word, known), _plain(word)
    if not 2 < len(plain) <= LONGEST:
        return (close,) if close else ()
    around = (name for name in known if plain in _plain(name) or _plain(name) in plain)
    return tuple(dict.fromkeys([*filter(None, [close]), *around]))[:MOST]


def suggest(sentence: Message, word: str, names: Iterable[str]) -> Message:
    """Return the sentence, followed by the nearest name where there is one."""
    found = nearest(word, names)
    if not found:
        return sentence
    return message("{sentence} Did you mean '{nearest}'?", sentence=sentence, nearest=found)


def _plain(word: str) -> str:
    return word.casefold().replace("_", "-")


def _slips(a: str, b: str) -> int:
    """Return the optimal string alignment distance (Damerau 1964), row by row."""
    before: list[int] = []
    row = list(range(len(b) + 1))
    for i, letter in enumerate(a, 1):
        older, before, row = before, row, [i]
        for j, other in enumerate(b, 1):
            cost = min(row[j - 1] + 1, before[j] + 1, before[j - 1] + (letter != other))
            if i > 1 and j > 1 and letter == b[j - 2] and a[i - 2] == other:
                cost = min(cost, older[j - 2] + 1)
            row.append(cost)
    return row[-1]
