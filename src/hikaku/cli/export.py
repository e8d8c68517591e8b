"""The command that writes a study in the forms of papers, repositories and other programs."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from hikaku import durable
from hikaku.cli.speak import (
    echo,
    language,
    nobody_need_listen,
    read_study,
    show_path,
    study_options,
)
from hikaku.errors import EnvironmentFault, StudyError
from hikaku.words import joined, message, say

if TYPE_CHECKING:
    from hikaku.present.tidy import What

FORMS = ("csv", "parquet", "json", "latex", "markdown", "html", "svg", "png", "pdf")
FIGURES = (
    "forest", "pairs", "curves", "differences", "gaps", "stops", "lottery", "gains", "sweep",
    "grid", "confusions", "confusion-changes",
)  # fmt: skip  # names of one kind
ROWS = ("csv", "parquet")
ROWS_OF_TRIALS = message(
    "These are the trials' figures at the end: `--what curves` writes those on the way, "
    "`--what findings` the verdicts."
)
BINARY = ("parquet", "png", "pdf")


@click.command()
@study_options
@click.option("--to", "form", type=click.Choice(FORMS), help="By default as the file's name ends.")
@click.option(
    "-o",
    "--output",
    type=click.Path(dir_okay=False, path_type=Path),
    help="The file to write; standard output without.",
)
@click.option(
    "--what",
    type=click.Choice(["trials", "curves", "findings"]),
    help="The rows of csv and parquet: figures at the end (the default), on the way, or verdicts.",
)
@click.option(
    "--figure",
    type=click.Choice(FIGURES),
    metavar="NAME",
    help="The figure of svg, png and pdf: forest without; a wrong name lists all.",
)
@click.option(
    "--metric", help="Of which metric the curves and their differences are; the judged one without."
)
@click.option(
    "--width",
    type=click.FloatRange(40, 1000),
    metavar="MM",
    help="The width of svg, png and pdf: 85, a column, without; 175 is that of two.",
)
@click.option(
    "--arm",
    "arms",
    multiple=True,
    metavar="NAME",
    help="An arm that the figure shows beside base; all without. May be repeated.",
)
def export(
    study: str,
    overrides: tuple[str, ...],
    seeds: str | None,
    store: str,
    form: str | None,
    output: Path | None,
    what: What | None,
    figure: str | None,
    metric: str | None,
    width: float | None,
    arms: tuple[str, ...],
) -> None:
    """Write a study for a paper, a repository, another program.

    csv and parquet hold a row per number, json what `results --json` prints, latex and markdown
    the table of arms with verdicts, html the report, svg, png and pdf a figure.
    """
    from hikaku.present.again import words
    from hikaku.present.export import COLUMN_MM, Wanted, check_options, form_of
    from hikaku.read.export import export as exported

    to = form_of(form, output, figure)
    check_options(to, figure, what=what, metric=metric, width=width, arm=arms or None)
    check_place(to, output)
    wanted = Wanted(
        to,
        what or "trials",
        figure or "",
        metric or "",
        width or COLUMN_MM,
        arms,
        words(study, overrides, seeds),
    )
    made = exported(read_study(study, overrides, seeds), store, wanted, language())
    write(made.content, output)
    if output and to in ROWS and what is None:
        echo(ROWS_OF_TRIALS, err=True)
    for caution in made.cautions:
        echo(message("caution: {caution}", caution=caution), err=True)
    if made.caption:
        echo(message("A caption for it:"), err=True)
        echo(joined(say(line, language()) for line in made.caption), err=True)


def check_place(to: str, output: Path | None) -> None:
    """Raise StudyError where what is no text would be written to a terminal."""
    if output is None and to in BINARY and sys.stdout.isatty():
        raise StudyError.of(
            message("{form} is no text for a terminal", form=to),
            mend=message("name a file with -o"),
        )


def write(content: bytes, output: Path | None) -> None:
    """Write the file, whole or not at all; without a name, to standard output.

    Raises EnvironmentFault where the file cannot be written.
    """
    if output is None:
        with nobody_need_listen():
            click.echo(content, nl=False)
        return
    try:
        output.parent.mkdir(parents=True, exist_ok=True)
        durable.write(output, content)
    except OSError as error:
        raise EnvironmentFault.of(
            message("the file cannot be written: {error}", error=error.strerror or str(error)),
            where=str(output),
            mend=message("name another file with -o, or make room"),
        ) from error
    show_path(message("Written:"), output)


export_commands = (export,)
