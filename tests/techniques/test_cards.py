"""Every technique can be read without being run: its card, its settings, their ranges."""

from __future__ import annotations

import ast
from dataclasses import fields
from functools import cache
from pathlib import Path
from typing import Any

import pytest

import hikaku.techniques
from hikaku.study import card
from hikaku.techniques import registry

FOLDER = Path(hikaku.techniques.__path__[0])
NAMES = sorted(
    path.stem.replace("_", "-")
    for path in FOLDER.glob("*.py")
    if path.stem not in ("__init__", *registry.NOT_TECHNIQUES)
)
METHODS = {
    "init": ["fill"],
    "layers": ["edit"],
    "loss": ["loss"],
    "penalty": ["penalty"],
    "clip": ["clip"],
    "augment": ["change"],
    "gradient": ["gradient"],
    "averaging": ["init", "fold", "finish"],
    "schedule": ["rate"],
    "optimizer": ["init", "update"],
    "project": ["project"],
    "stopping": ["init", "fold", "finish"],
}
WHOLE = {
    "init": {
        "he-normal", "he-uniform", "lsuv", "normal", "orthogonal", "trunc-normal", "uniform",
        "xavier-normal", "xavier-uniform", "zeros",
    },
    "layers": {
        "alpha-dropout", "batch-norm", "drop-block", "dropconnect", "dropout", "elu",
        "gaussian-noise", "gelu", "ghost-batch-norm", "group-norm", "hardswish",
        "instance-norm", "layer-norm", "leaky-relu", "local-response-norm", "mish", "prelu",
        "relu", "rms-norm", "selu", "sigmoid", "silu", "spatial-dropout", "stochastic-depth",
        "tanh", "weight-standardisation",
    },
    "augment": {
        "augmix", "colour-jitter", "crop", "cutmix", "cutout", "flip", "mixup",
        "progressive-resizing", "randaugment", "random-erasing", "shift", "trivial-augment",
    },
    "loss": {
        "class-balanced", "confidence-penalty", "cross-entropy", "distillation", "focal",
        "huber", "label-smoothing", "mae", "mse", "poly",
    },
    "penalty": {
        "activation-elastic-net", "activation-l1", "activation-l2", "elastic-net", "l1", "l2",
        "orthogonality",
    },
    "gradient": {
        "sam",
    },
    "clip": {
        "adaptive-clipping", "clip-norm", "clip-value", "gradient-centralisation",
    },
    "schedule": {
        "constant", "cosine", "cosine-restarts", "exponential", "linear-to-zero", "one-cycle",
        "reduce-on-plateau", "step", "warmup-cosine", "warmup-stable-decay",
    },
    "optimizer": {
        "adadelta", "adagrad", "adam", "adamw", "lamb", "lion", "momentum", "muon", "nadam",
        "nesterov", "radam", "rmsprop", "sgd", "torch-optimizer",
    },
    "project": {
        "decoupled-decay", "max-norm", "proximal-l1",
    },
    "averaging": {
        "ema", "lookahead", "swa",
    },
    "stopping": {
        "early-stopping",
    },
}  # fmt: skip
every_technique = pytest.mark.parametrize("name", NAMES)


def source(name: str) -> ast.Module:
    return ast.parse((FOLDER / f"{name.replace('-', '_')}.py").read_text(encoding="utf-8"))


def literal_card(name: str) -> dict[str, Any]:
    """Return the arguments of the one call `CARD = Card(…)`, read as literals."""
    (call,) = (
        node.value
        for node in source(name).body
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "CARD"
    )
    assert isinstance(call, ast.Call) and ast.unparse(call.func) == "Card" and not call.args
    return {str(item.arg): ast.literal_eval(item.value) for item in call.keywords}


def test_the_catalogue_is_whole() -> None:
    """It holds what it is to hold, by slot."""
    slots: dict[str, set[str]] = {}
    for name in NAMES:
        slots.setdefault(literal_card(name)["slot"], set()).add(name)
    assert slots == WHOLE


@every_technique
def test_the_card_is_a_literal_and_says_everything(name: str) -> None:
    found = literal_card(name)
    assert (
        card.Card(**found)
        == __import__(f"hikaku.techniques.{name.replace('-', '_')}", fromlist=["CARD"]).CARD
    )
    wanted = ("claim", "formula", "paper", "family", "helps", "hurts", "cost", "pitfalls")
    assert all(found[key].strip() for key in wanted)
    assert str(found["year"]) in found["paper"]


@every_technique
def test_a_technique_has_the_methods_of_its_slot(name: str) -> None:
    technique = registry.find(name)
    slot = literal_card(name)["slot"]
    assert [key for key in vars(technique) if key in METHODS[slot]] == METHODS[slot]
    assert slot != "optimizer" or "lr" in {field.name for field in fields(technique)}


@every_technique
def test_settings_are_literals_of_a_kind_with_a_range(name: str) -> None:
    (found,) = (
        node
        for node in source(name).body
        if isinstance(node, ast.ClassDef) and not node.name.startswith("_")
    )
    settings = [node for node in found.body if isinstance(node, ast.AnnAssign)]
    for setting in settings:
        kind = ast.unparse(setting.annotation)
        assert kind.startswith("Literal[") or kind in vars(card), kind
        assert setting.value is not None
        ast.literal_eval(setting.value)
    technique = registry.find(name)
    assert technique.__dataclass_params__.frozen
    assert [ast.unparse(setting.target) for setting in settings] == [
        field.name for field in fields(technique)
    ]
    assert technique() == technique()


@every_technique
def test_the_off_setting_is_one_of_its_settings(name: str) -> None:
    off = literal_card(name).get("off", {})
    registry.find(name)(**off)


@every_technique
@pytest.mark.fault("C11")
def test_conflicts_name_techniques_and_both_sides_say_so(name: str) -> None:
    for other in literal_card(name).get("conflicts", ()):
        assert name in literal_card(other)["conflicts"]


@every_technique
def test_every_file_teaches(name: str) -> None:
    tree = source(name)
    assert len((ast.get_docstring(tree) or "").split()) > 25


@cache
def imported() -> frozenset[str | None]:
    """Return what the tests import from."""
    return frozenset(
        node.module
        for path in Path(__file__).parent.parent.rglob("test_*.py")
        for node in ast.parse(path.read_text(encoding="utf-8")).body
        if isinstance(node, ast.ImportFrom)
    )


@every_technique
def test_it_has_a_twin_or_is_compared_with_something_independent(name: str) -> None:
    tested = imported()
    twin = literal_card(name).get("twin", "")
    assert twin or f"hikaku.techniques.{name.replace('-', '_')}" in tested
