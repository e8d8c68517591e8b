"""The command that writes a study in the forms of papers, repositories and other programs."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from hikaku import durable
from hikaku.cli.speak import language, nobody_need_listen, read_study, show_path, study_options
from hikaku.errors import StudyError
from hikaku.words import message

if TYPE_CHECKING:
    from hikaku.present.tidy import What

FORMS = ("csv", "parquet", "json", "latex", "markdown", "html", "svg", "png", "pdf")


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
def export(
    study: str,
    overrides: tuple[str, ...],
    seeds: str | None,
    store: str,
    form: str | None,
    output: Path | None,
    what: What | None,
) -> None:
    """Write a study for a paper, a repository, another program.

    csv and parquet hold a row per figure, json what `results --json` prints, latex and markdown
    the table of arms with verdicts, html the report.
    """
    from hikaku.present.export import Wanted, form_of
    from hikaku.read.export import export as exported

    to = form_of(form, output)
    wanted = Wanted(to, what or "trials")
    content = exported(read_study(study, overrides, seeds), store, wanted, language())
    write(content, output)


def write(content: bytes, output: Path | None) -> None:
    """Write the file, which appears whole or not at all, or to standard output where none is given.

    Raises StudyError where the file cannot be written.
    """
    if output is None:
        with nobody_need_listen():
            click.echo(content, nl=False)
        return
    try:
        output.parent.mkdir(parents=True, exist_ok=True)
        durable.write(output, content)
    except OSError as error:
        raise StudyError.of(
            message("the file cannot be written: {error}", error=error.strerror or error),
            where=f"{output}:",
        ) from error
    show_path(message("Written:"), output)


export_commands = (export,)
