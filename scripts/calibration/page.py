"""`docs/calibration.md`: what was measured, as a page; nothing on it is typed by hand."""

from __future__ import annotations

from collections.abc import Sequence

from calibration.gates import STATED, Item, Line

HEAD = (
    "# Calibration",
    "hikaku's verdicts come from a procedure that may be looked at after every seed. This page "
    "says how often that procedure is wrong, and how often it finds what is there. All of it was "
    "measured by the code that judges your studies or, where hundreds of thousands of comparisons "
    "were needed, by a faster copy that a test holds equal to it. The error that is allowed is .05 "
    "throughout.",
    "{kept}",
    "A table gives the measured value, its standard error (how far chance alone may have moved "
    "it), the number n of simulations, and the limit that the value is held to. *Stated* means "
    "that nothing is promised. This makes the page again:",
    "```sh\nmake calibration\n```",
    "`make pool` trains the networks again that one of the tables draws from, and `make test` "
    "redoes every table on a smaller scale, with the same limits.",
)


def page(items: Sequence[Item]) -> str:
    """Return the page, in Markdown."""
    lines = [line for item in items for line in item.lines]
    head = "\n\n".join(HEAD).format(kept=_kept(lines))
    return "\n".join([f"{head}\n", *(_table(item) for item in items)])


def _kept(lines: Sequence[Line]) -> str:
    held = [line for line in lines if line.gate != STATED]
    missed = [line.what for line in held if not line.holds]
    if not missed:
        return f"Of {len(held)} limits all are kept."
    return (
        f"Of {len(held)} limits {len(held) - len(missed)} are kept; not kept: {'; '.join(missed)}."
    )


def _table(item: Item) -> str:
    rows = [
        f"| {line.what} | {_number(line)} | {_error(line)} | {line.n:,} | {line.gate} "
        f"| {_mark(line)} |"
        for line in item.lines
    ]
    head = "| | measured | standard error | n | limit | kept |\n|---|---|---|---|---|---|"
    return "\n".join([f"## {item.title}", "", item.about, "", head, *rows, ""])


def _number(line: Line) -> str:
    return f"{line.value:.4f}" if line.value < 1 else f"{line.value:.3f}"


def _error(line: Line) -> str:
    return f"{line.error:.4f}" if line.error else "0"


def _mark(line: Line) -> str:
    if line.gate == STATED:
        return ""
    return "yes" if line.holds else "**no**"
