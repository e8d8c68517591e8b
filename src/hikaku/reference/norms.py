"""Normalisation layers: take off a mean, divide by a spread, and let scale and shift be learnt.

They differ in what the mean is taken over. Of (batch, channels, height, width):

    BatchNormalization      batch, height, width    one mean for each channel
    LayerNormalization      channels, height, width one mean for each sample
    InstanceNormalization   height, width           one mean for each sample and channel

Each computes x̂ = (x − μ) / √(σ² + ε), σ² the mean of (x − μ)², then γ x̂ + β. And each has the
same backward pass, with ḡ for the mean of g over what μ was taken over (g = dout γ):

    dx = (g − ḡ − x̂ · mean(g x̂)) / √(σ² + ε)

The second and the third term are there because μ and σ themselves depend on x.
"""

from __future__ import annotations

import numpy as np

from hikaku.reference.arrays import FIRST, Array
from hikaku.reference.layers import Layer

Axes = tuple[int, ...]


def normalised(x: Array, axes: Axes, eps: float) -> tuple[Array, Array, Array, Array]:
    """Return x̂, μ, σ² and √(σ² + ε), the last three with the axes kept."""
    mean = x.mean(axis=axes, keepdims=True)
    centred = x - mean
    variance = (centred * centred).mean(axis=axes, keepdims=True)
    spread = np.sqrt(variance + eps)
    return centred / spread, mean, variance, spread


def normalised_gradient(g: Array, xhat: Array, spread: Array, axes: Axes) -> Array:
    """Return dL/dx from g = dL/dx̂: the formula at the head of this file."""
    mean: Array = g.mean(axis=axes, keepdims=True)
    slope: Array = (g * xhat).mean(axis=axes, keepdims=True)
    return (g - mean - xhat * slope) / spread


def along(value: Array, rank: int) -> Array:
    """Return (channels,) in the shape that is added to an array of this rank along axis 1."""
    return value.reshape([-1 if at == 1 else 1 for at in range(rank)])


class BatchNormalization(Layer):
    """Normalise every channel over the batch (Ioffe & Szegedy 2015, arXiv:1502.03167).

    x is (batch, channels) or (batch, channels, height, width); γ starts at 1, β at 0. In
    evaluation the running figures stand in: each `forward` leaves `momentum` of the old ones and
    takes the rest from the batch. The book starts both at 0 and keeps the variance as it divides
    by it; `correction` 1 keeps n / (n − 1) of it, as torch does, which starts the variance at 1.
    """

    def __init__(
        self,
        gamma: Array,
        beta: Array,
        momentum: float = 0.9,
        eps: float = 1e-6,
        running_mean: Array | None = None,
        running_var: Array | None = None,
        correction: int = 0,
    ) -> None:
        super().__init__()
        self.params = {"gamma": gamma, "beta": beta}
        self.momentum, self.eps, self.correction = momentum, eps, correction
        self.running_mean = np.zeros_like(gamma) if running_mean is None else running_mean
        self.running_var = np.zeros_like(gamma) if running_var is None else running_var
        self._seen: tuple[Array, Array] | None = None

    def forward(self, x: Array) -> Array:
        """Return γ x̂ + β by the batch's own figures, and move the running ones."""
        axes = self._axes(x)
        xhat, mean, variance, spread = normalised(x, axes, self.eps)
        count = x.size // x.shape[1]
        unbiased = variance.ravel() * count / (count - self.correction)
        old, new = self.momentum, 1.0 - self.momentum
        self.running_mean = old * self.running_mean + new * mean.ravel()
        self.running_var = old * self.running_var + new * unbiased
        self._seen = xhat, spread
        return self._scaled(xhat)

    def predict(self, x: Array) -> Array:
        """Return γ x̂ + β by the running figures."""
        mean, variance = along(self.running_mean, x.ndim), along(self.running_var, x.ndim)
        return self._scaled((x - mean) / np.sqrt(variance + self.eps))

    def backward(self, dout: Array) -> Array:
        """Return dx; `grads` are dγ = Σ dout x̂ and dβ = Σ dout, over batch and places."""
        assert self._seen is not None, FIRST
        xhat, spread = self._seen
        axes = self._axes(dout)
        self.grads = {"gamma": (dout * xhat).sum(axis=axes), "beta": dout.sum(axis=axes)}
        g = dout * along(self.params["gamma"], dout.ndim)
        return normalised_gradient(g, xhat, spread, axes)

    def _scaled(self, xhat: Array) -> Array:
        gamma, beta = self.params["gamma"], self.params["beta"]
        return along(gamma, xhat.ndim) * xhat + along(beta, xhat.ndim)

    @staticmethod
    def _axes(x: Array) -> Axes:
        return (0, *range(2, x.ndim))


class LayerNormalization(Layer):
    """Normalise every sample by itself (Ba, Kiros & Hinton 2016, arXiv:1607.06450).

    γ and β have the shape of one sample, or of its last axes. Training and evaluation are alike.
    """

    def __init__(self, gamma: Array, beta: Array, eps: float = 1e-5) -> None:
        super().__init__()
        self.params = {"gamma": gamma, "beta": beta}
        self.eps = eps
        self._seen: tuple[Array, Array] | None = None

    def forward(self, x: Array) -> Array:
        """Return γ x̂ + β, each sample by its own figures."""
        xhat, _, _, spread = normalised(x, self._axes(x), self.eps)
        self._seen = xhat, spread
        return self.params["gamma"] * xhat + self.params["beta"]

    def predict(self, x: Array) -> Array:
        """Return γ x̂ + β."""
        xhat = normalised(x, self._axes(x), self.eps)[0]
        return self.params["gamma"] * xhat + self.params["beta"]

    def backward(self, dout: Array) -> Array:
        """Return dx; `grads` are dγ = Σ dout x̂ and dβ = Σ dout, over the other axes."""
        assert self._seen is not None, FIRST
        xhat, spread = self._seen
        others = tuple(range(dout.ndim - self.params["gamma"].ndim))
        self.grads = {"gamma": (dout * xhat).sum(axis=others), "beta": dout.sum(axis=others)}
        g = dout * self.params["gamma"]
        return normalised_gradient(g, xhat, spread, self._axes(dout))

    def _axes(self, x: Array) -> Axes:
        return tuple(range(x.ndim - self.params["gamma"].ndim, x.ndim))


class InstanceNormalization(Layer):
    """Normalise every channel of every sample (Ulyanov, Vedaldi & Lempitsky 2016, 1607.08022).

    x is (batch, channels, height, width), γ and β are (channels,). With a batch of one sample it
    is batch normalisation in training; unlike that it is the same in evaluation.
    """

    def __init__(self, gamma: Array, beta: Array, eps: float = 1e-5) -> None:
        super().__init__()
        self.params = {"gamma": gamma, "beta": beta}
        self.eps = eps
        self._seen: tuple[Array, Array] | None = None

    def forward(self, x: Array) -> Array:
        """Return γ x̂ + β, each plane by its own figures."""
        xhat, _, _, spread = normalised(x, (2, 3), self.eps)
        self._seen = xhat, spread
        return self._scaled(xhat)

    def predict(self, x: Array) -> Array:
        """Return γ x̂ + β."""
        return self._scaled(normalised(x, (2, 3), self.eps)[0])

    def backward(self, dout: Array) -> Array:
        """Return dx; `grads` are dγ = Σ dout x̂ and dβ = Σ dout, over batch and places."""
        assert self._seen is not None, FIRST
        xhat, spread = self._seen
        axes = (0, 2, 3)
        self.grads = {"gamma": (dout * xhat).sum(axis=axes), "beta": dout.sum(axis=axes)}
        g = dout * along(self.params["gamma"], dout.ndim)
        return normalised_gradient(g, xhat, spread, (2, 3))

    def _scaled(self, xhat: Array) -> Array:
        gamma, beta = self.params["gamma"], self.params["beta"]
        return along(gamma, xhat.ndim) * xhat + along(beta, xhat.ndim)


class LocalResponseNormalization(Layer):
    """Divide by the activity of neighbouring channels (Krizhevsky, Sutskever & Hinton 2012).

    y = x / sᵝ, s = k + α/n · Σ x² over the n channels around; at the borders fewer are summed.
    With the paper's convention α is not divided by n: use n α for its α (torch divides, as we do).
    """

    def __init__(self, n: int = 5, alpha: float = 1e-4, beta: float = 0.75, k: float = 1.0) -> None:
        super().__init__()
        self.n, self.alpha, self.beta, self.k = n, alpha, beta, k
        self._x: Array | None = None

    def forward(self, x: Array) -> Array:
        """Return x / sᵝ, (batch, channels, height, width)."""
        self._x = x
        return self.predict(x)

    def predict(self, x: Array) -> Array:
        """Return x / sᵝ."""
        return x / self._size(x) ** self.beta

    def backward(self, dout: Array) -> Array:
        """Return dout / sᵝ − 2αβ/n · x · Σ (dout x / sᵝ⁺¹) over the channels that x is near to."""
        assert self._x is not None, FIRST
        x, size = self._x, self._size(self._x)
        # Whom x is near to, seen from the other side.
        through = _summed(dout * x / size ** (self.beta + 1.0), (self.n - 1) // 2, self.n // 2)
        return dout / size**self.beta - 2.0 * self.alpha * self.beta / self.n * x * through

    def _size(self, x: Array) -> Array:
        return self.k + self.alpha / self.n * _summed(x**2, self.n // 2, (self.n - 1) // 2)


def _summed(x: Array, before: int, after: int) -> Array:
    """Return for each channel the sum over itself, so many before it and so many after it."""
    padded = np.pad(x, ((0, 0), (before, after), (0, 0), (0, 0)))
    channels = x.shape[1]
    near = [padded[:, at : at + channels] for at in range(before + after + 1)]
    total: Array = np.sum(near, axis=0)
    return total
