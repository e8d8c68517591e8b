"""What the commands share: their options, how they print, and how a run that is stopped ends."""

from __future__ import annotations

import contextlib
import os
import shlex
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from hikaku.present.json_text import json_text
from hikaku.study.places import DEFAULT_STORE
from hikaku.words import Message, catalogued, inert, message, preferred_language, say
from hikaku.words import columns as wide

if TYPE_CHECKING:
    from hikaku.api import Answer
    from hikaku.present.report import Report
    from hikaku.study.study import Study

Command = TypeVar("Command", bound=Callable[..., Any])


class Stopped(BaseException):
    """SIGTERM or SIGHUP arrived: end as Ctrl-C does, with the `exit_code` of that signal."""

    def __init__(self, number: int) -> None:
        self.exit_code = 128 + number
        super().__init__()


def language() -> str:
    """Return the language to speak, from the environment."""
    return preferred_language()


def study_options(command: Command) -> Command:
    """Add STUDY and the options that every command about a study takes."""
    decorators = (
        click.argument("study"),
        click.option(
            "--set",
            "overrides",
            multiple=True,
            metavar="KEY=VALUE",
            help="Change the study: --set recipe.epochs=3. May be repeated.",
        ),
        click.option("--seeds", metavar="N", help="A number of seeds, a list (0,4,7), or auto."),
        store_option,
    )
    for decorator in reversed(decorators):
        command = decorator(command)
    return command


def store_option(command: Command) -> Command:
    """Add the option that names the store."""
    return click.option(
        "--store",
        default=DEFAULT_STORE,
        show_default=True,
        metavar="FILE|URL",
        help="Where results are kept.",
    )(command)


json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON and nothing else.")


def read_study(study: str, overrides: tuple[str, ...], seeds: str | None) -> Study:
    """Return the decoded study with the command's changes in it."""
    from hikaku.study.decode import load
    from hikaku.study.gallery import resolve

    return load(resolve(study), overrides=overrides, seeds=seeds)


@contextlib.contextmanager
def nobody_need_listen() -> Iterator[None]:
    """Where nobody reads standard output on, go on in silence: the command is not done yet."""
    try:
        yield
        sys.stdout.flush()
    except (BrokenPipeError, SystemExit):  # the second is what rich makes of the first
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def show(answer: Answer) -> None:
    """Print the answer's tables, in colour where standard output is a terminal."""
    from hikaku.present.terminal import show as show_blocks
    from hikaku.present.worded import tables

    with nobody_need_listen():
        show_blocks(tables(answer.study, answer.results, answer.findings), language())


def echo(what: Message | str, *, err: bool = False) -> None:
    """Print it in the user's language; whatever names are in it, nothing acts on the terminal."""
    lines = say(what, language()).split("\n")
    click.echo("\n".join(map(inert, lines)), err=err)


def show_path(what: Message, path: Path) -> None:
    """Print a path on a line of its own, never wrapped, so that it can be copied."""
    with nobody_need_listen():
        echo(what)
        echo(str(path))


def show_picture(report: Report, path: Path) -> None:
    """Print where the picture of a report is, and on standard error which letters it lacks."""
    from hikaku.present.picture_file import cautions

    show_path(message("Picture:"), path)
    for caution in cautions(report, path):
        echo(message("caution: {caution}", caution=caution), err=True)


def default_report(store: str, study: Study) -> Path:
    """Return where a study's report goes unless told otherwise: beside the store."""
    folder = Path(DEFAULT_STORE).parent if "://" in store else Path(store).parent
    return folder / "reports" / f"{study.name}.html"


def columns(rows: Sequence[tuple[str, ...]]) -> None:
    """Print rows in aligned columns."""
    widths = [max(map(wide, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        padded = (
            cell + " " * (width - wide(cell)) for cell, width in zip(row, widths, strict=True)
        )
        echo("  ".join(map(inert, padded)).rstrip())


def said(text: str) -> str:
    """Return a text of the catalogue in the user's language."""
    return say(catalogued(text), language())


def dumped(value: dict[str, Any]) -> str:
    """Return strict JSON text; what would act on a terminal is written as JSON's own escapes."""
    return json_text(value)


class Aloud:
    """Hears notes and says them on standard error."""

    def note(self, what: Message) -> None:
        """Say it."""
        echo(what, err=True)


@contextlib.contextmanager
def told_how_to_go_on() -> Iterator[None]:
    """Where a run is stopped, say that nothing is lost and how to go on."""
    try:
        yield
    except (KeyboardInterrupt, Stopped):
        words = shlex.join(["hikaku", *sys.argv[1:]])
        click.echo("", err=True)
        echo(
            message(
                "Stopped. Finished trials are kept, and what was saved of the others; to go on:"
            ),
            err=True,
        )
        # On a line of its own, so that it can be copied whole.
        echo(words, err=True)
        raise
