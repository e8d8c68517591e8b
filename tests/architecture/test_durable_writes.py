"""Every file that must outlive a power cut is written by `hikaku.durable`."""

from __future__ import annotations

import ast
from collections.abc import Iterator

import pytest

from source_tree import PACKAGE, calls, modules, parse, shown

ALLOWED = {
    "durable.py": "here it is done",
    "cli/__init__.py": "opens nothing but the null device, in place of a closed stdout",
    "cli/speak.py": "the same",
    "cli/study.py": "`new` makes a file where none may be: opened to create, never to replace",
    "data/readers/archive.py": "a temporary folder of this process",
    "data/cache.py": "arrays that need not fit in memory, streamed, flushed, then renamed together",
    "cli/streams.py": "the same; and the standard streams themselves",
    "execution/logs.py": "what trials print: nothing depends on it, and a full disk may cut it off",
    "execution/memory.py": "a switch of the kernel, not a file",
    "run/export_model.py": "other libraries write here, inside `durable.replacing`",
    "read/serve/browser.py": "a temporary file that takes the browser to the dashboard",
    "store/live.py": "how far a run is, for whoever looks on: nothing depends on it",
    "store/lock.py": "the lock: its words are for people, and nothing depends on them",
    "training/restore.py": "a temporary folder of this process",
}
"""The files of the package that write by hand, and why."""
WRITES = (
    "write_text", "write_bytes", "tofile", "savez", "save_file", "mkstemp", "NamedTemporaryFile",
)  # fmt: skip
WRITERS = ("numpy.save", "torch.save", "torch.export.save")
READERS = ("tarfile.open", "gzip.open")


def test_files_are_written_by_durable_alone() -> None:
    found = {path: [*written_by_hand(parse(path))] for path in modules()}
    allowed = {path for path in found if path.relative_to(PACKAGE).as_posix() in ALLOWED}
    wrong = [shown(path, line) for path in found.keys() - allowed for line in found[path]]
    assert not wrong, f"write by hikaku.durable: {wrong}"
    idle = [shown(path) for path in allowed if not found[path]]
    assert not idle, f"exceptions that nothing needs any more: {idle}"


def test_every_exception_is_a_file_of_the_package() -> None:
    assert ALLOWED.keys() <= {path.relative_to(PACKAGE).as_posix() for path in modules()}


@pytest.mark.parametrize(
    "code",
    [
        "open('a', 'w')", "open('a', mode='wb')", "path.open('x')", "path.open('r+')",
        "Path('a').open('ab')", "io.open('a', kind)", "path.write_text('')",
        "Path('a').write_bytes(b'')", "(a / b).write_bytes(b'')", "os.open('a', os.O_WRONLY)",
        "os.open('a', os.O_RDWR | os.O_CREAT)", "NamedTemporaryFile()",
        "import numpy as np\nnp.save(path, a)",
        "save_file({}, 'a')", "array.tofile('a')",
    ],
)  # fmt: skip
def test_these_eyes_see_a_file_written_by_hand(code: str) -> None:
    assert list(written_by_hand(ast.parse(code)))


@pytest.mark.parametrize(
    "code", ["open('a')", "path.open('rb')", "os.open('a', os.O_RDONLY)", "tarfile.open(a)",
             "gzip.open(raw)", "Image.open(source, formats=FORMATS)", "archive.open(member)"],
)  # fmt: skip
def test_these_eyes_let_a_file_be_read(code: str) -> None:
    assert not list(written_by_hand(ast.parse(code)))


def written_by_hand(tree: ast.Module) -> Iterator[int]:
    """Yield the lines that open a file to write, or write one."""
    whole = {id(call): name for name, call in calls(tree)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            attribute = node.func.attr if isinstance(node.func, ast.Attribute) else ""
            if _writes(whole.get(id(node), f"?.{attribute}"), node):
                yield node.lineno


def _writes(name: str, call: ast.Call) -> bool:
    if name in WRITERS or name.rpartition(".")[2] in WRITES:
        return True
    if name == "os.open":
        return ast.unparse(call.args[1]) != "os.O_RDONLY"
    if name in READERS or name.rpartition(".")[2] != "open":
        return False
    # The mode stands first where the path is asked. What is no word is somebody else's argument.
    place = 1 if name in ("open", "io.open") else 0
    given = {item.arg: item.value for item in call.keywords}
    mode = given.get("mode", call.args[place] if len(call.args) > place else None)
    if not isinstance(mode, ast.Constant):
        return mode is not None and place == 1
    return set("wax+").intersection(str(mode.value)) != set()
