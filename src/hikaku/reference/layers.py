"""Layers: `forward` computes and remembers, `backward` hands the gradient on.

The chain rule, once for all: with L the loss and y = f(x), dL/dx = dL/dy · dy/dx. `dout` is dL/dy,
and `backward` returns dL/dx. What a layer learns stands in `params`, by the book's names W and b,
and `backward` leaves dL/dW and dL/db in `grads` under the same names. Arrays are (batch, features)
or (batch, channels, height, width).
"""

from __future__ import annotations

import numpy as np

from hikaku.reference import functions
from hikaku.reference.arrays import FIRST, Array, Arrays
from hikaku.reference.losses import (
    cross_entropy,
    cross_entropy_gradient,
    mean_squared_error,
    mean_squared_error_gradient,
    smoothed,
)


class Layer:
    """What every layer is: a function that remembers what its gradient needs."""

    def __init__(self) -> None:
        self.params: Arrays = {}
        self.grads: Arrays = {}

    def forward(self, x: Array) -> Array:
        """Return the output in training, (batch, …), and remember what `backward` needs."""
        raise NotImplementedError

    def backward(self, dout: Array) -> Array:
        """Return dL/dx, of x's shape, from dL/dy, of y's; needs a `forward` before it."""
        raise NotImplementedError

    def predict(self, x: Array) -> Array:
        """Return the output in evaluation; remember nothing."""
        raise NotImplementedError


class Affine(Layer):
    """y = x W + b: x (batch, inputs), W (inputs, outputs), b (outputs,).

    Its backward pass is that of Rumelhart, Hinton & Williams 1986.

    dx = dout Wᵀ, dW = xᵀ dout, db = Σ dout over the batch: shapes leave no other choice.
    """

    def __init__(self, W: Array, b: Array | None = None) -> None:
        super().__init__()
        self.params = {"W": W} if b is None else {"W": W, "b": b}
        self._x: Array | None = None

    def forward(self, x: Array) -> Array:
        """Return x W + b, (batch, outputs)."""
        self._x = x
        return self.predict(x)

    def predict(self, x: Array) -> Array:
        """Return x W + b, (batch, outputs)."""
        W = self.params["W"]
        if x.shape[-1] != len(W):
            raise ValueError(f"x is {x.shape}, and W {W.shape} takes {len(W)} inputs")
        y = x @ W
        return y + self.params["b"] if "b" in self.params else y

    def backward(self, dout: Array) -> Array:
        """Return dout Wᵀ, (batch, inputs)."""
        assert self._x is not None, FIRST
        self.grads = {"W": self._x.T @ dout}
        if "b" in self.params:
            self.grads["b"] = dout.sum(axis=0)
        return dout @ self.params["W"].T


class Flatten(Layer):
    """(batch, channels, height, width) to (batch, features): it stands before the first Affine."""

    def __init__(self) -> None:
        super().__init__()
        self._shape: tuple[int, ...] = ()

    def forward(self, x: Array) -> Array:
        """Return x as (batch, features)."""
        self._shape = x.shape
        return self.predict(x)

    def predict(self, x: Array) -> Array:
        """Return x as (batch, features)."""
        return x.reshape(len(x), -1)

    def backward(self, dout: Array) -> Array:
        """Return the gradient in x's shape."""
        return dout.reshape(self._shape)


class Sigmoid(Layer):
    """y = 1 / (1 + e⁻ˣ); dx = dout · y (1 − y), so the output is all that is remembered.

    Rumelhart, Hinton & Williams 1986.
    """

    def __init__(self) -> None:
        super().__init__()
        self._y: Array | None = None

    def forward(self, x: Array) -> Array:
        """Return the sigmoid of x."""
        self._y = functions.sigmoid(x)
        return self._y

    def predict(self, x: Array) -> Array:
        """Return the sigmoid of x."""
        return functions.sigmoid(x)

    def backward(self, dout: Array) -> Array:
        """Return dout · y (1 − y): a quarter of dout at most."""
        assert self._y is not None, FIRST
        return dout * self._y * (1.0 - self._y)


class Tanh(Layer):
    """y = tanh x; dx = dout · (1 − y²). LeCun et al. 1998, Efficient BackProp."""

    def __init__(self) -> None:
        super().__init__()
        self._y: Array | None = None

    def forward(self, x: Array) -> Array:
        """Return tanh x."""
        self._y = functions.tanh(x)
        return self._y

    def predict(self, x: Array) -> Array:
        """Return tanh x."""
        return functions.tanh(x)

    def backward(self, dout: Array) -> Array:
        """Return dout · (1 − y²)."""
        assert self._y is not None, FIRST
        return dout * (1.0 - self._y**2)


class ReLU(Layer):
    """y = max(x, 0); dx = dout where x > 0, and 0 elsewhere. Nair & Hinton 2010."""

    def __init__(self) -> None:
        super().__init__()
        self._is_on: np.ndarray[tuple[int, ...], np.dtype[np.bool_]] | None = None

    def forward(self, x: Array) -> Array:
        """Return max(x, 0)."""
        self._is_on = x > 0
        return self.predict(x)

    def predict(self, x: Array) -> Array:
        """Return max(x, 0)."""
        return functions.relu(x)

    def backward(self, dout: Array) -> Array:
        """Return dout where the unit was on. (The book writes zeros into dout; we do not.)"""
        assert self._is_on is not None, FIRST
        return np.where(self._is_on, dout, 0.0)


class LeakyReLU(Layer):
    """y = x where x > 0, αx elsewhere; dx = dout or α dout alike. Maas, Hannun & Ng 2013."""

    def __init__(self, alpha: float = 0.01) -> None:
        super().__init__()
        self.alpha = alpha
        self._x: Array | None = None

    def forward(self, x: Array) -> Array:
        """Return x, or αx where x is not positive."""
        self._x = x
        return self.predict(x)

    def predict(self, x: Array) -> Array:
        """Return x, or αx where x is not positive."""
        return functions.leaky_relu(x, self.alpha)

    def backward(self, dout: Array) -> Array:
        """Return dout, or α dout where x was not positive."""
        assert self._x is not None, FIRST
        return dout * functions.leaky_relu_slope(self._x, self.alpha)


class GELU(Layer):
    """y = x Φ(x), Φ the normal distribution; dx = dout · (Φ(x) + x φ(x)).

    Hendrycks & Gimpel 2016, arXiv:1606.08415.
    """

    def __init__(self) -> None:
        super().__init__()
        self._x: Array | None = None

    def forward(self, x: Array) -> Array:
        """Return x Φ(x)."""
        self._x = x
        return self.predict(x)

    def predict(self, x: Array) -> Array:
        """Return x Φ(x)."""
        return functions.gelu(x)

    def backward(self, dout: Array) -> Array:
        """Return dout · (Φ(x) + x φ(x))."""
        assert self._x is not None, FIRST
        return dout * functions.gelu_slope(self._x)


class SoftmaxWithLoss:
    """The last layer of a classifier: softmax, and the cross-entropy of what it gives.

    Targets are shares, (batch, classes); of `smoothing` every class gets an equal part. `backward`
    is (y − t) / batch, which is why the two are one layer.
    """

    def __init__(self, smoothing: float = 0.0) -> None:
        self.smoothing = smoothing
        self._x: Array | None = None
        self._t: Array | None = None

    def forward(self, x: Array, t: Array) -> float:
        """Return the mean loss; x and t are (batch, classes)."""
        self._x, self._t = x, smoothed(t, self.smoothing) if self.smoothing else t
        return cross_entropy(x, self._t)

    def backward(self) -> Array:
        """Return dL/dx, (batch, classes)."""
        assert self._x is not None and self._t is not None, FIRST
        return cross_entropy_gradient(self._x, self._t)


class SquaredError:
    """The last layer of a regression: the mean of (x − t)² over all numbers."""

    def __init__(self) -> None:
        self._x: Array | None = None
        self._t: Array | None = None

    def forward(self, x: Array, t: Array) -> float:
        """Return the mean loss; x is (batch, outputs), t of its shape or (batch,)."""
        self._x, self._t = x, t.reshape(x.shape)
        return mean_squared_error(x, self._t)

    def backward(self) -> Array:
        """Return dL/dx, of x's shape."""
        assert self._x is not None and self._t is not None, FIRST
        return mean_squared_error_gradient(self._x, self._t)
