"""The commands that show pictures and numbers to learn by: `show derivatives`, `show im2col` …"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from hikaku.cli.show import output_option, pictures, tell
from hikaku.cli.speak import dumped, json_option, show_picture

if TYPE_CHECKING:
    from hikaku.read.lessons.lesson import Lesson

Command = TypeVar("Command", bound=Callable[..., Any])


def filter_options(command: Command) -> Command:
    """Add the options of a filter that goes over an input."""
    decorators = (
        click.option("--input", "shape", required=True, metavar="N,C,H,W", help="1,1,4,4, say."),
        click.option("--filter", "filter_size", required=True, metavar="H,W", help="2,2, say."),
        click.option("--stride", type=int, default=1, show_default=True),
        click.option("--pad", type=int, default=0, show_default=True),
        click.option("--all", "is_whole", is_flag=True, help="Cut nothing, however long."),
    )
    for decorator in reversed(decorators):
        command = decorator(command)
    return command


@click.command()
@output_option
@json_option
def derivatives(output: str | None, as_json: bool) -> None:
    """Draw the slopes of the activation functions."""
    from hikaku.read.lessons.slopes import slopes

    answer(slopes, "derivatives", output, as_json)


@click.command()
@click.option("--inputs", type=int, default=256, show_default=True, help="Of the layer.")
@output_option
@json_option
def init(inputs: int, output: str | None, as_json: bool) -> None:
    """Draw the densities of first weights: normal, Xavier, He."""
    from hikaku.read.lessons.spreads import spreads

    answer(lambda: spreads(inputs), "init", output, as_json)


@click.command("layer-outputs")
@click.option(
    "--activation",
    type=click.Choice(["sigmoid", "tanh", "relu"]),
    default="sigmoid",
    show_default=True,
)
@click.option("--batch-norm", is_flag=True, help="With batch norm in front of each activation.")
@click.option("--seed", type=int, default=0, show_default=True, help="Draws inputs and weights.")
@output_option
@json_option
def layer_outputs(
    activation: str, batch_norm: bool, seed: int, output: str | None, as_json: bool
) -> None:
    """Draw what five layers give before training, by init."""
    from hikaku.read.lessons.layer_outputs import layer_outputs as outputs

    answer(lambda: outputs(activation, batch_norm, seed), "layer-outputs", output, as_json)


@click.command()
@click.argument("name")
@click.option(
    "--set",
    "settings",
    multiple=True,
    metavar="KEY=VALUE",
    help="A setting of the schedule: --set warmup=10. May be repeated.",
)
@click.option("--lr", type=float, default=1e-3, show_default=True, help="The optimizer's rate.")
@click.option("--epochs", type=int, default=200, show_default=True)
@click.option("--steps-per-epoch", type=int, default=100, show_default=True)
@output_option
@json_option
def schedule(
    name: str,
    settings: tuple[str, ...],
    lr: float,
    epochs: int,
    steps_per_epoch: int,
    output: str | None,
    as_json: bool,
) -> None:
    """Draw the learning rate over a training.

    NAME is a schedule's, such as warmup-cosine, or my_schedule.py:Name.
    """
    from hikaku.run.show_schedule import show_schedule

    answer(
        lambda: show_schedule(name, settings, lr, epochs, steps_per_epoch),
        "schedule",
        output,
        as_json,
    )


@click.command()
@output_option
@json_option
def penalty(output: str | None, as_json: bool) -> None:
    """Draw where L1, L2 and an elastic net hold two weights."""
    from hikaku.read.lessons.penalties import penalties

    answer(penalties, "penalty", output, as_json)


@click.command()
@click.argument("optimizers", nargs=-1, metavar="[OPTIMIZER]...")
@click.option(
    "--set",
    "settings",
    multiple=True,
    metavar="KEY=VALUE",
    help="A setting of an optimizer: --set sgd.lr=0.5. May be repeated.",
)
@click.option("--steps", type=int, default=30, show_default=True)
@click.option("--start", default="-7,2", show_default=True, metavar="X,Y")
@output_option
@json_option
def trajectories(
    optimizers: tuple[str, ...],
    settings: tuple[str, ...],
    steps: int,
    start: str,
    output: str | None,
    as_json: bool,
) -> None:
    """Draw the ways of optimizers down a narrow valley.

    OPTIMIZER is sgd, momentum, adagrad, rmsprop or adam; all five where none is named.
    """
    from hikaku.read.lessons.lesson import point
    from hikaku.read.lessons.ways import ways

    answer(
        lambda: ways(optimizers, settings, point("--start", start), steps),
        "trajectories",
        output,
        as_json,
    )


@click.command()
@filter_options
@click.option("--without-transpose", is_flag=True, help="Show what the transpose is for.")
@output_option
@json_option
def im2col(
    shape: str,
    filter_size: str,
    stride: int,
    pad: int,
    is_whole: bool,
    without_transpose: bool,
    output: str | None,
    as_json: bool,
) -> None:
    """Show the matrix of all patches that a filter sees."""
    from hikaku.read.lessons.patches import matrix

    answer(
        lambda: matrix(shape, filter_size, stride, pad, not without_transpose, is_whole),
        "im2col",
        output,
        as_json,
    )


@click.command()
@filter_options
@output_option
@json_option
def col2im(
    shape: str,
    filter_size: str,
    stride: int,
    pad: int,
    is_whole: bool,
    output: str | None,
    as_json: bool,
) -> None:
    """Show how many patches hold each pixel."""
    from hikaku.read.lessons.patches import overlap_counts

    answer(
        lambda: overlap_counts(shape, filter_size, stride, pad, is_whole),
        "col2im",
        output,
        as_json,
    )


@click.command("output-size")
@click.argument("size", type=int, nargs=-1, required=True)
@click.option("--filter", "filter_size", required=True, metavar="F", help="2, or 2,3.")
@click.option("--stride", type=int, default=1, show_default=True)
@click.option("--pad", type=int, default=0, show_default=True)
@json_option
def output_size(
    size: tuple[int, ...], filter_size: str, stride: int, pad: int, as_json: bool
) -> None:
    """Work out the size of a convolution's output: (H + 2P - F)/S + 1.

    SIZE is that of one side of the input, or of both: 6 6.
    """
    from hikaku.read.lessons.sizes import sizes

    found = sizes(size, filter_size, stride, pad)
    if as_json:
        click.echo(dumped(found.as_json()))
    else:
        tell(found.report())


def answer(lesson: Callable[[], Lesson], name: str, output: str | None, as_json: bool) -> None:
    """Tell a lesson, and write its picture: to `output`, or else beside the store.

    With JSON a picture is written only where `output` asks for it.
    """
    from hikaku.present.picture_file import check_kind, write_picture

    file = Path(output) if output else pictures() / f"{name}.png"
    check_kind(file)
    found = lesson()
    report = found.report()
    if as_json:
        click.echo(dumped(found.as_json()))
    else:
        tell(report)
    if output or not as_json:
        written = write_picture(report, file)
        if not as_json:
            show_picture(report, written)


lesson_commands = (
    derivatives,
    init,
    layer_outputs,
    schedule,
    penalty,
    trajectories,
    im2col,
    col2im,
    output_size,
)
