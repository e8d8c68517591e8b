"""What a run keeps for the report beside figures: the data set in short, examples that changed.

Only the working wing may open the data. So it keeps little pictures of a few samples, and the
report shows them from the store alone. Nothing here is a result, and nothing is made twice.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from hikaku.analysis.changed import Rows, most_changed, turned
from hikaku.data.cache import open_task
from hikaku.data.card import card
from hikaku.data.split import split, word_of
from hikaku.data.task import Task
from hikaku.errors import HikakuError
from hikaku.exhibits import Changed, Exhibits
from hikaku.present.samples import Mosaic, shown
from hikaku.present.watcher import Watcher
from hikaku.record import Results
from hikaku.run.identify import Identified
from hikaku.store.exhibits import made_of
from hikaku.store.store import Store
from hikaku.study.study import Study, Training
from hikaku.words import message

MOST_EACH = 12
"""So many examples are kept of what a variant gained, and as many of what it lost."""

MOST = 120
"""So many are kept of a whole study; of several variants there are fewer of each."""

MOST_VARIANTS = 10
"""Of so many variants; of the later ones only the counts."""

LONGEST_SIDE = 64
"""Pixels; a larger image is kept smaller."""

Tested = Callable[[int], tuple[NDArray[np.int64], str]]
"""Returns the rows that a seed tests, and the word for them."""


def exhibited(known: Identified, results: Results, kept: Store, watch: Watcher) -> Results:
    """Return the results with what their report shows beside figures, as far as it can be made.

    The trials are kept and judged before: where this fails, a note says so, and only the report
    lacks it.
    """
    assert isinstance(known.study.base, Training)
    folder = known.tasks[known.study.base.data.use]
    try:
        found = exhibit(known.study, folder, known.fingerprints, results, kept)
    except HikakuError as error:
        watch.note(message("the report has no examples: {why}", why=error.faults[0].what))
    except (OSError, ValueError) as error:
        watch.note(
            message("the report has no examples: the data cannot be read: {error}", error=error)
        )
    else:
        return replace(results, exhibits=found)
    return results


def exhibit(
    study: Study, folder: str, fingerprints: Mapping[str, str], results: Results, kept: Store
) -> Exhibits:
    """Return what the report of this study shows beside figures, and keep it in the store.

    `folder` is where the data lie decoded. Examples stay as they are for as long as they were made
    of the very same trials.
    """
    assert isinstance(study.base, Training)
    task, data = open_task(Path(folder)), study.base.data
    told, sources = card(task, data.use.name), made_of(study, results)
    before = results.exhibits
    if told == before.data and sources.keys() == before.changed.keys():
        return before

    @cache
    def tested(seed: int) -> tuple[NDArray[np.int64], str]:
        rows = split(task, data, seed).test
        return rows, word_of(rows)

    changed = {
        name: before.changed.get(name) or _changed(task, results, name, tested, most)
        for name, most in zip(sources, _shares(len(sources)), strict=True)
    }
    found = Exhibits(told, changed)
    kept.exhibit(study, fingerprints, found, sources)
    return found


def _shares(variants: int) -> Iterator[int]:
    """Yield for each variant how many examples of each kind are kept."""
    shown = min(variants, MOST_VARIANTS)
    for number in range(variants):
        yield min(MOST_EACH, MOST // (2 * shown)) if number < shown else 0


def _both(results: Results, variant: str, tested: Tested) -> Rows:
    """Return by seed the rows that it tests: where both arms' trials say that they met those."""
    found: dict[int, NDArray[np.int64]] = {}
    for seed in results.seeds:
        pair = (variant, results.base_of(variant))
        words = [results.sheet(arm, seed, "split") for arm in pair]
        if all(one is not None and str(one[2]) == tested(seed)[1] for one in words):
            found[seed] = tested(seed)[0]
    return found


def _changed(task: Task, results: Results, variant: str, tested: Tested, most: int) -> Changed:
    found = turned(results, variant, _both(results, variant, tested))
    examples = tuple(
        example
        for which in (found.gained, found.lost)
        for example in most_changed(found, which, np.asarray(task.targets), most)
    )
    return Changed(
        samples=int(found.counted.sum()),
        gained=int(found.gained.sum()),
        lost=int(found.lost.sum()),
        examples=examples,
        images=_thumbnails(task, np.array([one.row for one in examples], np.int64)),
    )


def _thumbnails(task: Task, rows: NDArray[np.int64]) -> NDArray[np.uint8]:
    """Return the rows as small images, (n, height, width) or with colours; (0,) where none."""
    # Memory-mapped files are read from front to back.
    order = np.argsort(rows)
    pictures = (one.picture for one in shown(task, rows[order])) if len(rows) else iter(())
    images = next((one.images for one in pictures if isinstance(one, Mosaic)), None)
    if images is None:
        return np.zeros(0, np.uint8)
    return np.stack([_small(image) for image in images[np.argsort(order)]])


def _small(image: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Return an image with at most LONGEST_SIDE pixels a side."""
    height, width = image.shape[:2]
    if max(height, width) <= LONGEST_SIDE:
        return image
    from PIL import Image

    shrink = LONGEST_SIDE / max(height, width)
    size = max(1, round(width * shrink)), max(1, round(height * shrink))
    small = Image.fromarray(image).resize(size, Image.Resampling.LANCZOS)
    return np.asarray(small, np.uint8)
