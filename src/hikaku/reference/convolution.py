"""Convolution and pooling, as matrix products and maxima over patches."""

from __future__ import annotations

import numpy as np

from hikaku.reference.arrays import FIRST, Array, Index
from hikaku.reference.layers import Layer
from hikaku.reference.patches import col2im, im2col, output_size


class Convolution(Layer):
    """Slide FN filters over the input (LeCun et al. 1989): W (FN, C, FH, FW), b (FN,).

    x is (N, C, H, W), y (N, FN, OH, OW). As everywhere in the field the filter is not turned
    around, so in mathematics it is a correlation.
    """

    def __init__(self, W: Array, b: Array | None = None, stride: int = 1, pad: int = 0) -> None:
        super().__init__()
        self.params = {"W": W} if b is None else {"W": W, "b": b}
        self.stride, self.pad = stride, pad
        self._shape: tuple[int, int, int, int] = (0, 0, 0, 0)
        self._col: Array | None = None

    def forward(self, x: Array) -> Array:
        """Return the filters' answers at every place."""
        self._col = self._patches(x)
        n, c, h, w = x.shape
        self._shape = n, c, h, w
        return self._answers(x.shape, self._col)

    def predict(self, x: Array) -> Array:
        """Return the filters' answers at every place."""
        return self._answers(x.shape, self._patches(x))

    def backward(self, dout: Array) -> Array:
        """Return dx, (N, C, H, W): the Affine's backward pass on patches, then `col2im`."""
        assert self._col is not None, FIRST
        W = self.params["W"]
        flat = dout.transpose(0, 2, 3, 1).reshape(-1, len(W))
        self.grads = {"W": (flat.T @ self._col).reshape(W.shape)}
        if "b" in self.params:
            self.grads["b"] = flat.sum(axis=0)
        dcol = flat @ W.reshape(len(W), -1)
        return col2im(dcol, self._shape, W.shape[2], W.shape[3], self.stride, self.pad)

    def _patches(self, x: Array) -> Array:
        _, channels, height, width = self.params["W"].shape
        if x.ndim != 4 or x.shape[1] != channels:
            raise ValueError(f"x is {x.shape}, not (N, {channels}, H, W)")
        return im2col(x, height, width, self.stride, self.pad)

    def _answers(self, shape: tuple[int, ...], col: Array) -> Array:
        W = self.params["W"]
        rows = output_size(shape[2], W.shape[2], self.stride, self.pad)
        y = col @ W.reshape(len(W), -1).T
        y = y + self.params["b"] if "b" in self.params else y
        return y.reshape(shape[0], rows, -1, len(W)).transpose(0, 3, 1, 2)


class Pooling(Layer):
    """Max-pooling (Ranzato et al. 2007): the largest number of each patch, by channel.

    x is (N, C, H, W); `stride` is the filter's height unless given. What the padding adds is −∞
    and never is the largest, so `pad` is at most half of the filter.
    """

    def __init__(self, height: int, width: int, stride: int | None = None, pad: int = 0) -> None:
        super().__init__()
        if 2 * pad > min(height, width):
            raise ValueError(f"a filter of {height} × {width} would see padding alone: pad {pad}")
        self.height, self.width, self.pad = height, width, pad
        self.stride = height if stride is None else stride
        self._shape: tuple[int, int, int, int] = (0, 0, 0, 0)
        self._best: Index | None = None

    def forward(self, x: Array) -> Array:
        """Return the maxima, (N, C, OH, OW)."""
        n, c, h, w = x.shape
        patches = self._patches(x)
        self._shape, self._best = (n, c, h, w), patches.argmax(axis=1)
        return self._placed(x.shape, patches.max(axis=1))

    def predict(self, x: Array) -> Array:
        """Return the maxima, (N, C, OH, OW)."""
        return self._placed(x.shape, self._patches(x).max(axis=1))

    def backward(self, dout: Array) -> Array:
        """Return dx: dout goes to the place of each maximum, of equal ones to the first."""
        assert self._best is not None, FIRST
        n, c, h, w = self._shape
        dcol = np.zeros((dout.size, self.height * self.width))
        dcol[np.arange(dout.size), self._best] = dout.reshape(-1)
        shape = (n * c, 1, h, w)
        dx = col2im(dcol, shape, self.height, self.width, self.stride, self.pad)
        return dx.reshape(self._shape)

    def _patches(self, x: Array) -> Array:
        """Return (N · C · OH · OW, height · width): every channel by itself."""
        n, c, h, w = x.shape
        edge = (self.pad, self.pad)
        padded = np.pad(x, ((0, 0), (0, 0), edge, edge), constant_values=-np.inf)
        planes = padded.reshape(n * c, 1, h + 2 * self.pad, w + 2 * self.pad)
        return im2col(planes, self.height, self.width, self.stride)

    def _placed(self, shape: tuple[int, ...], values: Array) -> Array:
        rows = output_size(shape[2], self.height, self.stride, self.pad)
        return values.reshape(shape[0], shape[1], rows, -1)
