"""The commands about one study: run, results, report, plan, check, new, forget."""

from __future__ import annotations

import shlex
import sys
from dataclasses import replace
from pathlib import Path

import click

from hikaku.cli.beside import dashboard
from hikaku.cli.speak import (
    Aloud,
    default_report,
    dumped,
    echo,
    json_option,
    language,
    nobody_need_listen,
    read_study,
    show,
    show_path,
    study_options,
    told_how_to_go_on,
)
from hikaku.errors import StudyError
from hikaku.study.study import Engine
from hikaku.words import message

SOME_FAILED = 5
LINE = 80
"""What does not fit into a line of so many letters is not worth two at the end."""


engine_option = click.option(
    "--engine",
    type=click.Choice(["auto", "plain", "dense", "stacked", "book"]),
    default="auto",
    help="What computes the trials; `hikaku plan` says which and why.",
)
fresh_option = click.option(
    "--fresh", is_flag=True, help="Begin on seeds at which nothing was looked at yet."
)


@click.command()
@study_options
@engine_option
@click.option("--workers", type=click.IntRange(1, 1024), help="Processes; one per core by default.")
@click.option("--quiet", is_flag=True, help="Show no progress.")
@click.option("--no-wait", is_flag=True, help="Do not wait for another run (exit 4).")
@click.option("--yes", is_flag=True, help="Train also where it is more than 1,000 trials.")
@fresh_option
@click.option("-o", "--output", type=click.Path(dir_okay=False), help="Where the report goes.")
@click.option("--serve", is_flag=True, help="Show it in a browser meanwhile: `hikaku serve`.")
@json_option
def run(
    study: str,
    overrides: tuple[str, ...],
    seeds: str | None,
    store: str,
    engine: Engine,
    workers: int | None,
    quiet: bool,
    no_wait: bool,
    yes: bool,
    fresh: bool,
    output: str | None,
    serve: bool,
    as_json: bool,
) -> None:
    """Train what is not trained yet, and say what helps.

    STUDY is a .toml file or the name of a ready-made study (`hikaku gallery`).
    """
    from hikaku import api
    from hikaku.present.again import again, words

    asked = read_study(study, overrides, seeds)
    if not yes:
        from hikaku.run.plan import check_many

        check_many(asked, store, engine, fresh=fresh)
    with told_how_to_go_on(), dashboard(store, wanted=serve):
        answer = api.run(
            asked,
            store=store,
            workers=workers,
            quiet=quiet,
            wait=not no_wait,
            fresh=fresh,
            engine=engine,
        )
        answer = replace(answer, command=again(words(study, overrides, seeds), answer.results))
        if as_json:
            click.echo(dumped(answer.as_json()))
        else:
            show(answer)
            if not quiet:
                echo(message("Writing the report ..."), err=True)
            usual = default_report(store, asked)
            show_path(message("Report:"), answer.report(output or usual, known=usual))
    if any(measured.outcome.status == "failed" for measured in answer.results.trials.values()):
        sys.exit(SOME_FAILED)


@click.command()
@study_options
@json_option
def results(
    study: str, overrides: tuple[str, ...], seeds: str | None, store: str, as_json: bool
) -> None:
    """Show what the store says of a study; trains nothing."""
    from hikaku.api import Answer
    from hikaku.present.again import words
    from hikaku.read.results import told

    found = told(read_study(study, overrides, seeds), store)
    answer = Answer(found.study, found.results, found.findings, store=store)
    if as_json:
        click.echo(dumped(answer.as_json()))
        return
    if not answer.results.trials:
        echo(
            message(
                "The store {store} holds nothing of this study yet; `hikaku run` trains it.",
                store=store,
            ),
            err=True,
        )
        return
    show(answer)
    same = shlex.join(words(study, overrides, seeds))
    further = message("Further: `hikaku report {study}`, `hikaku serve`", study=same)
    if len(str(further)) <= LINE:
        with nobody_need_listen():
            echo(further)


@click.command()
@study_options
@json_option
def claims(
    study: str, overrides: tuple[str, ...], seeds: str | None, store: str, as_json: bool
) -> None:
    """Show what a source claims beside what was measured; trains nothing."""
    from hikaku.present.claims import claims_report
    from hikaku.present.claims_json import claims_json
    from hikaku.present.terminal import show as show_blocks
    from hikaku.read.claims import claims as read_claims

    found = read_claims(read_study(study, overrides, seeds), store)
    if as_json:
        click.echo(dumped(claims_json(found.study, found.judged)))
        return
    with nobody_need_listen():
        show_blocks(claims_report(found.study, found.judged), language())


@click.command()
@study_options
@click.option("-o", "--output", type=click.Path(dir_okay=False), help="The file to write.")
def report(
    study: str, overrides: tuple[str, ...], seeds: str | None, store: str, output: str | None
) -> None:
    """Write the report: one HTML file that needs no network."""
    from hikaku import api
    from hikaku.present.again import again, words
    from hikaku.read.results import nothing_of

    asked = read_study(study, overrides, seeds)
    answer = api.results(asked, store=store)
    if not answer.results.trials:
        # The page of the same study with other settings may be there, and stays.
        raise nothing_of(store)
    answer = replace(answer, command=again(words(study, overrides, seeds), answer.results))
    usual = default_report(store, asked)
    show_path(message("Report:"), answer.report(output or usual, known=usual))


@click.command()
@study_options
@engine_option
@fresh_option
@json_option
def plan(
    study: str,
    overrides: tuple[str, ...],
    seeds: str | None,
    store: str,
    engine: Engine,
    fresh: bool,
    as_json: bool,
) -> None:
    """Say what a run would train, how and how long, and what is there already."""
    from hikaku.run.plan import explain, look_ahead

    asked = read_study(study, overrides, seeds)
    if as_json:
        click.echo(dumped(look_ahead(asked, store, engine, fresh=fresh).as_json()))
        return
    for line in explain(asked, store, engine, fresh=fresh):
        echo(line)


@click.command()
@study_options
@json_option
def check(
    study: str, overrides: tuple[str, ...], seeds: str | None, store: str, as_json: bool
) -> None:
    """Read a study and its data, build every arm on one batch, and say what is wrong."""
    from hikaku.run.check import check_study

    found = check_study(read_study(study, overrides, seeds), Aloud())
    if as_json:
        click.echo(dumped(found.as_json()))
        return
    for line in found.lines():
        echo(line)


@click.command("verify-resume")
@study_options
@engine_option
def verify_resume(
    study: str, overrides: tuple[str, ...], seeds: str | None, store: str, engine: Engine
) -> None:
    """Prove that an interrupted trial of each arm goes on bit for bit."""
    from hikaku.run.verify import verify_resume as verify

    for line in verify(read_study(study, overrides, seeds), store, Aloud(), engine):
        echo(line)


@click.command()
@click.argument("file", type=click.Path(dir_okay=False))
def new(file: str) -> None:
    """Write a commented study to start from."""
    from hikaku.study.template import new_study

    try:
        with Path(file).open("x", encoding="utf-8") as out:
            out.write(new_study())
    except OSError as error:
        raise StudyError.of(
            message("the file cannot be written: {error}", error=error.strerror),
            where=file,
            mend=message("name a file that is not there yet, in a folder that is"),
        ) from error
    show_path(message("Written; edit it, then `hikaku run` it:"), Path(file))


@click.command()
@study_options
def forget(study: str, overrides: tuple[str, ...], seeds: str | None, store: str) -> None:
    """Delete a study, and the trials that no other study uses.

    STUDY may also be a name that `hikaku studies` lists: its file need not be there any more. All
    of the study goes, whatever --set and --seeds say.
    """
    from hikaku.run.tidy import forget as forget_study

    echo(forget_study(study, store))


study_commands = (run, results, claims, report, plan, check, verify_resume, new, forget)
