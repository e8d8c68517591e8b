"""The commands that show what there is: samples, data, models, activation functions."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from hikaku.cli.speak import (
    Aloud,
    dumped,
    json_option,
    language,
    nobody_need_listen,
    show_path,
    show_picture,
)
from hikaku.study.places import DEFAULT_STORE
from hikaku.words import message

if TYPE_CHECKING:
    from hikaku.present.report import Report

settings_option = click.option(
    "--set",
    "settings",
    multiple=True,
    metavar="KEY=VALUE",
    help="A setting, as in a study: --set target=price. May be repeated.",
)


kind_option = click.option(
    "--kind",
    type=click.Choice(["classification", "regression"]),
    help="What the targets of own data are; told from them where it is not given.",
)


output_option = click.option(
    "-o", "--output", type=click.Path(dir_okay=False), help="FILE.svg, .png or .html."
)


@click.group()
def show() -> None:
    """Show samples, data, models; and pictures and numbers to learn by."""


@show.command()
@click.argument("data")
@settings_option
@kind_option
@click.option("--seed", type=click.IntRange(0, 2**32 - 1), help="Draw the samples.")
@output_option
def samples(
    data: str, settings: tuple[str, ...], kind: str | None, seed: int | None, output: str | None
) -> None:
    """Show 25 samples to train on, with their labels.

    DATA is a data set's name, a file, a folder of images, or my_data.py:load.
    """
    from hikaku.run.show_samples import show_samples

    file = Path(output) if output else None
    shown = show_samples(data, changes(settings, "data", kind), seed, file, pictures(), Aloud())
    tell(shown.report)
    if shown.written:
        show_picture(shown.report, shown.written)


@show.command()
@click.argument("data")
@settings_option
@kind_option
@json_option
def data(data: str, settings: tuple[str, ...], kind: str | None, as_json: bool) -> None:
    """Count samples and classes; say what is odd.

    DATA is a data set's name, a file, a folder of images, or my_data.py:load.
    """
    from hikaku.run.show_data import show_data

    shown = show_data(data, changes(settings, "data", kind), watch=Aloud())
    if as_json:
        click.echo(dumped(shown.as_json()))
    else:
        tell(shown.report())


@show.command()
@click.argument("model")
@click.option("--data", required=True, help="The data set whose samples it is given.")
@settings_option
@json_option
def model(model: str, data: str, settings: tuple[str, ...], as_json: bool) -> None:
    """Show layers, costs, and where techniques act.

    MODEL is a model's name or my_model.py:Net. Settings are the model's (--set width=64) or the
    data's (--set data.target=price).
    """
    from hikaku.run.show_model import show_model

    shown = show_model(model, data, changes(settings, "model"), watch=Aloud())
    if as_json:
        click.echo(dumped(shown.as_json()))
    else:
        tell(shown.report())


@show.command()
@output_option
def activations(output: str | None) -> None:
    """Draw the activation functions from -5 to 5."""
    from hikaku.run.show_activations import show_activations

    file = Path(output) if output else pictures() / "activations.png"
    show_path(message("Picture:"), show_activations(file))


def changes(settings: tuple[str, ...], owner: str, kind: str | None = None) -> tuple[str, ...]:
    """Return settings as a study's overrides: a key without a point is that of `owner`."""
    own = (pair if "." in pair.partition("=")[0] else f"{owner}.{pair}" for pair in settings)
    return (*own, f"data.kind={kind}") if kind else tuple(own)


def pictures() -> Path:
    """Return where pictures go unless told otherwise: beside the store."""
    return Path(DEFAULT_STORE).parent / "pictures"


def tell(report: Report) -> None:
    """Print a report, in colour where standard output is a terminal."""
    from hikaku.present.terminal import show as show_blocks

    with nobody_need_listen():
        show_blocks(report, language())


show_commands = (show,)
