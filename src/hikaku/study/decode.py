"""A study, decoded: from a TOML file or from plain tables, both on the same road.

Eats text or tables; makes a `Study`, complete and frozen, or one `StudyError` that holds every
mistake with its line, its key, what is allowed, and the name that was probably meant.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path as File
from typing import Any

from hikaku.study.arms import Base, read_base, read_variants
from hikaku.study.budget import check_number, read_budget, read_seeds
from hikaku.study.card import Positive
from hikaku.study.catalogue import HOUSE, Catalogue
from hikaku.study.claims import TRAINED, Around, moved, read_claims
from hikaku.study.data import DATA_KEYS
from hikaku.study.equal import read_equal
from hikaku.study.fill import RECIPE_KEYS
from hikaku.study.keep import read_keep
from hikaku.study.locate import Path, Places
from hikaku.study.metrics import read_metric, read_published
from hikaku.study.monitor import check_monitors
from hikaku.study.node import Mistakes, Node, root
from hikaku.study.outside import OUTSIDE_KEYS, Asked, is_outside, read_outside
from hikaku.study.overrides import OPTION, apply, parse_seeds
from hikaku.study.study import BASE, Device, Metric, Outside, Study
from hikaku.study.toml import read_toml
from hikaku.study.varied import Varied
from hikaku.study.vary import read_design
from hikaku.words import message

FORMAT = 1
KEYS = (
    "format",
    "question",
    "metric",
    "worth",
    "seeds",
    "model",
    "data",
    "recipe",
    "variant",
    "design",
    "published",
    "device",
    "keep",
    "budget",
    "resample",
    "equal",
    "claim",
    *OUTSIDE_KEYS,
)
NOT_YET = ("tune",)
"""Keys of later versions: known, and not answered as if they were typing errors."""

MOVED: Mapping[str, str] = {
    **dict.fromkeys(RECIPE_KEYS, "[recipe]"),
    **dict.fromkeys((key for key in DATA_KEYS if key not in (*KEYS, *NOT_YET)), "[data]"),
}
"""Where a key belongs that was written at the top."""

_ORDER = re.compile(r"^[0-9]+-(?=.)")


def load(
    path: str | File,
    overrides: Iterable[str] = (),
    seeds: str | int | Sequence[int] | None = None,
    *,
    name: str | None = None,
    catalogue: Catalogue = HOUSE,
) -> Study:
    """Return the study in a TOML file; its folder is where file references start.

    `overrides` are `recipe.epochs=3`; `seeds` a number, a list, or text such as "0,4,7". The
    study is named after its file, without the number that orders a gallery, unless `name` is
    given. Raises `StudyError` with all mistakes, and nothing else.
    """
    file = File(path)
    mapping, places = read_toml(file)
    folder = str(file.parent.absolute())
    return _study(
        mapping, places, (overrides, seeds), (name or _ORDER.sub("", file.stem), folder), catalogue
    )


def from_mapping(
    mapping: Mapping[str, Any],
    *,
    name: str,
    folder: str | File,
    overrides: Iterable[str] = (),
    seeds: str | int | Sequence[int] | None = None,
    catalogue: Catalogue = HOUSE,
) -> Study:
    """Return the study that plain tables describe, exactly as if they stood in a file.

    Tuples and lists are alike. Raises `StudyError` with all mistakes.
    """
    return _study(mapping, Places(), (overrides, seeds), (name, str(folder)), catalogue)


def _study(
    mapping: Mapping[str, Any],
    places: Places,
    changes: tuple[Iterable[str], str | int | Sequence[int] | None],
    identity: tuple[str, str],
    catalogue: Catalogue,
) -> Study:
    overrides, seeds = changes
    changed, paths, faults = apply(mapping, overrides)
    options: dict[Path, str] = dict.fromkeys(paths, OPTION)
    if seeds is not None:
        changed["seeds"] = parse_seeds(seeds) if isinstance(seeds, str) else seeds
        options[("seeds",)] = "--seeds"
    mistakes = Mistakes(Places(places.file, places.spots, options), faults)
    study = _decoded(root(changed, mistakes), identity, catalogue)
    mistakes.stop()
    return moved(study) if any(path[0] in TRAINED for path in paths) else study


def _decoded(node: Node, identity: tuple[str, str], catalogue: Catalogue) -> Study:
    name, folder = identity
    node.is_table((*KEYS, *NOT_YET), message("a study has no key"), MOVED)
    for key in NOT_YET:
        if node[key].written:
            node[key].fault(
                message("not yet: '{key}' comes with a later version.", key=key),
                message("leave it out"),
            )
    _check_format(node["format"])
    asked = (
        read_outside(node, folder) if is_outside(node) else _read_trained(node, catalogue, folder)
    )
    node["worth"].required()
    budget = read_budget(node["budget"], node["seeds"])
    seeds, auto = read_seeds(node["seeds"], budget)
    check_number(node["seeds"], 1 + len(asked.variants), len(seeds), budget)
    worth = node["worth"].read(Positive, 1.0)
    return Study(
        name=name,
        question=node["question"].read(str, ""),
        metric=asked.metric,
        worth=worth,
        seeds=seeds,
        auto=auto,
        counted=not isinstance(node["seeds"].value, list),
        budget=budget,
        base=asked.base,
        variants=asked.variants,
        design=asked.design,
        folder=folder,
        published=read_published(node["published"]),
        device=node["device"].read(Device, "auto"),
        keep=asked.keep,
        equal=read_equal(node),
        claims=read_claims(node["claim"], _around(asked, worth, folder)),
    )


def _around(asked: Asked, worth: float, folder: str) -> Around:
    arms = (BASE, *(arm.name for arm in asked.variants))
    outside = isinstance(asked.base, Outside)
    has_validation = isinstance(asked.base, Outside) or asked.base.data.validation != 0
    return Around(arms, asked.metric, worth, folder, outside, has_validation)


def _read_trained(node: Node, catalogue: Catalogue, folder: str) -> Asked:
    """Return the arms of a study that hikaku trains itself, how they are judged, what is kept."""
    for key in OUTSIDE_KEYS:
        if node[key].written:
            node[key].fault(
                message(
                    "'{key}' goes with 'train' or 'command', which this study has not.", key=key
                ),
                message("leave it out"),
            )
    base = read_base(node, catalogue, folder)
    metric = Metric("loss")
    if node["metric"].required():
        metric = read_metric(node["metric"], base.kind, folder)
        _check_validation(node["metric"], metric, base)
    check_monitors(base.draft, base.work.data, base.kind, metric)
    keep = read_keep(node["keep"], base.kind, base.work.data, metric)
    made, design = read_design(node["design"], Varied(base, node["model"], metric))
    variants = read_variants(node["variant"], base, metric, made)
    return Asked(base.work, variants, metric, keep, design)


def _check_format(node: Node) -> None:
    if node.required() and (
        node.value != FORMAT or not isinstance(node.value, int) or isinstance(node.value, bool)
    ):
        node.fault(
            message("this hikaku reads format {format}.", format=FORMAT),
            message("format = {format}", format=FORMAT),
        )


def _check_validation(node: Node, metric: Metric, base: Base) -> None:
    """Note a metric that needs the validation split where there is none."""
    if base.work.data.validation == 0 and "validation" in (metric.split, _judged_on(metric)):
        node.fault(
            message("this needs a validation split, and there is none."),
            message("data.validation = 0.2"),
        )


def _judged_on(metric: Metric) -> str:
    """Return the split that picks the weights; "best" are those of the best validation loss."""
    return "validation" if metric.of == "best" else metric.split
