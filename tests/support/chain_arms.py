"""Arms for engines of chains of dense layers: each technique by itself, and some together."""

from collections.abc import Collection, Sequence

from tiny import use

from hikaku.study.catalogue import techniques
from hikaku.study.recipe import LIST_SLOTS

SETTINGS: dict[str, Sequence[dict[str, object]]] = {
    "adam": ({"lr": 0.01}, {"lr": 0.003, "beta1": 0.5, "eps": 1e-3}),
    "adamw": ({"lr": 0.01, "weight_decay": 0.1}, {"lr": 0.01, "exempt": "none"}),
    "batch-norm": ({}, {"place": "after"}, {"affine": False}, {"momentum": 0.5, "eps": 1e-3}),
    "clip-norm": ({"limit": 0.1}, {"limit": 100.0}),
    "decoupled-decay": ({"amount": 0.1}, {"amount": 0.1, "exempt": "none"}),
    "dropout": ({"p": 0.3}, {"p": 0.0}, {"p": 0.5, "place": "after"}),
    "early-stopping": ({"patience": 1}, {"patience": 2, "restore": False}),
    "l2": ({"amount": 0.01}, {"amount": 0.01, "exempt": "none"}, {"amount": 0.0}),
    "label-smoothing": ({"amount": 0.1}, {"amount": 0.4}),
    "leaky-relu": ({"slope": 0.1}, {"slope": 0.0}),
    "momentum": ({"lr": 0.05}, {"lr": 0.01, "momentum": 0.5}),
    "sgd": ({"lr": 0.1}, {"lr": 0.01}),
    "warmup-cosine": ({}, {"warmup": 3.0}),
}
"""Settings of the techniques that have any worth trying; all others are tried as they are."""


def in_slots(name: str, **settings: object) -> dict[str, object]:
    asked, slot = use(name, **settings), techniques()[name].card.slot  # type: ignore[arg-type]  # any settings
    return {slot: (asked,) if slot in LIST_SLOTS else asked}


COMBINED: dict[str, dict[str, object]] = {
    "momentum, L2, decoupled decay": {
        "optimizer": use("momentum", lr=0.05),
        "penalty": (use("l2", amount=0.01),),
        "project": (use("decoupled-decay", amount=0.1),),
    },
    "SGD, L2, decoupled decay": {
        "penalty": (use("l2", amount=0.01),),
        "project": (use("decoupled-decay", amount=0.1),),
    },
    "Adam, L2 of all": {
        "optimizer": use("adam"),
        "penalty": (use("l2", amount=0.01, exempt="none"),),
    },
    "Adam, two L2": {
        "optimizer": use("adam", lr=0.01),
        "penalty": (use("l2", amount=0.01), use("l2", amount=0.02, exempt="none")),
    },
    "Adam, decoupled decay": {
        "optimizer": use("adam", lr=0.01),
        "project": (use("decoupled-decay", amount=0.1),),
    },
    "Adam, clip": {"optimizer": use("adam", lr=0.01), "clip": (use("clip-norm", limit=0.1),)},
    "norm before, dropout": {"layers": (use("batch-norm"), use("dropout", p=0.3))},
    "norm after, dropout": {"layers": (use("batch-norm", place="after"), use("dropout", p=0.3))},
    "norm, dropout after, tanh": {
        "layers": (use("tanh"), use("batch-norm"), use("dropout", p=0.3, place="after")),
    },
    "norm under momentum": {
        "layers": (use("batch-norm"),),
        "optimizer": use("momentum", lr=0.05),
        "penalty": (use("l2", amount=0.01),),
    },
    "smoothing, warm-up, restore": {
        "loss": use("label-smoothing"),
        "schedule": use("warmup-cosine", warmup=2.0),
        "stopping": use("early-stopping", patience=1),
        "optimizer": use("adam", lr=0.05),
    },
    "squares of shares": {"loss": use("mse"), "optimizer": use("momentum", lr=0.05)},
}


def every_arm(without: Collection[str] = ()) -> dict[str, dict[str, object]]:
    """Each technique of the catalogue in its slot, with several settings."""
    found = {}
    for name in sorted(techniques().keys() - set(without)):
        for number, settings in enumerate(SETTINGS.get(name, ({},))):
            found[f"{name} {number}"] = in_slots(name, **settings)
    return found
