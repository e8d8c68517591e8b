"""How times, operations and shares are said: in the unit that reads best, and never as 0."""

from __future__ import annotations

from hikaku.words import Message, message

SHORT = 0.1
"""Below so many minutes nobody counts."""

LONG = 90
"""Above so many minutes one counts hours."""

UNITS = {"PFLOP": 1e15, "TFLOP": 1e12, "GFLOP": 1e9}


def duration(*minutes: float) -> Message:
    """Return a time, or the range from the shortest to the longest, in minutes or hours.

    >>> str(duration(0.01)), str(duration(1.0)), str(duration(12.3, 61)), str(duration(960))
    ('less than 0.1 minutes', 'about 1 minute', 'about 12 – 61 minutes', 'about 16 hours')
    """
    longest = max(minutes)
    if longest < SHORT:
        return message("less than {minutes} minutes", minutes=SHORT)
    if longest > LONG:
        return message("about {hours} hours", hours=_range(*(one / 60 for one in minutes)))
    text = _range(*minutes)
    if text == "1":
        return message("about 1 minute")
    return message("about {minutes} minutes", minutes=text)


def work(flops: float) -> str:
    """Return an amount of operations with its unit.

    >>> work(1.2e15), work(3.456e12), work(1.16e9), work(2e3)
    ('1.2 PFLOP', '3.46 TFLOP', '1.16 GFLOP', '2e-06 GFLOP')
    """
    unit = next((name for name, size in UNITS.items() if flops >= 0.9995 * size), "GFLOP")
    amount = flops / UNITS[unit]
    return f"{amount:,.0f} {unit}" if amount >= 100 else f"{amount:.3g} {unit}"


def share(part: float) -> Message:
    """Return a share in percent.

    >>> str(share(0.35)), str(share(0.004))
    ('35 %', 'less than 1 %')
    """
    if part < 0.01:
        return message("less than 1 %")
    return message("{share} %", share=f"{100 * part:.0f}")


def _range(*values: float) -> str:
    texts = (f"{one:,.0f}" if one >= 10 else f"{one:.2g}" for one in values)
    return " – ".join(dict.fromkeys(texts))


def minutes_text(minutes: float) -> str:
    """Return two digits at least, and never a power of ten in place of whole minutes.

    >>> minutes_text(0.0171), minutes_text(4.86), minutes_text(121.7), minutes_text(600)
    ('0.017', '4.9', '122', '600')
    """
    return f"{minutes:.0f}" if minutes >= 10 else f"{minutes:.2g}"
