"""The command that shows everything live in a browser: serve."""

from __future__ import annotations

import signal
import sys
import threading

import click

from hikaku.cli.speak import echo, language, store_option
from hikaku.errors import EnvironmentFault
from hikaku.words import message


@click.command()
@store_option
@click.option("--host", default="127.0.0.1", show_default=True, help="The address to listen at.")
@click.option("--port", type=click.IntRange(0, 65535), help="By default a free one from 8642 on.")
@click.option(
    "--allow-host", "names", multiple=True, metavar="NAME[:PORT]",
    help="A further name that browsers may ask for. May be repeated.",
)  # fmt: skip
@click.option("--no-browser", is_flag=True, help="Print the link, and open no browser.")
@click.option("--until-eof", is_flag=True, hidden=True, help="End where standard input ends.")
def serve(
    store: str, host: str, port: int | None, names: tuple[str, ...], no_browser: bool,
    until_eof: bool,
) -> None:  # fmt: skip
    """Show studies, running trials and verdicts in a browser, live.

    It only reads the store, and may be ended at any time. Ctrl-C ends it.
    """
    try:
        from hikaku.read.serve.server import Place
        from hikaku.read.serve.server import serve as serve_store
    except ModuleNotFoundError as error:
        raise EnvironmentFault.of(
            message("the dashboard needs {package}, which is not installed", package=error.name),
            mend=message("pip install 'hikaku[serve]'"),
        ) from error
    if until_eof:
        threading.Thread(target=_end_with_input, daemon=True).start()
    place = Place(host, port, names)
    try:
        serve_store(store, place, language(), echo, browser=not no_browser and not until_eof)
    except KeyboardInterrupt:
        if not until_eof:
            echo(message("The dashboard has ended."))


def _end_with_input() -> None:
    """End this process when whoever started it is gone, however that came."""
    sys.stdin.buffer.read()
    signal.raise_signal(signal.SIGINT)


serve_commands = (serve,)
