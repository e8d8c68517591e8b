"""Where in a model an edit can go: found by one forward pass of the unedited model.

Tutorial models call `F.relu(self.fc1(x))`, where looking for `nn.ReLU` modules sees nothing. So a
site is a *call* of a function inside a module: `F.relu`, `torch.relu`, `x.relu()` and `nn.ReLU` are
all seen alike, and a module used twice gives two sites. `watch.py` finds them.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any, Literal

import torch
from torch import Tensor
from torch.nn import functional as F

Kind = Literal["weight", "activation", "dropout"]

WEIGHT_OPS: dict[Any, str] = {
    F.linear: "linear",
    F.conv1d: "conv",
    F.conv2d: "conv",
    F.conv3d: "conv",
    F.conv_transpose1d: "conv",
    F.conv_transpose2d: "conv",
    F.conv_transpose3d: "conv",
}
ACTIVATIONS = (
    *("relu", "relu6", "sigmoid", "tanh", "leaky_relu", "prelu", "rrelu", "gelu", "elu", "selu"),
    *("celu", "silu", "mish", "hardswish", "hardsigmoid", "hardtanh", "softplus", "softsign"),
)
DROPOUTS = ("dropout", "dropout1d", "dropout2d", "dropout3d")
ALPHA_DROPOUTS = ("alpha_dropout", "feature_alpha_dropout")


def _forms(*names: str) -> dict[Any, str]:
    """Return every function of these names, in place or not, with its name as we write it."""
    return {
        getattr(home, form): name.replace("_", "-")
        for name in names
        for form in (name, f"{name}_")
        for home in (F, torch, Tensor)
        if hasattr(home, form)
    }


ACTIVATION_OPS = _forms(*ACTIVATIONS)
DROPOUT_OPS = {
    **_forms(*DROPOUTS, *ALPHA_DROPOUTS),
    torch.feature_dropout: "dropout2d",
    torch.feature_dropout_: "dropout2d",
}


BESIDE = " > "
"""Stands between the two paths in the name of what an activation gives."""
ADDITIONS = frozenset({torch.add, Tensor.add, Tensor.add_})


def classify(function: object) -> tuple[Kind, str] | None:
    """Return what kind of site a call of `function` is, and its op; None where it is none."""
    try:
        if function in WEIGHT_OPS:
            return "weight", WEIGHT_OPS[function]
        if function in ACTIVATION_OPS:
            return "activation", ACTIVATION_OPS[function]
        if function in DROPOUT_OPS:
            return "dropout", DROPOUT_OPS[function]
    except TypeError:
        return None
    return None


@dataclass(frozen=True)
class Site:
    """One call of one op: the `call`-th of its kind inside the module at `path`, per forward.

    `index` is its place in the forward pass; `inputs` and `outputs` are the shapes without their
    first dimension, the batch nearly always; `head` marks the last weight, whose output is the
    model's answer. `p` is the probability of a dropout site. A `fixed` call stays as it is: one
    without gradients, inside an `autograd.Function` or under `no_grad`, or a dropout that drops in
    evaluation too. `dtype` is that of the output.
    """

    index: int
    path: str
    kind: Kind
    call: int
    op: str
    inputs: tuple[int, ...]
    outputs: tuple[int, ...]
    head: bool = False
    p: float = 0.0
    fixed: bool = False
    dtype: torch.dtype = torch.float32

    @property
    def name(self) -> str:
        """Return the name under which edits at this site store their parameters."""
        return (self.path.replace(".", "/") or "model") + (f"#{self.call}" if self.call else "")


@dataclass(frozen=True)
class Block:
    """A residual block: the module at `path`, whose forward adds something to its input.

    Its first argument and its answer are of one `shape`, (…) without the batch.
    """

    path: str
    shape: tuple[int, ...]


@dataclass(frozen=True)
class Sites:
    """All sites of a model in the order of its forward pass, and its residual `blocks`."""

    all: tuple[Site, ...]
    blocks: tuple[Block, ...] = ()

    def residual(self, at: Iterable[str] = ()) -> tuple[Block, ...]:
        """Return the residual blocks; `at` keeps those whose path fits one of the patterns."""
        patterns = tuple(at)
        return tuple(one for one in self.blocks if not patterns or fits(one.path, patterns))

    def weights(
        self, op: str | None = None, at: Iterable[str] = (), heads: bool = False
    ) -> tuple[Site, ...]:
        """Return the dense and convolutional sites, of one `op` ("linear", "conv") or both.

        `at` keeps those whose module path fits one of the patterns (`conv*`, `features.0`); the
        head is left out unless `heads` is true or a pattern names it.
        """
        patterns = tuple(at)
        return tuple(
            site
            for site in self.all
            if site.kind == "weight"
            and not site.fixed
            and op in (None, site.op)
            and (fits(site.path, patterns) if patterns else heads or not site.head)
        )

    def activations(self, at: Iterable[str] = ()) -> tuple[Site, ...]:
        """Return the activation sites; a pattern fits the module itself or the weight before it."""
        patterns = tuple(at)
        return tuple(
            site
            for site in self.all
            if site.kind == "activation"
            and not site.fixed
            and (
                not patterns
                or fits(site.path, patterns)
                or fits(self._weight_before(site), patterns)
            )
        )

    def recorded_as(self, activation: Site) -> str:
        """Return the name of an activation's output: the weight before it, and itself."""
        own = (activation.path or "model") + (f"#{activation.call}" if activation.call else "")
        return f"{self._weight_before(activation)}{BESIDE}{own}"

    def activation_after(self, weight: Site) -> Site | None:
        """Return the activation that follows `weight` before the next weight, None if none does."""
        for site in self.all[weight.index + 1 :]:
            if site.kind == "weight":
                return None
            if site.kind == "activation" and not site.fixed:
                return site
        return None

    def first(self, weight: Site) -> bool:
        """Return whether `weight` is the first one: its input is the data itself."""
        return not any(site.kind == "weight" for site in self.all[: weight.index])

    def _weight_before(self, activation: Site) -> str:
        before = [site for site in self.all[: activation.index] if site.kind == "weight"]
        return before[-1].path if before else ""


def fits(path: str, patterns: tuple[str, ...]) -> bool:
    """Return whether a module path fits one of the shell-style patterns."""
    return any(fnmatchcase(path, pattern) for pattern in patterns)
