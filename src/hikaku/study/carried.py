"""From live classes and functions to references that a study can hold: `my_model.py:Net`.

What stands in a file is named there. What was written in a notebook's cell, at a prompt or in a
script travels as its source, in a file of ours below the study's folder; what was imported from
an installed package by a file that imports it. Nothing is run.
"""

from __future__ import annotations

import ast
import functools
import os
import sys
import sysconfig
from collections.abc import Iterator
from hashlib import sha256
from importlib.metadata import packages_distributions, version
from pathlib import Path
from types import MethodType, ModuleType
from typing import Any

from hikaku import durable
from hikaku.errors import EnvironmentFault
from hikaku.study.gather import Gathering
from hikaku.study.held import hold
from hikaku.study.recipe import CARRIED
from hikaku.study.sources import local_sources
from hikaku.study.syntax import parse
from hikaku.study.trial import digest
from hikaku.study.written import LAMBDA, MAIN, Untold, written
from hikaku.words import Message, message

HEAD = '"""Written by hikaku, as it was when the study was made: edit it where it is from."""'

OWN = __name__.partition(".")[0]
"""hikaku itself, whose version is no part of a user's code."""


def reference(value: Any, folder: str, name: str = "") -> str:
    """Return `file.py:Name` for a class, a function or a `functools.partial` of one.

    Files are named from `folder`. `name` is for what has none, a lambda or a partial. Raises
    `Untold` with the reason where no file can say what it is.
    """
    called = getattr(value, "__name__", LAMBDA)
    module_name = getattr(value, "__module__", MAIN)
    if called == LAMBDA or module_name == MAIN or isinstance(value, MethodType):
        return carried(value, folder, name if called == LAMBDA else called)
    module = sys.modules.get(module_name)
    if module is None or getattr(module, called, None) is not value:
        written(value)  # says why, where it was made inside a function
        raise Untold(message("{module} now holds another {name}", module=module_name, name=called))
    if file := _file(module, folder):
        return f"{file}:{called}"
    line = f"from {module_name} import {called}"
    return _put(called, f"{HEAD}\n\n{_origin(module, folder)}\n{line}\n", folder)


def carried(value: Any, folder: str, name: str) -> str:
    """Return the reference to a file of ours that holds `value` and all that it needs."""
    gathering = Gathering()
    gathering.bind(name, value)
    return _put(name, gathering.text(HEAD, *_witnesses(gathering.modules, folder)), folder)


def carried_technique(cls: type[Any], folder: str) -> str:
    """Return the reference to a file of ours that holds a technique of a notebook's cell.

    The cell holds the card, `CARD = Card(…)`, beside the class. Raises `Untold` where it does not.
    """
    found = written(cls)
    cards = [
        node
        for node in found.page.body
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "CARD"
    ]
    if len(cards) != 1 or "Card" not in found.globals:
        raise Untold(message("its cell holds no CARD = Card(…)"))
    docstring = ast.get_docstring(found.page) or (cls.__doc__ or "").strip()
    gathering = Gathering(parts=[ast.unparse(cards[0])])
    gathering.bind("Card", found.globals["Card"])
    gathering.bind(cls.__name__, cls)
    head = ast.unparse(ast.Module([ast.Expr(ast.Constant(docstring))], []))
    text = gathering.text(head, *_witnesses(gathering.modules, folder))
    return _put(cls.__name__, text, folder)


def kept_here(value: Any, why: Message, folder: str, name: str) -> str:
    """Return the reference to a file that asks this process for `value`; its key is fresh."""
    mark = hold(value, why)
    text = f'{HEAD}\n\nfrom hikaku.study.held import held\n\n{name} = held("{mark}")\n'
    return _put(name, text, folder, mark)


def _file(module: ModuleType, folder: str) -> str:
    """Return the user's own file of a module, from `folder`; "" where it must be imported.

    A file that imports from its own package can be run only as a part of that.
    """
    file = getattr(module, "__file__", None) or ""
    if not file.endswith(".py") or _is_installed(file):
        return ""
    below = Path(file).is_relative_to(Path(folder).absolute())
    relative = any(
        isinstance(node, ast.ImportFrom) and node.level for node in ast.walk(parse(Path(file)).tree)
    )
    if relative or (module.__package__ and not below):
        return ""
    try:
        return Path(os.path.relpath(file, Path(folder).absolute())).as_posix()
    except ValueError:  # on another drive
        return ""


def _is_installed(file: str) -> bool:
    standard = sysconfig.get_path("stdlib")
    packages = {"site-packages", "dist-packages"}
    return bool(packages & set(Path(file).parts)) or Path(file).is_relative_to(standard)


def _origin(module: ModuleType, folder: str) -> str:
    """Return a comment that changes with the code of an imported module."""
    top = module.__name__.partition(".")[0]
    if _is_installed(getattr(module, "__file__", None) or sysconfig.get_path("stdlib")):
        names = sorted(set(packages_distributions().get(top, ())))
        return "\n".join(f"# {name} {version(name)}" for name in names) or f"# {top}"
    return "".join(_witnesses({module.__name__}, folder)) or f"# {top}"


def _witnesses(modules: set[str], folder: str) -> Iterator[str]:
    """Yield a comment with the digest of the user's modules that the key would not see.

    It follows imports from the study's folder; a module from elsewhere, on the path that Python
    looks for modules on, is seen by this comment alone.
    """
    found = []
    for name in sorted(modules):
        file = getattr(sys.modules[name], "__file__", None) or ""
        if file.endswith(".py") and not _is_installed(file) and name.partition(".")[0] != OWN:
            steps = name.count(".") + (Path(file).name == "__init__.py")
            root = Path(file).parents[steps]
            if root != Path(folder).absolute():
                found.append(f"# {name} {digest(local_sources([file], root))[:12]}")
    if found:
        yield "\n".join(found)


def _put(name: str, text: str, folder: str, mark: str = "") -> str:
    """Write a file of ours, named after its contents, and return the reference to `name` in it."""
    data = text.encode()
    file = f"{CARRIED}{name}-{mark or sha256(data).hexdigest()[:12]}.py"
    path = Path(folder) / file
    try:
        if not path.is_file() or path.read_bytes() != data:
            path.parent.mkdir(parents=True, exist_ok=True)
            durable.write(path, data)
    except OSError as error:
        raise EnvironmentFault.of(
            message(
                "the code of {name} cannot be written: {error}", name=name, error=error.strerror
            ),
            where=f"{path}:",
            mend=message("give the study a folder that can be written: hk.Study(folder=…)"),
        ) from error
    return f"{file}:{name}"


def named(value: functools.partial[Any]) -> str:
    """Return a name for a partial: that of its function, and those of what is bound to it."""
    bound = (getattr(item, "__name__", "") for item in (*value.args, *value.keywords.values()))
    words = [getattr(value.func, "__name__", ""), *bound]
    return "_".join(word for word in words if word.isidentifier()) or "made"
