"""Any data set, decoded once: the folder in the cache that `data.cache.open_task` opens.

Named sets and files are read here. A function of the user's is run in a worker process, like all
of the user's code, at every run: only what it returns says whether anything has changed.
"""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

from hikaku.data import builtin, cache
from hikaku.data.task import Progress
from hikaku.errors import DataError
from hikaku.execution.orders import Load
from hikaku.execution.workers import Workers, answered
from hikaku.study.catalogue import is_file_reference
from hikaku.study.data import ARRAYS
from hikaku.study.recipe import Use
from hikaku.words import message


def decoded(
    use: Use, folder: str, fetching: Progress | None = None, reading: Progress | None = None
) -> Path:
    """Return the folder of the decoded data set; files are found from `folder`.

    `fetching` hears of bytes that arrive, `reading` of samples that are decoded. Raises DataError
    where the data cannot be had or are wrong, `StudyError` where there is no such function.
    """
    if is_file_reference(use.name):
        return _loaded(use, folder)
    if use.name.startswith(ARRAYS):
        return _handed_over(use)
    if use.name in builtin.BUILTINS:
        return cache.prepare(builtin.find(use.name), fetching, reading)
    # Only who reads files of their own waits for the libraries that decode them.
    from hikaku.data import files

    path = Path(folder) / Path(use.name).expanduser()
    options = dict(use.settings)
    kind = builtin.kind(options.pop("kind", None))
    # The same file read under other options is another data set.
    origin = (kind, sorted(options.items()), files.stamps(path, options))
    return cache.once(path.stem, origin, lambda: files.read(path, kind, options, reading))


def _handed_over(use: Use) -> Path:
    folder = cache.arrays_folder(use.name.removeprefix(ARRAYS))
    if not cache.is_kept(folder):
        raise DataError.of(
            message("the arrays of this study are not in the cache any more"),
            where=f"{folder}:",
            mend=message("hand them over again: hk.Study(data=(x, y), …)"),
        )
    return folder


def _loaded(use: Use, folder: str) -> Path:
    """Return what the user's function gives, by way of a worker that ends with it."""
    with closing(Workers(1)) as pool:
        return Path(answered(pool, Load(use, folder)))
