"""The user's own code as part of identity: which local files an arm reaches, and their bytes.

Eats Python files of the user's; makes their SHA-256, and that of every file under the study's
folder or beside them that they import, found by `ast`. Nothing is run.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from hashlib import file_digest, sha256
from pathlib import Path, PurePath

from hikaku.errors import StudyError
from hikaku.study.catalogue import HOUSE, Catalogue, is_file_reference
from hikaku.study.metrics import is_added
from hikaku.study.own_model import weights_of
from hikaku.study.study import Study, Training
from hikaku.study.syntax import parse
from hikaku.study.trial import digest, fingerprint
from hikaku.words import message


def local_sources(files: Iterable[str | Path], folder: str | Path) -> dict[str, str]:
    """Return the SHA-256 of `files` and of every local file that they import.

    `files` are relative to `folder`, and so are the keys, written with `/`. Imports are looked
    for from `folder` and from the folder of the one of `files` that leads to them; what lies
    under neither is no local file. Raises `StudyError` where one of `files` cannot be read as
    Python.
    """
    top = Path(folder).absolute()
    found = set[Path]().union(*(_reached(_straight(top / file), top) for file in files))
    return {_key(path, top): sha256(path.read_bytes()).hexdigest() for path in sorted(found)}


def fingerprints(study: Study, catalogue: Catalogue = HOUSE) -> dict[str, str]:
    """Return the fingerprint of each arm by its name (DESIGN 4.1); no user code is run.

    Raises `StudyError` where a technique that the study uses is gone.
    """
    return {arm.name: _fingerprint(arm.work, study.folder, catalogue) for arm in study.arms}


def evaluation_fingerprint(study: Study) -> str:
    """Return what is measured beyond the standing metrics, "" where nothing is.

    A metric of the user's brings the digest of its code.
    """
    metric = study.metric
    if not is_added(metric):
        return ""
    if not is_file_reference(metric.name):
        return metric.name
    file = metric.name.rpartition(":")[0]
    return f"{metric.name} {digest(local_sources([file], study.folder))}"


def files_of(work: Training, folder: str, *names: str) -> dict[str, str]:
    """Return the SHA-256 of every file of the user's that an arm's results depend on.

    The Python files that its techniques, model, data and the further `names` reach, and the
    weights that its model starts from; not what the data is read from, which has its own
    fingerprint. Raises `StudyError` where one cannot be read.
    """
    used = (*(use for _, use in work.recipe.uses()), work.model, work.data.use)
    written = {*(use.name for use in used), *names}
    files = sorted({name.rpartition(":")[0] for name in written if is_file_reference(name)})
    weights = weights_of(work.model)
    return local_sources(files, folder) | ({weights: _sha256(weights, folder)} if weights else {})


def _sha256(file: str, folder: str) -> str:
    try:
        with (Path(folder) / file).open("rb") as opened:
            return file_digest(opened, "sha256").hexdigest()
    except OSError as error:
        raise StudyError.of(
            message("this file cannot be read: {error}", error=error.strerror), where=f"{file}:"
        ) from error


def _fingerprint(work: Training, folder: str, catalogue: Catalogue) -> str:
    names = {use.name for _, use in work.recipe.uses()}
    versions = {name: catalogue.technique(name, folder).version for name in names}
    return fingerprint(work, versions, files_of(work, folder))


def _reached(start: Path, top: Path) -> set[Path]:
    """Return a program's file and every one that it imports from `top` or its own folder."""
    parse(start)
    found: set[Path] = set()
    waiting = [start]
    while waiting:
        path = waiting.pop()
        if path not in found:
            found.add(path)
            waiting += _imported(path, (top, start.parent))
    return found


def _imported(path: Path, roots: tuple[Path, Path]) -> Iterator[Path]:
    """Yield the files under `roots` that a file imports; none for one that is not Python."""
    try:
        tree = parse(path).tree
    except StudyError:
        return
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                for root in roots:
                    yield from _module(root, alias.name.split("."), roots)
        elif isinstance(node, ast.ImportFrom):
            parts = node.module.split(".") if node.module else []
            for root in path.parents[node.level - 1 : node.level] if node.level else roots:
                yield from _module(root, parts, roots)
                for alias in node.names:
                    yield from _module(root, [*parts, alias.name], roots)


def _module(root: Path, parts: list[str], roots: tuple[Path, Path]) -> Iterator[Path]:
    """Yield the files that importing a module runs: its packages' `__init__.py`, then its own.

    Only those under `roots`: a relative import may climb out of both, to what is no local file.
    """
    for length in range(len(parts) + 1):
        place = root.joinpath(*parts[:length])
        own = [place.with_name(f"{place.name}.py")] if length else []
        for path in (place / "__init__.py", *own):
            if any(path.is_relative_to(here) for here in roots) and path.is_file():
                yield path


def _straight(path: Path) -> Path:
    """Return the path without `..`, whatever links lie on it."""
    steps: list[str] = []
    for step in path.parts:
        if step != "..":
            steps.append(step)
        elif len(steps) > 1:
            steps.pop()
    return Path(*steps)


def _key(path: Path, top: Path) -> str:
    if path.is_relative_to(top):
        return path.relative_to(top).as_posix()
    up = next(n for n, head in enumerate(top.parents, 1) if path.is_relative_to(head))
    return PurePath(*[".."] * up, path.relative_to(top.parents[up - 1])).as_posix()
