"""Optimizers: from gradients to new weights.

`update(params, grads)` returns the new arrays, by name, and leaves the old ones alone. What an
optimizer remembers of the past it holds itself. `rate` is a schedule's factor on `lr`.
"""

from __future__ import annotations

from typing import Protocol

import numpy as np

from hikaku.reference.arrays import Array, Arrays


class Optimizer(Protocol):
    """Whoever turns gradients into new weights."""

    def update(self, params: Arrays, grads: Arrays, rate: float = 1.0) -> Arrays:
        """Return the parameters after one update."""
        ...


class SGD:
    """W ← W − lr · g (Robbins & Monro 1951)."""

    def __init__(self, lr: float = 0.01) -> None:
        self.lr = lr

    def update(self, params: Arrays, grads: Arrays, rate: float = 1.0) -> Arrays:
        """Return the parameters after one step against the gradient."""
        return {name: W - self.lr * rate * grads[name] for name, W in params.items()}


class Momentum:
    """v ← μ v + g; W ← W − lr · v (Polyak 1964): a heavy ball.

    The book has v ← μ v − lr · g; W ← W + v, which is the same as long as the rate stays.
    """

    def __init__(self, lr: float = 0.01, momentum: float = 0.9) -> None:
        self.lr, self.momentum = lr, momentum
        self.v: Arrays = {}

    def update(self, params: Arrays, grads: Arrays, rate: float = 1.0) -> Arrays:
        """Return the parameters after one step along the velocity."""
        self.v = {
            name: self.momentum * _of(self.v, name, W) + grads[name] for name, W in params.items()
        }
        return {name: W - self.lr * rate * self.v[name] for name, W in params.items()}


class Nesterov:
    """v ← μ v + g; W ← W − lr · (g + μ v): momentum that looks ahead (Sutskever et al. 2013)."""

    def __init__(self, lr: float = 0.01, momentum: float = 0.9) -> None:
        self.lr, self.momentum = lr, momentum
        self.v: Arrays = {}

    def update(self, params: Arrays, grads: Arrays, rate: float = 1.0) -> Arrays:
        """Return the parameters after one step along gradient and velocity."""
        mu = self.momentum
        self.v = {name: mu * _of(self.v, name, W) + grads[name] for name, W in params.items()}
        return {
            name: W - self.lr * rate * (grads[name] + mu * self.v[name])
            for name, W in params.items()
        }


class AdaGrad:
    """h ← h + g²; W ← W − lr · g / (√h + ε) (Duchi, Hazan & Singer 2011).

    A weight that has moved much moves less. The sum only grows, so learning dies down.
    """

    def __init__(self, lr: float = 0.01, eps: float = 1e-7, start: float = 0.0) -> None:
        self.lr, self.eps, self.start = lr, eps, start
        self.h: Arrays = {}

    def update(self, params: Arrays, grads: Arrays, rate: float = 1.0) -> Arrays:
        """Return the parameters after one step, each number by its own rate."""
        self.h = {
            name: _of(self.h, name, W, self.start) + grads[name] ** 2 for name, W in params.items()
        }
        return {
            name: W - self.lr * rate * grads[name] / (np.sqrt(self.h[name]) + self.eps)
            for name, W in params.items()
        }


class RMSProp:
    """h ← ρ h + (1 − ρ) g²; W ← W − lr · g / (√h + ε) (Tieleman & Hinton 2012).

    AdaGrad that forgets.
    """

    def __init__(self, lr: float = 0.01, decay: float = 0.99, eps: float = 1e-7) -> None:
        self.lr, self.decay, self.eps = lr, decay, eps
        self.h: Arrays = {}

    def update(self, params: Arrays, grads: Arrays, rate: float = 1.0) -> Arrays:
        """Return the parameters after one step, each number by its own rate."""
        rho = self.decay
        self.h = {
            name: rho * _of(self.h, name, W) + (1.0 - rho) * grads[name] ** 2
            for name, W in params.items()
        }
        return {
            name: W - self.lr * rate * grads[name] / (np.sqrt(self.h[name]) + self.eps)
            for name, W in params.items()
        }


class AdaDelta:
    """The step has the unit of a weight (Zeiler 2012, arXiv:1212.5701).

    h ← ρ h + (1 − ρ) g²; Δ = g · √(s + ε) / √(h + ε); s ← ρ s + (1 − ρ) Δ²; W ← W − lr · Δ.
    """

    def __init__(self, lr: float = 1.0, decay: float = 0.9, eps: float = 1e-6) -> None:
        self.lr, self.decay, self.eps = lr, decay, eps
        self.h: Arrays = {}
        self.s: Arrays = {}

    def update(self, params: Arrays, grads: Arrays, rate: float = 1.0) -> Arrays:
        """Return the parameters after one step."""
        new = {}
        for name, W in params.items():
            g, rho, eps = grads[name], self.decay, self.eps
            h = rho * _of(self.h, name, W) + (1.0 - rho) * g**2
            s = _of(self.s, name, W)
            delta = g * np.sqrt(s + eps) / np.sqrt(h + eps)
            self.h = self.h | {name: h}
            self.s = self.s | {name: rho * s + (1.0 - rho) * delta**2}
            new[name] = W - self.lr * rate * delta
        return new


class Adam:
    """Momentum and RMSProp, both freed of their start at 0 (Kingma & Ba 2015, arXiv:1412.6980).

    m ← β₁ m + (1 − β₁) g; v ← β₂ v + (1 − β₂) g²; m̂ = m / (1 − β₁ᵗ); v̂ = v / (1 − β₂ᵗ);
    W ← W − lr · m̂ / (√v̂ + ε).
    """

    def __init__(
        self, lr: float = 0.001, beta1: float = 0.9, beta2: float = 0.999, eps: float = 1e-8
    ) -> None:
        self.lr, self.beta1, self.beta2, self.eps = lr, beta1, beta2, eps
        self.t = 0
        self.m: Arrays = {}
        self.v: Arrays = {}

    def update(self, params: Arrays, grads: Arrays, rate: float = 1.0) -> Arrays:
        """Return the parameters after one step."""
        one, two = self.beta1, self.beta2
        self.t += 1
        self.m = {n: one * _of(self.m, n, W) + (1.0 - one) * grads[n] for n, W in params.items()}
        self.v = {
            n: two * _of(self.v, n, W) + (1.0 - two) * grads[n] ** 2 for n, W in params.items()
        }
        # The first steps have seen few gradients; without this they would be too small.
        m = {name: value / (1.0 - one**self.t) for name, value in self.m.items()}
        v = {name: value / (1.0 - two**self.t) for name, value in self.v.items()}
        return {
            name: W - self.lr * rate * m[name] / (np.sqrt(v[name]) + self.eps)
            for name, W in params.items()
        }


class AdamW(Adam):
    """Adam whose decay is no gradient (Loshchilov & Hutter 2019, arXiv:1711.05101).

    First W ← (1 − lr · weight_decay) W for the names in `decays` (None: all), then Adam's step.
    """

    def __init__(
        self,
        lr: float = 0.001,
        beta1: float = 0.9,
        beta2: float = 0.999,
        eps: float = 1e-8,
        weight_decay: float = 0.01,
        decays: frozenset[str] | None = None,
    ) -> None:
        super().__init__(lr, beta1, beta2, eps)
        self.weight_decay, self.decays = weight_decay, decays

    def update(self, params: Arrays, grads: Arrays, rate: float = 1.0) -> Arrays:
        """Return the parameters after the decay and one step."""
        return super().update(
            decayed(params, self.lr * rate * self.weight_decay, self.decays), grads, rate
        )


def decayed(params: Arrays, share: float, decays: frozenset[str] | None = None) -> Arrays:
    """Return the parameters, those in `decays` (None: all) smaller by this share of themselves."""
    return {
        name: (1.0 - share) * W if decays is None or name in decays else W
        for name, W in params.items()
    }


def clipped(grads: Arrays, limit: float = 1.0) -> Arrays:
    """Return the gradients, all together at most `limit` long (Pascanu et al. 2013).

    g · min(1, limit / (‖g‖ + 1e-6)), ‖g‖ over all arrays together.
    """
    norm = np.sqrt(sum(float(np.sum(g**2)) for g in grads.values()))
    factor = min(1.0, limit / (norm + 1e-6))
    return {name: g * factor for name, g in grads.items()}


def cut(grads: Arrays, limit: float = 1.0) -> Arrays:
    """Return the gradients, every number cut at ±limit."""
    return {name: np.clip(g, -limit, limit) for name, g in grads.items()}


def _of(held: Arrays, name: str, like: Array, start: float = 0.0) -> Array:
    """Return what is remembered under a name; before the first update that is `start`."""
    return held[name] if name in held else np.full_like(like, start)
