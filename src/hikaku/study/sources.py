"""The user's own code as part of identity: which local files an arm reaches, and their bytes.

Eats Python files of the user's; makes their SHA-256, and that of every file of the user's that
they import, found by `ast`: under the study's folder, beside them, or on Python's own path, but
not where packages are installed. Nothing is run.
"""

from __future__ import annotations

import ast
import os.path
import sys
import sysconfig
from collections.abc import Iterable, Iterator
from hashlib import file_digest, sha256
from importlib.machinery import ModuleSpec
from pathlib import Path, PurePath

from hikaku.errors import StudyError
from hikaku.study.catalogue import HOUSE, PACKAGE, Catalogue, is_file_reference
from hikaku.study.claims import reads_batches
from hikaku.study.command import filled, local_files
from hikaku.study.metrics import LAST_BATCH, is_added
from hikaku.study.own_model import weights_of
from hikaku.study.recipe import CARRIED
from hikaku.study.study import Outside, Study, Work
from hikaku.study.syntax import parse
from hikaku.study.trial import digest, fingerprint
from hikaku.words import message

Roots = tuple[Path, ...]
"""Where a file's imports are looked for: the study's folder, the program's, a library's."""

INSTALLED = {"site-packages", "dist-packages"}
STANDARD = Path(sysconfig.get_path("stdlib"))


def local_sources(files: Iterable[str | Path], folder: str | Path) -> dict[str, str]:
    """Return the SHA-256 of `files` and of every local file that they import.

    `files` are relative to `folder`, and so are the keys, written with `/`. Imports are looked
    for from `folder` and from the folder of the one of `files` that leads to them; what lies
    under neither is a local file where Python finds it and it is not installed: a module on
    PYTHONPATH, a package that is installed for editing. Raises `StudyError` where one of `files`
    cannot be read as Python.
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
    files = [name.rpartition(":")[0] for name in extras(study) if is_file_reference(name)]
    code = [digest(local_sources([file], study.folder)) for file in files]
    return " ".join((*extras(study), *code))


def extras(study: Study) -> tuple[str, ...]:
    """Return what evaluations read beyond the standing metrics: a metric, and `LAST_BATCH`."""
    if study.outside:
        return ()
    added = (study.metric.name,) if is_added(study.metric) else ()
    return (*added, LAST_BATCH) if reads_batches(study) else added


def files_of(work: Work, folder: str, *names: str, catalogue: Catalogue = HOUSE) -> dict[str, str]:
    """Return the SHA-256 of every file of the user's that an arm's results depend on.

    The Python files that its techniques, model, data and the further `names` reach, the weights
    that its model starts from, and what settings of its techniques name; not what the data is
    read from, which has its own fingerprint. Of an outside arm, what its function's file reaches,
    or the files that its command names with all that the Python ones reach. Raises `StudyError`
    where one cannot be read.
    """
    if isinstance(work, Outside):
        return _outside_files(work, folder)
    used = (*(use for _, use in work.recipe.uses()), work.model, work.data.use)
    written = {*(use.name for use in used), *names}
    files = sorted({name.rpartition(":")[0] for name in written if is_file_reference(name)})
    uses = (use for _, use in work.recipe.uses())
    named = [file for use in uses for file in catalogue.technique(use.name, folder).files(use)]
    weights = filter(None, (weights_of(work.model), *named))
    return local_sources(files, folder) | {file: _sha256(file, folder) for file in weights}


def _outside_files(work: Outside, folder: str) -> dict[str, str]:
    if work.train:
        return local_sources([work.train.rpartition(":")[0]], folder)
    named = sorted(set(local_files(filled(work.command, dict(work.settings)), folder)))
    python = [name for name in named if name.endswith(".py")]
    return {name: _sha256(name, folder) for name in named} | local_sources(python, folder)


def _sha256(file: str, folder: str) -> str:
    try:
        with (Path(folder) / file).open("rb") as opened:
            return file_digest(opened, "sha256").hexdigest()
    except OSError as error:
        raise StudyError.of(
            message("this file cannot be read: {error}", error=error.strerror),
            where=f"{file}:",
            mend=message("put the file back, or take its name out of the study"),
        ) from error


def _fingerprint(work: Work, folder: str, catalogue: Catalogue) -> str:
    if isinstance(work, Outside):
        return fingerprint(work, {}, files_of(work, folder))
    names = {use.name for _, use in work.recipe.uses()}
    found = {name: catalogue.technique(name, folder) for name in names}
    versions = {name: entry.version for name, entry in found.items()}
    house = (PACKAGE, catalogue.techniques_folder)
    plug_ins = {
        f"plug-in {name}": sha256(entry.path.read_bytes()).hexdigest()
        for name, entry in found.items()
        if not is_file_reference(name) and not any(map(entry.path.is_relative_to, house))
    }
    files = files_of(work, folder, catalogue=catalogue)
    return fingerprint(work, versions, files | plug_ins)


def _reached(start: Path, top: Path) -> set[Path]:
    """Return a program's file and every one of the user's that it imports."""
    parse(start)
    found: set[tuple[Path, Roots]] = set()
    waiting: list[tuple[Path, Roots]] = [(start, (top, start.parent))]
    while waiting:
        step = path, roots = waiting.pop()
        if step not in found:
            found.add(step)
            # A file that we wrote says in a comment what it imports from beyond the folder.
            ours = path.is_relative_to(top / CARRIED)
            waiting += (new for new in _imported(path, roots) if new[1] == roots or not ours)
    return {path for path, _ in found}


def _imported(path: Path, roots: Roots) -> Iterator[tuple[Path, Roots]]:
    """Yield the user's files that a file imports, each with the roots of its own imports.

    None for one that is not Python.
    """
    try:
        tree = parse(path).tree
    except StudyError:
        return
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield from _absolute(alias.name.split("."), roots)
        elif isinstance(node, ast.ImportFrom):
            parts = node.module.split(".") if node.module else []
            for name in (parts, *([*parts, alias.name] for alias in node.names)):
                if not node.level:
                    yield from _absolute(name, roots)
                for root in path.parents[node.level - 1 : node.level] if node.level else ():
                    yield from ((file, roots) for file in _module(root, name, roots))


def _absolute(parts: list[str], roots: Roots) -> Iterator[tuple[Path, Roots]]:
    """Yield what importing a module by its full name runs: from `roots`, else as Python finds it.

    A folder without `__init__.py` under `roots` hides no package that lies elsewhere.
    """
    for root in roots:
        yield from ((file, roots) for file in _module(root, parts, roots))
    top, *rest = parts
    if not any(
        (root / top / "__init__.py").is_file() or (root / f"{top}.py").is_file() for root in roots
    ):
        for place in _elsewhere(top, roots):
            wider = (*roots[:2], place.parent)
            own = [place.name.removesuffix(".py"), *rest]
            yield from ((file, wider) for file in _module(place.parent, own, wider))


def _elsewhere(name: str, roots: Roots) -> Iterator[Path]:
    """Yield the file or folders of a module of the user's that lies beyond `roots`."""
    spec = None if name in sys.stdlib_module_names else _spec(name)
    if spec is None:
        return
    file = [spec.origin] if spec.origin and spec.has_location else []
    known = {root.resolve() for root in roots}
    for found in spec.submodule_search_locations or file:
        place = _straight(Path(found).absolute())
        # On another drive no name leads there from the study's folder.
        apart = place.anchor != roots[0].anchor or place.parent.resolve() in known
        if not (apart or _is_installed(place)):
            yield place


def _spec(name: str) -> ModuleSpec | None:
    """Return what Python's own finders say of a top-level module; nothing is imported.

    What this process has imported before, and the finders that let the code of another study find
    the files beside itself, must not change the answer.
    """
    for finder in sys.meta_path:
        if type(finder).__module__.partition(".")[0] == PACKAGE.name:
            continue
        try:
            spec = finder.find_spec(name, None)
        except Exception:  # whatever somebody's finder raises
            spec = None
        if spec is not None:
            return spec
    return None


def _is_installed(place: Path) -> bool:
    """Return whether a module is Python's, an installed package's or hikaku's, and no user's.

    A folder with `*.dist-info` in it is one that an installer filled, whatever its name.
    """
    return any(
        INSTALLED & set(path.parts)
        or path.is_relative_to(STANDARD)
        or path.is_relative_to(STANDARD.resolve())
        or path.is_relative_to(PACKAGE.resolve())
        or any(path.parent.glob("*.dist-info"))
        for path in (place, place.resolve())
    )


def _module(root: Path, parts: list[str], roots: Roots) -> Iterator[Path]:
    """Yield the files that importing a module runs: its packages' `__init__.py`, then its own.

    Only those under `roots`: a relative import may climb out of all, to what is no local file.
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
    """Return the name that leads from `top` to the file, for the system too."""
    if path.is_relative_to(top):
        return path.relative_to(top).as_posix()
    up = next(n for n, head in enumerate(top.parents, 1) if path.is_relative_to(head))
    key = PurePath(*[".."] * up, path.relative_to(top.parents[up - 1]))
    try:
        straight = (top / key).samefile(path)
    except OSError:
        straight = False
    # To the system, `..` of a folder that is reached by a link is the parent of what it links to.
    return (key if straight else Path(os.path.relpath(path.resolve(), top.resolve()))).as_posix()
