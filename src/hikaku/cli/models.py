"""The commands about a trained model: predict, export-model."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from hikaku import durable
from hikaku.cli.speak import (
    columns,
    dumped,
    echo,
    json_option,
    nobody_need_listen,
    read_study,
    show_path,
    study_options,
)
from hikaku.errors import StudyError
from hikaku.present.csv_text import csv_text
from hikaku.words import message

if TYPE_CHECKING:
    from hikaku.run.predict import Prediction

FORMATS = ("safetensors", "onnx", "pt2", "hikaku")

arm_option = click.option("--arm", default="base", show_default=True, help="Base or a variant.")
seed_option = click.option(
    "--seed", type=click.IntRange(0), help="Whose weights; the best seed's by default."
)
which_option = click.option(
    "--which", metavar="best|last|EPOCH", help="Of the weights that were kept, the best by default."
)


def read_which(which: str | None) -> str | int | None:
    """Return which weights are meant: an epoch as a number."""
    return int(which) if which and which.isdigit() else which


@click.command()
@study_options
@arm_option
@seed_option
@which_option
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--csv", "table", type=click.Path(dir_okay=False, path_type=Path), help="Write CSV.")
@json_option
def predict(
    study: str,
    overrides: tuple[str, ...],
    seeds: str | None,
    store: str,
    arm: str,
    seed: int | None,
    which: str | None,
    files: tuple[Path, ...],
    table: Path | None,
    as_json: bool,
) -> None:
    """Let a trained model answer on new images, rows or arrays.

    FILES are images, .csv tables with the columns of the training data, .npy or .npz arrays.
    """
    from hikaku.run.load_model import load
    from hikaku.run.predict import predict as answers

    asked = read_study(study, overrides, seeds)
    loaded = load(asked, arm, seed, read_which(which), store)
    found, notes = answers(loaded, files)
    for note in notes:
        echo(note, err=True)
    rows = as_table(found)
    if table is not None:
        write_csv(table, rows)
        show_path(message("Predictions:"), table)
    elif as_json:
        head = {"format": 1, "study": asked.name, "arm": arm, "seed": loaded.seed}
        click.echo(dumped({**head, "predictions": [as_object(one) for one in found]}))
    else:
        with nobody_need_listen():
            columns(rows)


def as_table(found: Sequence[Prediction]) -> list[tuple[str, ...]]:
    """Return the predictions as a table, its header on top; rows are told where files hold many."""
    with_rows = any(one.place.row is not None for one in found)
    many = len(found[0].values) > 1
    values = (f"value {n}" if many else "value" for n, _ in enumerate(found[0].values, 1))
    answer = ("class", "probability") if found[0].probabilities else tuple(values)
    header = ("file", "row") if with_rows else ("file",)
    return [(*header, *answer), *(as_row(one, with_rows=with_rows) for one in found)]


def as_row(found: Prediction, *, with_rows: bool) -> tuple[str, ...]:
    """Return one prediction as the cells of a table."""
    place, shares = found.place, found.probabilities
    row = "" if place.row is None else str(place.row)
    answer = (
        (found.answer, f"{shares[found.answer]:.4f}")
        if shares
        else tuple(f"{value:.6g}" for value in found.values)
    )
    return (place.file, *((row,) if with_rows else ()), *answer)


def as_object(found: Prediction) -> dict[str, Any]:
    """Return one prediction as JSON writes it: every class with its probability, or the values."""
    return {
        "file": found.place.file,
        "row": found.place.row,
        "class": found.answer or None,
        "probabilities": dict(found.probabilities or {}),
        "values": list(found.values),
    }


def write_csv(path: Path, rows: Sequence[tuple[str, ...]]) -> None:
    """Write the table as CSV in UTF-8; raise StudyError where it cannot be written."""
    try:
        durable.write(path, csv_text(rows).encode())
    except OSError as error:
        raise StudyError.of(
            message("the file cannot be written: {error}", error=error.strerror), where=f"{path}:"
        ) from error


@click.command("export-model")
@study_options
@arm_option
@seed_option
@which_option
@click.option("--to", "form", type=click.Choice(FORMATS), required=True, help="The format.")
@click.option(
    "-o",
    "--output",
    type=click.Path(dir_okay=False, path_type=Path),
    required=True,
    help="The file to write.",
)
def export_model(
    study: str,
    overrides: tuple[str, ...],
    seeds: str | None,
    store: str,
    arm: str,
    seed: int | None,
    which: str | None,
    form: str,
    output: Path,
) -> None:
    """Write a trained model as a file that other programs read.

    safetensors holds the weights alone; pt2 (for torch.export.load) and onnx the whole model;
    hikaku what a run keeps, for techniques that name such a file.
    """
    from hikaku.run.export_model import FORMATS as KNOWN
    from hikaku.run.export_model import export
    from hikaku.run.load_model import load

    asked = read_study(study, overrides, seeds)
    loaded = load(asked, arm, seed, read_which(which), store)
    export(loaded.restored, next(known for known in KNOWN if known == form), output)
    show_path(
        message("{study}, {arm}, seed {seed}:", study=asked.name, arm=arm, seed=loaded.seed), output
    )


model_commands = (predict, export_model)
