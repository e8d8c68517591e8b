"""The user's own code as part of identity: which local files an arm reaches, and their bytes.

Eats Python files of the user's; makes their SHA-256, theirs and that of every file under the
study's folder that they import, found by `ast`. Nothing is run.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from hashlib import sha256
from pathlib import Path, PurePath

from hikaku.errors import StudyError
from hikaku.study.catalogue import HOUSE, Catalogue, is_file_reference
from hikaku.study.metrics import OF_A_CURVE
from hikaku.study.study import Study, Training
from hikaku.study.syntax import parse
from hikaku.study.trial import digest, fingerprint


def local_sources(files: Iterable[str | Path], folder: str | Path) -> dict[str, str]:
    """Return the SHA-256 of `files` and of every file under `folder` that they import.

    `files` are relative to `folder`, and so are the keys, written with `/`. Imports are looked
    for from `folder` and from the importing program's own folder; what is not there is no local
    file. Raises `StudyError` where one of `files` cannot be read as Python.
    """
    top = Path(folder).absolute()
    found: dict[Path, bytes] = {}
    for file in files:
        start = _straight(top / file)
        parse(start)
        waiting = [start]
        while waiting:
            path = waiting.pop()
            if path not in found:
                found[path] = path.read_bytes()
                waiting += _imported(path, top, start.parent)
    return {_key(path, top): sha256(data).hexdigest() for path, data in sorted(found.items())}


def fingerprints(study: Study, catalogue: Catalogue = HOUSE) -> dict[str, str]:
    """Return the fingerprint of each arm by its name (DESIGN 4.1); no user code is run.

    Raises `StudyError` where a technique that the study uses is gone.
    """
    return {arm.name: _fingerprint(arm.work, study.folder, catalogue) for arm in study.arms}


def evaluation_fingerprint(study: Study) -> str:
    """Return what is measured beyond the standing metrics, "" where nothing is.

    AUROC is too dear to measure at every evaluation, so it is only where its curve is judged. A
    metric of the user's brings the digest of its code.
    """
    metric = study.metric
    if is_file_reference(metric.name):
        file = metric.name.rpartition(":")[0]
        return f"{metric.name} {digest(local_sources([file], study.folder))}"
    return metric.name if metric.name == "auroc" and metric.of in OF_A_CURVE else ""


def _fingerprint(work: Training, folder: str, catalogue: Catalogue) -> str:
    names = {use.name for _, use in work.recipe.uses()}
    versions = {name: catalogue.technique(name, folder).version for name in names}
    files = sorted({name.rpartition(":")[0] for name in names if is_file_reference(name)})
    return fingerprint(work, versions, local_sources(files, folder))


def _imported(path: Path, top: Path, beside: Path) -> Iterator[Path]:
    """Yield the local files that a file imports; none for one that is not Python."""
    try:
        tree = parse(path).tree
    except StudyError:
        return
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                for root in (top, beside):
                    yield from _module(root, alias.name.split("."), top)
        elif isinstance(node, ast.ImportFrom):
            parts = node.module.split(".") if node.module else []
            up = path.parents[node.level - 1] if 0 < node.level <= len(path.parents) else top
            for root in (up,) if node.level else (top, beside):
                yield from _module(root, parts, top)
                for alias in node.names:
                    yield from _module(root, [*parts, alias.name], top)


def _module(root: Path, parts: list[str], top: Path) -> Iterator[Path]:
    """Yield the files that importing a module runs: its packages' `__init__.py`, then its own."""
    for length in range(len(parts) + 1):
        place = root.joinpath(*parts[:length])
        own = [place.with_name(f"{place.name}.py")] if length else []
        for path in (place / "__init__.py", *own):
            if path.is_relative_to(top) and path.is_file():
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
