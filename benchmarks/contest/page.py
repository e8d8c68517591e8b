"""docs/performance.md, made of docs/performance.json: the same numbers give the same page."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from statistics import median
from typing import Any

from contest.rows import ROWS, NotMeasuredError, Row, Value

HEAD = """# Performance

How fast hikaku trains a comparison beside what people would write themselves, all of it through the
product: `hikaku run` on the study's file, in a process of its own, with its store and its progress.

Rivals are written as their own documentation would, do the same work on the same data, and time
their own training and evaluations; imports and decoding are left out on both sides, but where a
row says *cold* or *wall*. Contestants took turns, round by round. Of ours the **median** counts, of
a rival its **best** round. A ratio says how many times as long the rival takes. *Against the
machine's limit* stands what no program could pass: all operations of S1 at the best rate of the run
at which two processes multiply large matrices. *Must* is what we hold ourselves to, *aim* what the
design should reach, both set on an Intel with AMX; n counts rounds. Workloads may have been
measured on machines that are unlike: each section ends with its own.

```sh
make bench
```

writes this page and `performance.json` beside it. `make bench ONLY=S1,start ROUNDS=5` measures a
part again and leaves the rest.
"""


def page(measured: dict[str, Any]) -> str:
    """Return the page as text."""
    return "\n".join([HEAD, *_table(measured), "", *_sections(measured)]).rstrip() + "\n"


def missed(measured: dict[str, Any]) -> list[str]:
    """Return in words what is not kept, or was not measured although it is promised."""
    found = []
    for row in ROWS:
        value = worked_out(row, measured)
        if row.must is None:
            continue
        if isinstance(value, str):
            found.append(f"{row.title}: not measured ({value})")
        elif not row.keeps(value.figure, row.must):
            found.append(f"{row.title}: {_figure(row, value.figure)}, must {row.must:g}")
    return found


def worked_out(row: Row, measured: dict[str, Any]) -> Value | str:
    """Return a row's value; where it cannot be worked out, the name of what is missing."""
    workload = measured["workloads"].get(row.workload)
    if workload is None:
        return row.workload
    try:
        return row.work(workload["series"])
    except NotMeasuredError as lacks:
        return str(lacks)


def _table(measured: dict[str, Any]) -> Iterator[str]:
    yield "| ours against | measured | must | aim | kept | ours | the other | n |"
    yield "|---|---|---|---|---|---|---|---|"
    for row in ROWS:
        value = worked_out(row, measured)
        must, aim = ("" if bound is None else f"{bound:g}" for bound in (row.must, row.aim))
        if isinstance(value, str):
            yield f"| {row.title} | not measured | {must} | {aim} | | | | |"
            continue
        marks = {True: "yes", False: "**no**", None: ""}
        kept = marks[row.keeps(value.figure, row.must)]
        if row.keeps(value.figure, row.aim):
            kept = "yes, and the aim"
        yield (
            f"| {row.title} | {_figure(row, value.figure)} | {must} | {aim} | {kept} | "
            f"{_spread(value.ours)} | {_spread(value.other)} | {len(value.ours)} |"
        )


def _figure(row: Row, figure: float) -> str:
    return f"{figure:.3g} s" if row.is_cost else f"{figure:.3g}"


def _spread(numbers: Sequence[float]) -> str:
    """Return a series' median and its ends; the median alone of one number."""
    if not numbers:
        return ""
    if len(numbers) == 1:
        return f"{numbers[0]:.3g}"
    return f"{median(numbers):.3g} ({min(numbers):.3g} to {max(numbers):.3g})"


def _sections(measured: dict[str, Any]) -> Iterator[str]:
    for name, workload in measured["workloads"].items():
        yield f"## {name}"
        yield ""
        yield workload["about"]
        yield ""
        yield f"Data: {workload['data']}. Done again by `make bench ONLY={name}`."
        yield ""
        yield "| seconds, but where it says otherwise | median | least | most | n |"
        yield "|---|---|---|---|---|"
        for series, numbers in workload["series"].items():
            cells = (f"{number:.4g}" for number in (median(numbers), min(numbers), max(numbers)))
            yield f"| {series} | {' | '.join(cells)} | {len(numbers)} |"
        for series, reason in workload["absent"].items():
            yield f"| {series} | failed: {_one_cell(reason)} | | | 0 |"
        yield ""
        yield _where(workload)
        yield ""


def _one_cell(text: str) -> str:
    return text.replace("|", "/").replace("\n", " ").replace("`", "'")[:160]


def _where(workload: dict[str, Any]) -> str:
    machine, versions = workload["machine"], workload["versions"]
    told = ", ".join(f"{name} {number}" for name, number in versions.items())
    return (
        f"Measured on {machine['processor']}, {machine['cores']} cores, {machine['system']} "
        f"({machine.get('instructions', 'instructions unknown')}); {told}."
    )
