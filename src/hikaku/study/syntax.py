"""Python files as syntax trees: parsed, never imported or run."""

from __future__ import annotations

import ast
import os.path
from dataclasses import dataclass
from pathlib import Path

from hikaku.errors import Fault, StudyError
from hikaku.words import Message, message


def is_file(path: Path) -> bool:
    """Return whether there is a file; False too for a name that no file can have."""
    return os.path.isfile(path)  # noqa: PTH113 - `Path.is_file` raises for a name that is too long


_LIKE = message("write it as the built-in ones are, such as hikaku/techniques/dropout.py")


@dataclass
class Source:
    """A parsed file and what was found wrong with it so far."""

    path: Path
    tree: ast.Module
    faults: list[Fault]

    def fault(self, node: ast.AST | None, what: Message) -> None:
        """Note one mistake, at the line of `node`."""
        where = f"{self.path}:{getattr(node, 'lineno', 1)}:"
        self.faults.append(Fault(what, where, mend=_LIKE))


def parse(path: Path) -> Source:
    """Return the parsed file. Raises `StudyError` where it cannot be read or is not Python."""
    try:
        return Source(path, ast.parse(path.read_bytes(), str(path)), [])
    except SyntaxError as error:
        line, why = error.lineno or 1, message("{reason}", reason=error.msg)
    except OSError as error:
        line, why = 1, message("{reason}", reason=error.strerror)
    except (ValueError, RecursionError, MemoryError) as error:
        line, why = 1, message("{reason}", reason=str(error))
    what = message("this file cannot be read as Python.")
    mend = message("`python {file}` says more", file=path.name)
    raise StudyError(Fault(what, f"{path}:{line}:", why, mend))


def functions(path: Path) -> tuple[str, ...]:
    """Return the names of the file's top-level functions."""
    return tuple(node.name for node in parse(path).tree.body if isinstance(node, ast.FunctionDef))
