"""What there is to use, as plain rows: techniques, models, data sets, studies; nothing is run."""

from __future__ import annotations

from typing import Any, get_args

from hikaku.study.card import Slot
from hikaku.study.catalogue import datasets, models, techniques
from hikaku.study.decode import load
from hikaku.study.entry import Setting
from hikaku.study.gallery import gallery
from hikaku.study.study import trained

SLOTS: tuple[str, ...] = get_args(Slot)


def technique_list() -> list[dict[str, Any]]:
    """Return name, slot, family, claim, paper and settings of each technique, in slot order."""
    found = [(entry, entry.card) for entry in techniques().values() if entry.card is not None]
    found.sort(key=lambda pair: (SLOTS.index(pair[1].slot), pair[0].name))
    return [
        {
            "name": entry.name,
            "slot": card.slot,
            "family": card.family,
            "claim": card.claim,
            "paper": card.paper,
            "settings": [setting_row(setting) for setting in entry.settings],
        }
        for entry, card in found
    ]


def model_list() -> list[dict[str, Any]]:
    """Return name, summary and settings of each model, in alphabetical order."""
    return [
        {
            "name": entry.name,
            "summary": entry.summary,
            "settings": [setting_row(setting) for setting in entry.settings],
        }
        for entry in models().values()
    ]


def dataset_list() -> list[dict[str, Any]]:
    """Return what is known of each named data set without reading it: images, then tables."""
    return [
        {
            "name": found.name,
            "kind": found.kind,
            "classes": found.classes,
            "official_test": bool(found.official_test),
            "summary": found.summary,
            "source": found.source,
            "licence": found.licence,
        }
        for found in datasets().values()
    ]


def setting_row(setting: Setting) -> dict[str, Any]:
    """Return one setting as JSON writes it."""
    default = setting.default
    return {
        "name": setting.name,
        "default": list(default) if isinstance(default, tuple) else default,
        "range": setting.allowed,
    }


def gallery_list() -> list[dict[str, Any]]:
    """Return name, question, metric, data, model and variants of each ready-made study."""
    return [
        {
            "name": name,
            "question": study.question,
            "metric": str(study.metric),
            "data": base.data.use.name,
            "model": str(base.model),
            "variants": [arm.name for arm in study.variants],
            "seeds": list(study.seeds),
        }
        for name, path in gallery().items()
        for study in (load(path),)
        for base in (trained(study.base),)
    ]
