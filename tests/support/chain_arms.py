"""Arms for engines of chains of dense layers: each technique by itself, and some together."""

from collections.abc import Collection, Mapping, Sequence

from stacks import CNN, MLP, RESIDUAL
from tiny import use

from hikaku.study.catalogue import techniques
from hikaku.study.recipe import LIST_SLOTS, Use

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
    "adaptive-clipping": ({"limit": 0.01}, {"limit": 10.0}),
    "clip-value": ({"limit": 0.01},),
    "elastic-net": ({"first": 0.01, "second": 0.02}, {"first": 0.01, "exempt": "none"}),
    "l1": ({"amount": 0.01}, {"amount": 0.01, "exempt": "none"}),
    "max-norm": ({"limit": 0.5},),
    "proximal-l1": ({"amount": 0.05},),
    "reduce-on-plateau": ({"patience": 1, "threshold": 0.5},),
    "sgd": ({"lr": 0.1}, {"lr": 0.01}),
    "warmup-cosine": ({}, {"warmup": 3.0}),
}
"""Settings of the techniques that have any worth trying; all others are tried as they are."""

ON_IMAGES = frozenset({
    "augmix", "colour-jitter", "crop", "cutmix", "cutout", "drop-block", "flip", "instance-norm",
    "local-response-norm", "progressive-resizing", "randaugment", "random-erasing", "shift",
    "spatial-dropout", "trivial-augment", "weight-standardisation",
})  # fmt: skip
"""Techniques that have nothing to act on in a chain of dense layers."""

ON_BLOCKS = frozenset({"stochastic-depth"})
"""Techniques of residual blocks."""

ALONE = frozenset({"torch-optimizer"})
"""Techniques that no stack of lifted trials can hold."""

AVERAGED, CHANGED = "the averaging slot is filled", "the augment slot is filled"
READ = "a penalty reads activations"
REFUSED: Mapping[str, str] = {
    "activation-elastic-net": READ,
    "activation-l1": READ,
    "activation-l2": READ,
    "alpha-dropout": "__rsub__ takes what the call before it did not give",
    "distillation": "Distillation asks another model",
    "dropconnect": "ge takes what the call before it did not give",
    "ema": AVERAGED,
    "gaussian-noise": "to takes what the call before it did not give",
    "ghost-batch-norm": "it calls tensor_split",
    "group-norm": "it calls mean",
    "layer-norm": "it calls layer_norm",
    "lookahead": AVERAGED,
    "mixup": CHANGED,
    "prelu": "it calls prelu",
    "rms-norm": "it calls rms_norm",
    "sam": "the gradient slot is filled",
    "swa": AVERAGED,
}
"""Techniques of the catalogue that the engine for chains does not take, and why."""


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


def model_for(name: str) -> Use:
    """Return a small model in which a technique finds its place."""
    if name in ON_BLOCKS:
        return RESIDUAL
    return CNN if name in ON_IMAGES else MLP


def on_chains() -> list[str]:
    """Return the names of the techniques that the engine for chains takes."""
    return sorted(techniques().keys() - ON_IMAGES - ON_BLOCKS - REFUSED.keys())


def every_arm(names: Collection[str] | None = None) -> dict[str, dict[str, object]]:
    """Each technique that the engine for chains takes, or of these, by its settings."""
    found = {}
    for name in on_chains() if names is None else names:
        for number, settings in enumerate(SETTINGS.get(name, ({},))):
            found[f"{name} {number}"] = in_slots(name, **settings)
    return found
