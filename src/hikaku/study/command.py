"""The command of an outside arm: its words, the settings that stand in them, and the words filled.

No shell reads it: it is divided as a shell would divide it, and every word stays one word, whatever
its settings hold. `{name}` stands for a setting, `{seed}` for the seed, `{{` and `}}` for braces.
"""

from __future__ import annotations

import shlex
import shutil
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from string import Formatter

from hikaku.study.recipe import Value, shown
from hikaku.study.syntax import is_file

SEED = "seed"
PYTHON = "python"
"""As a program's name, the Python that runs hikaku: it is there, and has the same packages."""


def divided(command: str) -> tuple[str, ...]:
    """Return the words of a command. Raises ValueError where a quote is never closed."""
    return tuple(shlex.split(command))


def names_in(word: str) -> tuple[str, ...]:
    """Return the names that stand in braces. Raises ValueError where a brace is never closed.

    A name with an attribute, an index, a conversion or a format is given back with that.
    """
    return tuple(
        name + (f"!{how}" if how else "") + (f":{form}" if form else "")
        for _, name, form, how in Formatter().parse(word)
        if name is not None
    )


def filled(command: str, settings: Mapping[str, Value], seed: int | None = None) -> tuple[str, ...]:
    """Return the words with every setting in its place, written as a study file writes it.

    Without a seed, the words that hold it are left out.
    """
    values = {name: shown(value) for name, value in settings.items()}
    if seed is not None:
        values[SEED] = str(seed)
    return tuple(
        _filled(word, values)
        for word in divided(command)
        if all(name in values for name in names_in(word))
    )


def program(word: str, folder: str) -> str | None:
    """Return the program that a command's first word names; None where there is none.

    A file from the study's folder comes first, then what the system finds by that name.
    """
    beside = Path(folder) / word
    if is_file(beside):
        return str(beside.absolute())
    return sys.executable if word == PYTHON else shutil.which(word)


def local_files(words: tuple[str, ...], folder: str) -> Iterator[str]:
    """Yield every word that names a file from the study's folder, or a module in it (`-m name`).

    What follows a `=` is looked at too: `--config=small.yaml`.
    """
    for before, word in zip(("", *words), words, strict=False):
        module = word.replace(".", "/") if before == "-m" else ""
        for name in (word, word.partition("=")[2], f"{module}.py", f"{module}/__main__.py"):
            plain = name and not name.startswith((".py", "/")) and not Path(name).is_absolute()
            if plain and is_file(Path(folder) / name):
                yield name


def _filled(word: str, values: Mapping[str, str]) -> str:
    return "".join(
        text + (values[name] if name is not None else "")
        for text, name, _, _ in Formatter().parse(word)
    )
