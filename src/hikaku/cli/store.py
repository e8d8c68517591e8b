"""The commands about the store: studies, store size, store prune."""

from __future__ import annotations

import click

from hikaku.cli.speak import columns, dumped, echo, json_option, said, store_option
from hikaku.words import message


@click.command()
@store_option
@json_option
def studies(store: str, as_json: bool) -> None:
    """List the studies that the store holds."""
    from hikaku.read.studies import study_lines, study_list

    if as_json:
        click.echo(dumped({"format": 1, "studies": study_list(store)}))
    elif rows := study_lines(store):
        columns([(name, trials, said(question)) for name, trials, question in rows])
    else:
        echo(message("The store holds no study yet."))


@click.group()
def store() -> None:
    """Look after the store."""


@store.command()
@store_option
def size(store: str) -> None:
    """Say how large the store is, and what is in it."""
    from hikaku.read.studies import store_size

    for line in store_size(store):
        echo(line)


@store.command()
@store_option
def prune(store: str) -> None:
    """Delete the trials that no study uses any more."""
    from hikaku.run.tidy import prune as prune_store

    echo(prune_store(store))


store_commands = (studies, store)
