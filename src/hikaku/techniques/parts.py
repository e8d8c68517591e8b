"""Maths and layers that several techniques share, and the care that lifted settings need.

A setting of a number kind is a Python float in a lone trial and a 0-d float64 tensor in a stack.
Both must give the same numbers, and neither may change the dtype of the weights. So `like` casts
where it must, powers are written as products, and `number / tensor` as a product with the
reciprocal, which is what torch makes of it for a plain number only.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import cast

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from hikaku.models.sites import BESIDE, Site, Sites, fits
from hikaku.models.surgery import Surgery
from hikaku.techniques.slots import Draws, Facts, Tensors, Tree

Number = float | Tensor


def like(value: Number, other: Tensor) -> Number:
    """Return `value` so that arithmetic with `other` keeps `other`'s dtype.

    A 0-d float64 tensor gives way to any tensor with dimensions, but against another 0-d tensor
    (a scalar parameter, a loss) it would win and make float64 of it; so there it is cast, and so
    is a tensor that holds a number for each trial.
    """
    if isinstance(value, Tensor) and (other.dim() == 0 or value.dim() > 0):
        return value.to(other.dtype)
    return value


def scalars(tensors: Tensors, *values: Number) -> dict[torch.dtype, tuple[Number, ...]]:
    """Return `values` in each dtype among `tensors`: cast once per update, not per parameter."""
    return {
        dtype: tuple(value.to(dtype) if isinstance(value, Tensor) else value for value in values)
        for dtype in {tensor.dtype for tensor in tensors.values()}
    }


def number(value: float, beside: Tensors) -> Tensor:
    """Return a fresh 0-d float64 tensor on the device of the tensors `beside` it.

    float64, since float32 would differ from a lone trial's Python floats; MPS knows no float64.
    """
    device = next((tensor.device for tensor in beside.values()), torch.device("cpu"))
    dtype = torch.float32 if device.type == "mps" else torch.float64
    return torch.tensor(value, dtype=dtype, device=device)


def zeros(params: Tensors) -> Tree:
    """Return a zero of its own for every parameter, by name."""
    return {name: torch.zeros_like(value) for name, value in params.items()}


def owner(name: str) -> str:
    """Return the path of the module that holds the parameter `name`."""
    return name.rpartition(".")[0]


def touched(name: str, exempt: str, facts: Facts, at: tuple[str, ...] = ()) -> bool:
    """Return whether a decay or penalty acts on the parameter `name` under this policy.

    "norms-and-biases" spares what `facts.decays` leaves out; "none" spares nothing. With `at` only
    parameters of modules that fit one of its patterns are touched.
    """
    is_there = not at or fits(owner(name), at)
    return is_there and (exempt == "none" or name in facts.decays)


def outputs(activations: Tensors, at: tuple[str, ...]) -> list[Tensor]:
    """Return the activations of the sites that `at` chooses as `Sites.activations` does."""
    return [
        value
        for name, value in activations.items()
        if not at or any(fits(part, at) for part in name.split(BESIDE))
    ]


def shrunk(params: Tensors, share: Number, exempt: str, facts: Facts) -> Tensors:
    """Return w − share · w for every weight that the policy touches, the others as they are."""
    return {
        name: value * like(1 - share, value) if touched(name, exempt, facts) else value
        for name, value in params.items()
    }


def faded(before: Tensor, now: Tensor, keep: Number) -> Tensor:
    """Return the running mean keep · before + (1 − keep) · now."""
    return before * like(keep, now) + now * like(1 - keep, now)


def adam_start(params: Tensors) -> Tree:
    """Return Adam's state before the first update: both moments zero, nothing decayed yet."""
    return {
        "first": zeros(params),
        "second": zeros(params),
        "decay1": number(1.0, params),
        "decay2": number(1.0, params),
    }


def adam(
    grads: Tensors,
    state: Tree,
    params: Tensors,
    size: Number,
    betas: tuple[Number, Number],
    eps: Number,
) -> tuple[Tensors, Tree]:
    """Return parameters and state after one update of Adam with learning rate `size`.

    The order of section 2 of the paper: both bias corrections go into the step and into eps,
    α = size · √(1 − β₂ᵗ) / (1 − β₁ᵗ) and ε̂ = eps · √(1 − β₂ᵗ), which saves work per weight.
    """
    first, second = cast(Tensors, state["first"]), cast(Tensors, state["second"])
    # Products, not powers: pow of a lone number and of a stack differ in the last bit.
    decay1 = cast(Tensor, state["decay1"]) * betas[0]
    decay2 = cast(Tensor, state["decay2"]) * betas[1]
    root = (1 - decay2).sqrt()
    settings = scalars(params, 1 - betas[0], 1 - betas[1], -size * root / (1 - decay1), eps * root)
    new_params: Tensors = {}
    new_first: Tensors = {}
    new_second: Tensors = {}
    for name, value in params.items():
        share1, share2, step, shift = settings[value.dtype]
        grad = grads[name]
        mean = torch.lerp(first[name], grad, share1)
        square = torch.lerp(second[name], grad * grad, share2)
        new_params[name] = torch.addcdiv(value, mean * step, square.sqrt() + shift)
        new_first[name], new_second[name] = mean, square
    return new_params, {
        "first": dict(new_first),
        "second": dict(new_second),
        "decay1": decay1,
        "decay2": decay2,
    }


def fans(shape: tuple[int, ...]) -> tuple[int, int]:
    """Return how many inputs a unit of this weight sees and how many outputs an input feeds.

    `shape` is (out, in, …); a convolution multiplies both by the size of its receptive field.
    """
    field = math.prod(shape[2:])
    return shape[1] * field, shape[0] * field


def glorot_variance(shape: tuple[int, ...], fan: str) -> float:
    """Return Glorot's variance of a weight: 2 / (in + out), or 1 / in where `fan` is "in"."""
    inputs, outputs = fans(shape)
    return 1 / inputs if fan == "in" else 2 / (inputs + outputs)


def rotation(shape: tuple[int, ...], draws: Draws) -> Tensor:
    """Return a random orthogonal weight, float32: its flattened rows, or columns, are orthonormal.

    Every rotation is as likely as any other (Saxe et al. 2014, arXiv:1312.6120).
    """
    rows, columns = shape[0], math.prod(shape[1:])
    tall = draws.normal("init", (max(rows, columns), min(rows, columns))).double()
    q, r = torch.linalg.qr(tall)
    # QR makes the diagonal of R positive or negative as it comes; by its signs no side is favoured.
    q = q * r.diagonal().sign()
    found: Tensor = (q.T if rows < columns else q).reshape(shape)
    return found.float()


def swap_activations(
    model: Surgery, sites: Sites, at: tuple[str, ...], make: Callable[[], nn.Module], label: str
) -> None:
    """Ask for a layer of its own, by `make`, in place of every activation (those that fit `at`)."""
    for site in sites.activations(at):
        model.swap(site, make(), label)


def behind(weight: Site, sites: Sites, place: str) -> Site:
    """Return the site whose output lies "before" or "after" the activation behind `weight`."""
    following = sites.activation_after(weight) if place == "after" else None
    return following or weight


def dropped(sites: Sites, at: tuple[str, ...]) -> tuple[Site, ...]:
    """Return the weights whose inputs are dropped: those of `at`.

    By default every dense one, the head included, but the first weight, which mostly sees the data
    itself.
    """
    dense = sites.weights("linear", heads=True)
    return sites.weights(at=at) if at else tuple(one for one in dense if not sites.first(one))


class BatchNorm(nn.Module):
    """Batch normalisation of one site, whatever its rank; its state is two float buffers.

    `channels` is the size of the normalised dimension, which is the last one where `last` is
    true (a dense layer's features) and the one after the batch elsewhere. `start` is the running
    variance before the first batch.
    """

    running_mean: Tensor
    running_var: Tensor

    def __init__(
        self, channels: int, eps: float, momentum: float, start: float, affine: bool, last: bool
    ) -> None:
        super().__init__()
        self.eps, self.momentum, self.last = eps, momentum, last
        self.register_buffer("running_mean", torch.zeros(channels))
        self.register_buffer("running_var", torch.full((channels,), start))
        self.weight = nn.Parameter(torch.ones(channels)) if affine else None
        self.bias = nn.Parameter(torch.zeros(channels)) if affine else None

    def forward(self, x: Tensor) -> Tensor:
        """Return `x` normalised by its batch while training, by the running figures otherwise."""
        if self.last and x.dim() > 2:
            return self._normalised(x.movedim(-1, 1)).movedim(1, -1)
        return self._normalised(x)

    def _normalised(self, x: Tensor) -> Tensor:
        return F.batch_norm(
            x,
            self.running_mean,
            self.running_var,
            self.weight,
            self.bias,
            self.training,
            self.momentum,
            self.eps,
        )


class Ghosts(BatchNorm):
    """Batch normalisation of every ghost of `size` samples; evaluated by the running figures."""

    size = 1

    def _normalised(self, x: Tensor) -> Tensor:
        ghosts = x.tensor_split(max(1, len(x) // self.size)) if self.training else (x,)
        return torch.cat([super(Ghosts, self)._normalised(ghost) for ghost in ghosts])


PROPOSALS = 16
"""Of so many draws one is taken: that none fits happens less than once in 10²⁰."""


def gamma(draws: Draws, purpose: str, shape: float) -> Tensor:
    """Return a number of the gamma distribution of this shape, 0-d.

    Marsaglia & Tsang 2000, A Simple Method for Generating Gamma Variables: the first of several
    proposals that is accepted, so that a stack needs no loop. Below shape 1 by their own remedy.
    """
    d = (shape if shape >= 1 else shape + 1) - 1 / 3
    normal = draws.normal(f"{purpose} gamma", (PROPOSALS,))
    # A purpose of its own: under one, both kinds of number are made of the same random words.
    u = draws.uniform(f"{purpose} gamma u", (PROPOSALS,))
    v = (1 + normal / math.sqrt(9 * d)) ** 3
    bound = 0.5 * normal**2 + d - d * v + d * v.clamp(min=1e-30).log()
    accepted = (v > 0) & (u.clamp(min=1e-30).log() < bound)
    # argmax gives the first of equal ones.
    found = d * v[accepted.to(torch.uint8).argmax()]
    if shape >= 1:
        return found
    less = draws.uniform(f"{purpose} boost", ()).clamp(min=1e-30)
    return found * less ** (1 / shape)


def beta(draws: Draws, purpose: str, alpha: float) -> Tensor:
    """Return a number of Beta(alpha, alpha), 0-d, in [0, 1]."""
    one, other = (gamma(draws, f"{purpose} {side}", alpha) for side in ("one", "other"))
    return one / (one + other).clamp(min=1e-30)
