"""How a number is said: measured ones with as many digits as their interval deserves, no more.

Eats: numbers. Makes: text. The only place of the analysis that formats a measured number.
"""

from __future__ import annotations

import math

from hikaku.words import Message, message

NOTHING = "–"
"""What stands where there is no number."""


def decimals(half_width: float, *values: float) -> int:
    """Return how many decimals to write `values` with, when their interval is this wide.

    The last digit written is worth at most a quarter of the half width. Up to three digits more
    are given so that no value but 0 reads as 0: an end of an interval that lies just beside 0 must
    not look like 0. Without a width (NaN or 0), three significant digits of the largest value.
    """
    sizes = [abs(value) for value in values if math.isfinite(value) and value != 0]
    if math.isfinite(half_width) and half_width > 0:
        enough = max(0, -math.floor(math.log10(half_width / 4)))
    else:
        enough = max(0, 2 - math.floor(math.log10(max(sizes, default=1))))
    needed = max((math.ceil(-math.log10(2 * size)) for size in sizes), default=0)
    return min(max(enough, needed), enough + 3)


def plain(value: float, places: int) -> str:
    """Return `value` with `places` decimals: never "-0.000", "–" for NaN, powers for extremes."""
    if not math.isfinite(value):
        return NOTHING
    if abs(value) >= 1e7 or (places > 8 and value != 0):
        return f"{value:.2e}"
    text = f"{value:.{min(places, 8)}f}"
    return text.lstrip("-") if float(text) == 0 else text


def signed(value: float, places: int) -> str:
    """Return the same with its sign written out; 0 has none."""
    text = plain(value, places)
    return text if text == NOTHING or text.startswith("-") or float(text) == 0 else f"+{text}"


def effect_texts(
    effect: float, low: float, high: float, worth: float = 0.0
) -> tuple[str, str, str]:
    """Return an effect and the ends of its interval, signed, with the same decimals.

    An end that lies just inside ± `worth` gets up to three more, so that it does not read as it.

    >>> effect_texts(0.01302, 0.00581, 0.02023)
    ('+0.013', '+0.006', '+0.020')
    >>> effect_texts(-0.007, -0.0197, 0.0057, worth=0.02)
    ('-0.0070', '-0.0197', '+0.0057')
    """
    places = decimals((high - low) / 2, effect, low, high)
    inside = [end for end in (low, high) if worth and abs(end) < worth]
    for _ in range(3):
        places += any(round(abs(end), places) >= worth for end in inside)
    return signed(effect, places), signed(low, places), signed(high, places)


def mean_texts(mean: float, low: float, high: float) -> tuple[str, str]:
    """Return a mean and half the width of its interval, with the same decimals.

    >>> mean_texts(0.95694, 0.95281, 0.96107)
    ('0.957', '0.004')
    """
    half = (high - low) / 2
    places = decimals(half, half)
    if not half > 0:
        places = decimals(half, mean)
    return plain(mean, places), plain(half, places)


def seeds_text(n: int) -> Message:
    """Return how many seeds these are: "1 seed", "5 seeds"."""
    return message("1 seed") if n == 1 else message("{n} seeds", n=n)


def percent(chance: float) -> str:
    """Return a chance in whole percent; what is not quite 0 or 1 is not rounded to it.

    >>> percent(0.894), percent(0.9995), percent(0.0)
    ('89', '>99', '0')
    """
    if 0.995 <= chance < 1:
        return ">99"
    if 0 < chance < 0.005:
        return "<1"
    return f"{100 * chance:.0f}"
