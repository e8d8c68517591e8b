"""The command line: words typed become calls; an error becomes its text and its exit code.

Heavy parts are imported inside the commands that need them: `hikaku --help` loads none.
"""

from __future__ import annotations

import errno
import gc
import os
import signal
import sys
from types import FrameType
from typing import NoReturn

import click

from hikaku.cli.catalogue import catalogue_commands
from hikaku.cli.export import export_commands
from hikaku.cli.lessons import lesson_commands
from hikaku.cli.models import model_commands
from hikaku.cli.serve import serve_commands
from hikaku.cli.show import show, show_commands
from hikaku.cli.speak import Stopped, echo, language
from hikaku.cli.spoken import speak as let_speak
from hikaku.cli.spoken import with_language
from hikaku.cli.store import store_commands
from hikaku.cli.streams import steady
from hikaku.cli.study import study_commands
from hikaku.errors import EnvironmentFault, HikakuError, Paused
from hikaku.words import message, say


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 80})
@click.version_option(package_name="hikaku", message="%(prog)s %(version)s")
def hikaku() -> None:
    """Which training techniques really help on my model and my data?

    Start with `hikaku run digits`, or write your own study with `hikaku new my_study.toml`.
    """


for command in (
    *study_commands,
    *export_commands,
    *model_commands,
    *catalogue_commands,
    *show_commands,
    *store_commands,
    *serve_commands,
):
    hikaku.add_command(command)
for command in lesson_commands:
    show.add_command(command)
with_language(hikaku)


def main() -> None:
    """Run the command line; every error of ours ends in its own exit code, without a traceback."""
    steady()
    for number in (signal.SIGTERM, signal.SIGHUP):
        if signal.getsignal(number) != signal.SIG_IGN:  # as nohup has it
            signal.signal(number, _stop)
    # Loading makes a hundred thousand objects that stay; to search them again and again for
    # garbage would take a tenth of the time that `hikaku results` needs.
    gc.set_threshold(100_000)
    for stream in (sys.stdout, sys.stderr):
        # A terminal that cannot show a sign gets a question mark, not a traceback.
        stream.reconfigure(errors="replace")  # type: ignore[union-attr]  # both are text files
    let_speak(hikaku, sys.argv[1:])
    try:
        hikaku(standalone_mode=False)
        sys.stdout.flush()
    except HikakuError as error:
        _tell(error)
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    except (KeyboardInterrupt, click.Abort):
        _end(130)
    except Stopped as stopped:
        _end(stopped.exit_code)
    except SystemExit as end:
        # click ends with 1, and changes standard output, where whoever read it has heard enough.
        heard_enough = type(sys.stdout).__name__.endswith("PacifyFlushWrapper")
        sys.exit(0 if heard_enough else end.code)
    except OSError as error:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        kind = Paused if error.errno == errno.ENOSPC else EnvironmentFault
        _tell(kind.of(message("the system refused: {error}", error=error)))


def _end(exit_code: int) -> NoReturn:
    """Exit so, though the terminal may be gone: Python's own last flush would make that 120.

    Nor does one more signal change it, which came too late to end anything.
    """
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except OSError:
            os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())
    sys.exit(exit_code)


def _tell(error: HikakuError) -> NoReturn:
    echo(f"{say(message('error:'), language())} {error.text(language())}", err=True)
    sys.exit(error.exit_code)


def _stop(number: int, frame: FrameType | None) -> None:
    raise Stopped(number)
