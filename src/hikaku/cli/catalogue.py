"""The commands about what there is to use: techniques, models, datasets, gallery, and more."""

from __future__ import annotations

import sys
from typing import Any

import click

from hikaku.cli.show import tell
from hikaku.cli.speak import columns, dumped, echo, json_option, language, said, store_option
from hikaku.errors import StudyError
from hikaku.study.recipe import LIST_SLOTS
from hikaku.words import message, say


@click.command("check-technique")
@click.argument("file")
def check_technique(file: str) -> None:
    """Check a technique against the contract.

    FILE is my_technique.py, or my_technique.py:Name, or the name of a technique that is known.
    """
    from hikaku.checks.contract import check_technique as run_checks
    from hikaku.read.explain import entry_of

    marks = {True: message("ok"), False: message("FAILED"), None: message("skipped")}
    entry, folder = entry_of(file)
    outcomes = run_checks(entry, str(folder))
    for outcome in outcomes:
        detail = f" ({outcome.detail})" if outcome.detail else ""
        echo(f"{say(marks[outcome.passed], language()):8} {outcome.check}{detail}")
    if any(outcome.passed is False for outcome in outcomes):
        sys.exit(StudyError.exit_code)
    use = f'"{entry.name}"'
    written = f"{entry.slot} = [{use}]" if entry.slot in LIST_SLOTS else f"{entry.slot} = {use}"
    echo(message("A study beside it writes: {line}", line=written))


@click.command()
@json_option
def gallery(as_json: bool) -> None:
    """List the ready-made studies."""
    from hikaku.read.catalogue import gallery_list

    rows = gallery_list()
    if as_json:
        click.echo(dumped({"format": 1, "studies": rows}))
    else:
        columns([(row["name"], said(row["question"])) for row in rows])


@click.command()
@json_option
def techniques(as_json: bool) -> None:
    """List the techniques, by slot."""
    from hikaku.read.catalogue import technique_list

    rows = technique_list()
    if as_json:
        click.echo(dumped({"format": 1, "techniques": rows}))
    else:
        columns([(row["name"], row["slot"], said(row["claim"])) for row in rows])


@click.command()
@json_option
def models(as_json: bool) -> None:
    """List the models."""
    from hikaku.read.catalogue import model_list

    _listed("models", model_list(), as_json)


@click.command()
@json_option
def datasets(as_json: bool) -> None:
    """List the named data sets."""
    from hikaku.read.catalogue import dataset_list

    _listed("datasets", dataset_list(), as_json)


def _listed(what: str, rows: list[dict[str, Any]], as_json: bool) -> None:
    if as_json:
        click.echo(dumped({"format": 1, what: rows}))
    else:
        columns([(row["name"], said(row["summary"])) for row in rows])


@click.command()
@click.argument("name")
@store_option
@json_option
def explain(name: str, store: str, as_json: bool) -> None:
    """Explain a technique, a model or a data set, and tell what your own studies say of it.

    NAME is its name, or leads to a file of your own: my_technique.py.
    """
    from hikaku.read.explain import explain as explained

    found = explained(name, store)
    if as_json:
        click.echo(dumped(found.as_json()))
    else:
        tell(found.report())


catalogue_commands = (techniques, models, datasets, gallery, explain, check_technique)
