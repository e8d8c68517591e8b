"""The files of a small catalogue of our own, and a valid study over it."""

from __future__ import annotations

TECHNIQUES = {
    "adam": ("optimizer", "optimizer", "lr: Positive = 1e-3\n    beta1: Share = 0.9"),
    "adamw": ("optimizer", "optimizer", "lr: Positive = 1e-3"),
    "sgd": ("optimizer", "optimizer", "lr: Positive = 0.01"),
    "cross_entropy": ("loss", "loss", "pass"),
    "mse": ("loss", "loss", "pass"),
    "label_smoothing": ("loss", "loss", "amount: Fraction = 0.1"),
    "constant": ("schedule", "schedule", "pass"),
    "warmup_cosine": ("schedule", "schedule", "warmup: StaticNonNegative = 5"),
    "dropout": (
        "layers",
        "noise",
        'p: Share = 0.5\n    at: Patterns = ()\n    place: Literal["before", "after"] = "before"',
    ),
    "batch_norm": (
        "layers",
        "normalisation",
        "eps: StaticPositive = 1e-5\n    affine: Flag = True",
    ),
    "relu": ("layers", "activation", "at: Patterns = ()"),
    "tanh": ("layers", "activation", "at: Patterns = ()"),
    "l2": ("penalty", "weight decay", "amount: NonNegative = 1e-4"),
    "decoupled_decay": ("project", "weight decay", "amount: NonNegative = 0.01"),
    "early_stopping": (
        "stopping",
        "stopping",
        'monitor: Word = "validation loss"\n    patience: PositiveCount = 10\n'
        '    mode: Literal["auto", "min", "max"] = "auto"\n'
        "    baseline: MaybeReal = None",
    ),
    "he_normal": ("init", "initialisation", "pass"),
}
CONFLICTS = {"decoupled_decay": '("adamw",)'}

TECHNIQUE = '''"""{name}: what it does, in a line."""

from dataclasses import dataclass

from torch import Tensor

from hikaku.study.card import *

CARD = Card(
    slot="{slot}", family="{family}", claim="It helps.", formula="x", paper="A. Author, 2001",
    year=2001, conflicts={conflicts},
)


@dataclass(frozen=True)
class Technique:
    """What it is."""

    {settings}
'''

ZOO = '''
def mlp(inputs, classes, hidden: Counts = (100, 100)) -> object:
    """Dense layers."""

def small_cnn(inputs, classes, channels: Counts = (32, 64, 128), dense: PositiveCount = 128):
    """Convolutions."""

def _helper(x):
    pass
'''

BUILTIN = """
def read(files): ...

DIGITS = Builtin(name="digits", summary="small digits", source="s", licence="CC0",
                 kind="classification", classes=10, official_test=0, scale=16.0, read=read)
MNIST = Builtin(name="mnist", summary="digits", source="s", licence="CC0", kind="classification",
                classes=10, official_test=10000, files={"a": "md5:1"}, read=read)
DIABETES = Builtin(name="diabetes", summary="patients", source="s", licence="CC0",
                   kind="regression", classes=0, official_test=0, read=read)
"""

SMALLEST = """\
format = 1
metric = "accuracy"
worth = 1
model = "mlp"
data = "digits"
[recipe]
steps = 100
optimizer = "sgd"
"""

STUDY = """\
format   = 1
question = "Which technique helps?"
metric   = "accuracy"
worth    = 0.01
seeds    = 3
model    = "small-cnn"

[data]
use = "digits"
train = 480
validation = 120

[recipe]
epochs = 60
batch_size = 32
optimizer = { use = "adam", lr = 1e-2 }
layers = [{ use = "dropout", p = 0.2 }]

[[variant]]
name = "no dropout"
remove = ["dropout"]

[[variant]]
name = "sgd"
optimizer = { use = "sgd", lr = 0.1 }
"""


def technique_source(name: str) -> str:
    """Return the text of a small technique file."""
    slot, family, settings = TECHNIQUES[name]
    return TECHNIQUE.format(
        name=name,
        slot=slot,
        family=family,
        settings=settings,
        conflicts=CONFLICTS.get(name, "()"),
    )
