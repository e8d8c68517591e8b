"""The files that settings of techniques name, loaded: trained models, as functions of a batch.

A file of kept weights says itself which model it holds, so that model is built again from the
file alone (and from the user's own code where it is a model of theirs). Nothing is unpickled.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import fields, is_dataclass, replace
from pathlib import Path
from typing import get_args, get_type_hints

from safetensors import safe_open
from torch import nn

from hikaku.data.prepare import Preparation
from hikaku.errors import Fault, StudyError
from hikaku.models.weights import check_head
from hikaku.study.card import NamesFile
from hikaku.study.keep import MARK
from hikaku.techniques.slots import Answering
from hikaku.training.blueprint import Blueprint, from_head
from hikaku.training.program import Program
from hikaku.training.restore import restored
from hikaku.training.sample import Sample
from hikaku.training.step import Slots
from hikaku.training.teacher import Restandardized, Teacher
from hikaku.user_code import said
from hikaku.words import Message, message

LISTED = 10
"""So many classes are said by name."""
ALONE = message("its model is built again from this file alone")
KEPT = message("name a file that a run has kept, or write one: hikaku export-model … --to hikaku")


def named(technique: object) -> dict[str, str]:
    """Return by setting the files that a technique names, from the study's folder."""
    if not is_dataclass(technique):
        return {}
    hints = get_type_hints(type(technique), include_extras=True)
    return {
        item.name: getattr(technique, item.name)
        for item in fields(technique)
        if NamesFile in get_args(hints[item.name])
    }


def with_files(program: Program, sample: Sample, prepare: Preparation, folder: str) -> Program:
    """Return the program with the models in the files that its techniques name, loaded.

    `prepare` is what its samples were prepared by, `folder` the study's. Raises `StudyError` where
    a file is damaged, holds no kept weights, or a model of other samples or classes; `StoreError`
    where the code of its model has changed.
    """
    files: dict[str, Answering] = {
        file: teacher(Path(folder, file), setting, sample, prepare, folder)
        for technique in _techniques(program.slots)
        for setting, file in named(technique).items()
    }
    return replace(program, facts=replace(program.facts, files=files)) if files else program


def teacher(path: Path, setting: str, sample: Sample, prepare: Preparation, folder: str) -> Teacher:
    """Return the model in a file of kept weights, in float32, fit for samples prepared so."""
    found = _blueprint(path, setting)
    StudyError.gather(
        Fault(message("{setting}: {what}", setting=setting, what=what), f"{path}:", why, mend)
        for what, why, mend in _misfits(found, sample, prepare)
    )
    kept = restored(path, found, folder)
    model = kept.model.float().requires_grad_(False)
    theirs = found.preparation
    if (theirs.mean, theirs.deviation) != (prepare.mean, prepare.deviation):
        model = nn.Sequential(Restandardized(prepare, theirs), model)
    return Teacher(model.eval(), kept.calling)


def _techniques(slots: Slots) -> Iterator[object]:
    for item in fields(slots):
        value = getattr(slots, item.name)
        yield from value if isinstance(value, tuple) else (value,)


def _blueprint(path: Path, setting: str) -> Blueprint:
    """Return what the file says of its model."""
    try:
        check_head(path)
        with safe_open(path, "pt") as file:
            told = json.loads((file.metadata() or {}).get(MARK, "{}"))
    except Exception as error:  # a file that is cut, or is none, fails in many ways
        raise StudyError.of(
            message(
                "{setting}: this file cannot be read: {error}", setting=setting, error=said(error)
            ),
            where=f"{path}:",
            why=ALONE,
            mend=KEPT,
        ) from error
    if not isinstance(told, dict) or not told:
        raise StudyError.of(
            message("{setting}: this file does not say which model it holds", setting=setting),
            where=f"{path}:",
            why=ALONE,
            mend=KEPT,
        )
    return from_head(told, f"{path}:")


def _misfits(
    found: Blueprint, sample: Sample, prepare: Preparation
) -> Iterator[tuple[Message, Message, Message]]:
    """Yield what, why and mend of each thing in which the model was trained on other data."""
    theirs, ours = found.classes, sample.names
    if len(theirs) != sample.classes or (ours and theirs != ours):
        yield (
            message("its model was trained on other classes"),
            message(
                "the file has {theirs}, the data have {ours}",
                theirs=_listed(theirs, len(theirs)),
                ours=_listed(ours, sample.classes),
            ),
            message("train it on data of the same classes, in the same order"),
        )
    if found.sample.shape != sample.shape:
        yield (
            message("its model was trained on samples of another shape"),
            message(
                "the file has {theirs}, the data have {ours}",
                theirs=found.sample.shape,
                ours=sample.shape,
            ),
            message("train it on data of this shape"),
        )
    elif (found.preparation.scale, found.preparation.columns) != (prepare.scale, prepare.columns):
        yield (
            message("its model was trained on other columns, or on bytes of another range"),
            message("its inputs would mean something else to it"),
            message("train it on data with these columns and this range"),
        )


def _listed(names: tuple[str, ...], count: int) -> str:
    """Return so many classes by name, as far as they are known and few."""
    more = ["…"] if len(names) > LISTED else []
    return f"{count} ({', '.join([*names[:LISTED], *more])})" if names else str(count)
