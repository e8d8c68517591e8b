"""Where a picture is written: SVG, PNG, or a page of HTML, as the file's name says."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from hikaku.errors import StudyError
from hikaku.present.report import Chart, Report
from hikaku.words import Message, message

KINDS = (".svg", ".png", ".html")


def check_kind(output: Path) -> None:
    """Raise `StudyError` where a picture's file is neither SVG nor PNG nor HTML."""
    if output.suffix.lower() not in KINDS:
        raise StudyError.of(
            message(
                "pictures are written as .svg, .png or .html, not as {file}", file=output.name[:60]
            ),
            mend=message("end the file's name in one of these"),
        )


def write_picture(report: Report, output: Path) -> Path:
    """Write the one chart of a report, or all of the report where the file is HTML.

    Raises `StudyError` for a file of another kind, or for a still picture of a report with more
    charts or none; `EnvironmentFault` where the file cannot be written.
    """
    check_kind(output)
    if output.suffix.lower() == ".html":
        from hikaku.present.html import write

        return write(report, output)
    charts = _charts(report)
    if len(charts) != 1:
        raise StudyError.of(
            message(
                "there are {n} pictures, and {file} holds one", n=len(charts), file=output.name
            ),
            mend=message("write -o {file}", file=output.with_suffix(".html").name),
        )
    from hikaku.present.still import png, svg

    return (svg if output.suffix.lower() == ".svg" else png)(charts[0], output)


def cautions(report: Report, output: Path) -> Iterator[Message]:
    """Yield what to know of the picture written there: which of its letters no font here has.

    A page of HTML is drawn where it is read, with the fonts that are there.
    """
    from hikaku.present.still import cautions as of_letters

    for chart in _charts(report):
        if output.suffix.lower() != ".html":
            yield from of_letters(chart, "svg" if output.suffix.lower() == ".svg" else "png")


def _charts(report: Report) -> list[Chart]:
    return [block for block in report.blocks if isinstance(block, Chart)]
