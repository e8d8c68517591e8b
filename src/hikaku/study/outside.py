"""Arms that are trained outside hikaku: by a function of the user's, or by a command.

Eats the keys `train` or `command`, `settings`, `resources` and the variants; makes `Outside`s. The
function's file is read by `ast` and never run.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Annotated

from annotated_types import Ge, Le

from hikaku.errors import StudyError
from hikaku.study.arms import (
    NO_VARIANTS,
    check_against,
    check_equal,
    folded,
    read_variant_name,
)
from hikaku.study.catalogue import is_file_reference, own_file
from hikaku.study.command import SEED, divided, filled, names_in, program
from hikaku.study.design import Design
from hikaku.study.metrics import read_reported
from hikaku.study.nearest import suggest
from hikaku.study.node import Node
from hikaku.study.own_settings import Settings, alike, setting_value
from hikaku.study.recipe import Value, shown
from hikaku.study.signature import definition
from hikaku.study.study import BASE, Arm, Keep, Metric, Outside, Resources, Work
from hikaku.study.trial import digest, plain
from hikaku.study.vary import read_design
from hikaku.words import message

NOTHING = Keep(weights="none")

OUTSIDE_KEYS = ("train", "command", "settings", "resources")
"""Keys of a study that hikaku does not train itself."""
OURS = ("model", "data", "recipe", "keep", "device", "resample", "equal")
"""Keys that say something about hikaku's own training."""
HANDED = ("settings", "seed", "report")
"""What a training function is called with, in this order."""

_SEEDED = message("as in: {command}", command="python train.py --seed {seed}")

_Count = Annotated[int, Ge(1), Le(1024)]
_Gpus = Annotated[int, Ge(0), Le(1024)]
_MEMORY = re.compile(r"([0-9]+(?:\.[0-9]+)?) ?([KMGT]i?B)")
_BYTES = {
    f"{letter}{kind}": base**power
    for power, letter in enumerate("KMGT", 1)
    for kind, base in (("B", 1000), ("iB", 1024))
}


@dataclass(frozen=True)
class Asked:
    """What a study says of its arms, how they are judged, and what is kept of them."""

    base: Work
    variants: tuple[Arm, ...]
    metric: Metric
    keep: Keep = NOTHING
    design: Design | None = None


def is_outside(study: Node) -> bool:
    """Return whether a study is one of outside arms, as far as can be told from its keys."""
    if study["train"].written or study["command"].written:
        return True
    return study["settings"].written and not study["model"].written


def read_outside(study: Node, folder: str) -> Asked:
    """Return the base, the variants and the metric; what is wrong is noted."""
    for key in OURS:
        if study[key].written:
            study[key].fault(
                message("'{key}' says how hikaku trains, and here your own code does.", key=key),
                message("put what it needs to know into [settings], or leave out train or command"),
            )
    before = len(study.mistakes)
    settings = _read_settings(study)
    base = Outside(
        train=_read_train(study["train"], folder),
        command=study["command"].read(str, ""),
        settings=tuple(settings.items()),
        resources=_read_resources(study["resources"]),
    )
    _check_one(study)
    if study["command"].written:
        _check_command(study, base, folder)
    metric = read_reported(study["metric"]) if study["metric"].required() else Metric("loss")
    ground = Settings(base, sound=len(study.mistakes) == before)
    made, design = read_design(study["design"], ground)
    return Asked(base, _read_variants(study["variant"], base, made), metric, design=design)


def _check_one(study: Node) -> None:
    if study["train"].written and study["command"].written:
        study["command"].fault(
            message("either a function trains or a command does: leave out 'train' or 'command'."),
            message("keep the one that trains"),
        )
    elif not (study["train"].written or study["command"].written):
        study["train"].fault(
            message("must be written, or 'command' instead."),
            message('train = "my_train.py:train"'),
        )


def _read_train(node: Node, folder: str) -> str:
    """Return the reference to the function in its one way of writing."""
    written = node.read(str, "", message('a function in a file, "my_train.py:train"'))
    if not written:
        return ""
    if not is_file_reference(written):
        node.fault(
            message("'{name}' names no function in a file.", name=written[:60]),
            message('train = "my_train.py:train"'),
        )
        return ""
    try:
        reference, path, name = own_file(written, folder)
        found = definition(path, name)
    except StudyError as error:
        node.mistakes.add_all(node.path, error)
        return ""
    if not _takes_three(found):
        node.fault(
            message("{name} must take three arguments: settings, seed and report.", name=name),
            message("def {name}(settings, seed, report):", name=name),
        )
    return reference


def _takes_three(function: ast.AST) -> bool:
    """Return whether a function can be called with three arguments; True where that is not told."""
    if not isinstance(function, (ast.FunctionDef, ast.AsyncFunctionDef)):
        return True
    given = function.args
    places = len(given.posonlyargs) + len(given.args)
    needed = places - len(given.defaults)
    fits = needed <= len(HANDED) and (places >= len(HANDED) or given.vararg is not None)
    return fits and all(default is not None for default in given.kw_defaults)


def _read_settings(study: Node) -> dict[str, Value]:
    node = study["settings"]
    if not node.written:
        return {}
    if not isinstance(node.value, dict):
        node.misfit(message("a table"))
        return {}
    if node[SEED].written:
        node[SEED].fault(
            message("the seed is handed over by itself; name this setting otherwise."),
            _SEEDED if study["command"].written else None,
        )
    return {name: setting_value(node[name]) for name in node.names()}


def _read_resources(node: Node) -> Resources:
    default = Resources()
    keys = ("cpus", "gpus", "memory")
    if not node.written or not node.is_table(keys, message("[resources] has no key"), {}):
        return default
    return Resources(
        cpus=node["cpus"].read(_Count, default.cpus),
        gpus=node["gpus"].read(_Gpus, default.gpus),
        memory_mib=_memory(node["memory"]),
    )


def _memory(node: Node) -> int:
    """Return "2 GiB" in MiB, at least one; 0 where nothing is written."""
    found = _MEMORY.fullmatch(node.read(str, "0 KB").strip())
    if found is None:
        node.misfit(message('an amount of memory, "2 GiB" or "500 MB"'))
        return 0
    size = float(found[1]) * _BYTES[found[2]]
    return max(1, round(size / 2**20)) if size else 0


def _check_command(study: Node, base: Outside, folder: str) -> None:
    """Note what is wrong with a command: quotes, braces, names, a seed or a program missing."""
    node, known = study["command"], dict(base.settings)
    try:
        names = [name for word in divided(base.command) for name in names_in(word)]
    except ValueError as error:
        node.fault(
            message("this command cannot be divided into words: {why}.", why=str(error)),
            message("a brace that is meant is written twice: {{ and }}"),
        )
        return
    for name in dict.fromkeys(names):
        if name not in (SEED, *known):
            what = message("there is no setting '{name}' to put here.", name=name[:60])
            node.fault(suggest(what, name, known), message("write it into [settings]"))
    if SEED not in (*names, *known):
        node.fault(
            message(
                "{place} must stand in the command: without it every seed is the same.",
                place="{seed}",
            ),
            _SEEDED,
        )
    for name in known.keys() - {*names, SEED}:
        study["settings"][name].fault(
            message("the command has no {{{name}}}: this setting would change nothing.", name=name),
            message("put {{{name}}} into the command, or take the setting out", name=name),
        )
    if not set(names) - {SEED, *known}:
        words = filled(base.command, known, 0)
        if not words or program(words[0], folder) is None:
            node.fault(
                message("there is no program '{name}'.", name=words[0][:60] if words else ""),
                message("name one that is on the PATH, or a file from the study's folder"),
            )


def _read_variants(node: Node, base: Outside, made: Iterable[Arm] = ()) -> tuple[Arm, ...]:
    if node.written and not isinstance(node.value, list):
        node.fault(*NO_VARIANTS)
    arms = {folded(arm.name): arm for arm in made}
    equals = {_met(base): BASE}
    for item in node.items():
        before = len(node.mistakes)
        name = read_variant_name(item, arms)
        work = _read_variant(item, base)
        if len(node.mistakes) == before:
            check_equal(item, name, _met(work), equals)
        arms[folded(name)] = Arm(name, work, item["against"].read(str, BASE))
    check_against(node, arms.values())
    return tuple(arms.values())


def _read_variant(node: Node, base: Outside) -> Outside:
    settings = dict(base.settings)
    place = message("{table}, as in {example}", table="settings", example="settings = { … }")
    moved = {name: place for name in settings if name != "name"}
    if not node.is_table(
        ("name", "against", "settings"), message("this variant has no key"), moved
    ):
        return base
    changed = node["settings"]
    if changed.written and changed.is_table(settings, message("base has no setting"), {}):
        settings |= {
            name: alike(setting_value(changed[name]), settings[name])
            for name in changed.names()
            if name in settings
        }
    return replace(base, settings=tuple(settings.items()))


def _met(work: Outside) -> str:
    """Return what tells two arms apart: a function meets values of a type, a command their texts.

    `==` would take true for 1, and 1 for 1.0, which differ to a function and in a fingerprint.
    """
    texts = tuple((name, shown(value)) for name, value in work.settings)
    return digest(plain(replace(work, settings=texts) if work.command else work))
