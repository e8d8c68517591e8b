"""The command line in the user's language: `--lang`, help texts, and what click itself says.

click looks its own sentences up by gettext in the domain of the process, so ours holds them too.
Help texts are translated in place, once, before a command is read.
"""

from __future__ import annotations

import gettext
import inspect
import os
import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import takewhile

import click

from hikaku.words import LANGUAGES, LOCALE, catalogued, columns, preferred_language, say, wrapped

OPTION = "--lang"


class Formatter(click.HelpFormatter):
    """Help in lines of the terminal's width, where letters are as wide as two as well."""

    def write_text(self, text: str) -> None:
        """Write paragraphs."""
        space = " " * self.current_indent
        told = (wrapped(one, self.width - len(space)) for one in paragraphs(text).split("\n\n"))
        lines = (space + ("\n" + space).join(lines) for lines in told)
        self.write("\n\n".join(lines) + "\n")

    def write_dl(
        self, rows: Iterable[tuple[str, str]], col_max: int = 30, col_spacing: int = 2
    ) -> None:
        """Write terms and what is said of each beside it."""
        rows = list(rows)
        first = min(max(columns(term) for term, _ in rows), col_max) + col_spacing
        left, right = " " * self.current_indent, " " * (self.current_indent + first)
        for term, said in rows:
            lines = wrapped(said, self.width - len(right)) or [""]
            fits = columns(term) <= first - col_spacing
            head = term + " " * (first - columns(term)) if fits else f"{term}\n{right}"
            self.write(f"{left}{head}{lines[0]}".rstrip() + "\n")
            self.write("".join(f"{right}{line}\n" for line in lines[1:]))


class Context(click.Context):
    """A command at work, with our formatter."""

    formatter_class = Formatter


def with_language(root: click.Group) -> None:
    """Let every command take `--lang` and write its help with our formatter."""
    for command in walk(root):
        command.context_class = Context
        command.params.append(
            click.Option(
                [OPTION],
                type=click.Choice(LANGUAGES),
                expose_value=False,
                help="The language to speak; by default that of the environment.",
            )
        )


def speak(root: click.Group, arguments: Sequence[str]) -> None:
    """Speak the language that these arguments ask for, or else the environment."""
    if asked := asked_language(arguments):
        os.environ["HIKAKU_LANG"] = asked
    language = preferred_language()
    os.environ["LANGUAGE"] = language  # where gettext, and so click, looks first
    gettext.bindtextdomain("hikaku", LOCALE)
    gettext.textdomain("hikaku")
    if language != "en":
        for command in walk(root):
            _translate(command, language)


def asked_language(arguments: Sequence[str]) -> str:
    """Return what stands behind the last `--lang`, "" where nothing of ours does.

    >>> asked_language(["run", "--lang", "ja"]), asked_language(["--lang=en", "run"])
    ('ja', 'en')
    """
    words = list(takewhile(lambda word: word != "--", arguments))
    pairs = zip(words, [*words[1:], ""], strict=True)
    found = [after if word == OPTION else word.removeprefix(f"{OPTION}=") for word, after in pairs
             if word == OPTION or word.startswith(f"{OPTION}=")]  # fmt: skip
    return next((one for one in reversed(found) if one in LANGUAGES), "")


def walk(command: click.Command) -> Iterator[click.Command]:
    """Yield a command, and every command below it."""
    yield command
    if isinstance(command, click.Group):
        for below in command.commands.values():
            yield from walk(below)


def help_texts(root: click.Group) -> Iterator[str]:
    """Yield every text of the help, as the translations know it."""
    for command in walk(root):
        yield paragraphs(command.help or "")
        for option in command.params:
            yield paragraphs(getattr(option, "help", None) or "")


def paragraphs(text: str) -> str:
    """Return a docstring with each paragraph on one line."""
    found = re.split(r"\n\s*\n", inspect.cleandoc(text))
    return "\n\n".join(" ".join(one.split()) for one in found)


def _translate(command: click.Command, language: str) -> None:
    if command.help:
        command.help = say(catalogued(paragraphs(command.help)), language)
        command.short_help = command.help.partition("\n\n")[0].removesuffix("。")
    for option in command.params:
        if isinstance(option, click.Option) and option.help:
            option.help = say(catalogued(paragraphs(option.help)), language)
