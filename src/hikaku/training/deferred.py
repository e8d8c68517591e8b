"""`Deferred`: values that are not computed yet, and how each kind is, alone and pooled."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor
from torch.nn import functional as F

from hikaku.errors import StudyError
from hikaku.words import message

NO_FLOOR = float("-inf")


class Deferred:
    """A value that waits: the images it is made from, and how, alone and pooled.

    The first of the `sources` has its type and its place in memory, and its shape where the value
    has no other.
    """

    def __init__(self, *sources: Tensor | None) -> None:
        self.sources = sources
        self.grads = torch.is_grad_enabled()
        self.was_taken_up = False
        self.was_seen = False
        self._versions = _versions(sources)
        self._value: Tensor | None = None

    @property
    def shape(self) -> torch.Size:
        """The shape of the value."""
        x = self.sources[0]
        assert x is not None
        return x.shape

    @property
    def waits(self) -> bool:
        """Return whether it is not computed yet."""
        return self._value is None

    def value(self) -> Tensor:
        """Return the value, with its history; computed once."""
        if self._value is None:
            with torch.set_grad_enabled(self.grads):
                self._value = self.computed()
        return self._value

    def data(self) -> Tensor:
        """Return the value without its history."""
        if self._value is not None:
            return self._value.detach()
        self.was_seen = True
        with torch.no_grad():
            return self.computed()

    def computed(self) -> Tensor:
        """Return the value, computed now."""
        self._check()
        # It is of the type that it was asked for in, whatever is asked for where it is looked at.
        with torch._C.DisableTorchFunction(), torch.autocast("cpu", enabled=False):
            return self._alone()

    def pooled(self) -> Tensor:
        """Return the largest of every 2 × 2 window of the value, which is not computed for it."""
        self._check()
        self.was_taken_up = True
        learns = self.grads and torch.is_grad_enabled()
        with torch._C.DisableTorchFunction(), torch.set_grad_enabled(learns):
            return self._pooled()

    def is_made_from(self, written: Tensor) -> bool:
        """Return whether it is made from numbers that stand where those of this tensor do."""
        begin, end = _room(written)
        rooms = [_room(source) for source in self.sources if source is not None]
        return any(first < end and begin < last for first, last in rooms)

    def from_here(self, made: Deferred) -> Deferred:
        """Return what is made of this, and learns where both do."""
        made.grads = self.grads and made.grads
        self.was_taken_up = True
        return made

    def _alone(self) -> Tensor:
        raise NotImplementedError

    def _pooled(self) -> Tensor:
        raise NotImplementedError

    def _check(self) -> None:
        if self._versions != _versions(self.sources):
            raise StudyError.of(
                message(
                    "model: what a convolution, ReLU or norm was given is overwritten by own code"
                ),
                why=message("the result was not computed yet, and nobody could see it coming"),
                mend=message(
                    "write x = x + y for x += y, or let such a function make a new tensor"
                ),
            )


class Rectified(Deferred):
    """ReLU of images."""

    def _alone(self) -> Tensor:
        (x,) = self.sources
        assert x is not None
        return torch.relu(x)

    def _pooled(self) -> Tensor:
        from hikaku.training.kernels.autograd import pooled

        (x,) = self.sources
        assert x is not None
        return pooled(x, rectifies=True)


class Convolved(Deferred):
    """Images convolved by a weight, with a bias or none; then max(z, `floor`)."""

    def __init__(
        self, x: Tensor, weight: Tensor, bias: Tensor | None, pads: tuple[int, int], floor: float
    ) -> None:
        super().__init__(x, weight, bias)
        self.pads, self.floor = pads, floor

    @property
    def shape(self) -> torch.Size:
        """The shape of the value."""
        from hikaku.training.kernels.convolution import size_of

        x, weight, _ = self.sources
        assert x is not None
        assert weight is not None
        return size_of(x, weight, self.pads)

    def rectified(self) -> Deferred:
        """Return ReLU of this."""
        x, weight, bias = self.sources
        assert x is not None
        assert weight is not None
        return self.from_here(Convolved(x, weight, bias, self.pads, 0.0))

    def normed(
        self,
        mean: Tensor,
        variance: Tensor,
        scale: Tensor | None,
        shift: Tensor | None,
        eps: float,
    ) -> Deferred:
        """Return this normalised by given figures: a convolution too, by another weight."""
        x, weight, bias = self.sources
        assert x is not None
        assert weight is not None
        with torch._C.DisableTorchFunction():
            each = torch.rsqrt(variance.double() + eps) * (1 if scale is None else scale)
            level = (0 if bias is None else bias) - mean.double()
            made = weight * each[:, None, None, None]
            added = level * each + (0 if shift is None else shift)
            made, added = (value.to(weight.dtype) for value in (made, added))
        return self.from_here(Convolved(x, made, added, self.pads, NO_FLOOR))

    def raw(self) -> Tensor:
        """Return the convolution without its history."""
        self._check()
        off = torch.autocast("cpu", enabled=False)
        with torch._C.DisableTorchFunction(), torch.no_grad(), off:
            return self._alone().contiguous(memory_format=torch.channels_last)

    def _alone(self) -> Tensor:
        x, weight, bias = self.sources
        assert x is not None
        assert weight is not None
        z = F.conv2d(x, weight, bias, padding=self.pads)
        return z if self.floor == NO_FLOOR else torch.relu(z)

    def _pooled(self) -> Tensor:
        from hikaku.training.kernels import blocks, convolution

        x, weight, bias = self.sources
        assert x is not None
        assert weight is not None
        is_short = x.dtype == torch.bfloat16
        convolved = blocks.convolved if is_short else convolution.convolved
        return convolved(x, weight, bias, self.pads, rectifies=self.floor != NO_FLOOR)


class Normalised(Deferred):
    """Images normalised by what was `seen` of their batch, then max(z, `floor`)."""

    def __init__(
        self, x: Tensor, weight: Tensor | None, bias: Tensor | None, seen: Any, floor: float
    ) -> None:
        super().__init__(x, weight, bias)
        self.seen, self.floor = seen, floor

    def rectified(self) -> Deferred:
        """Return ReLU of this."""
        x, weight, bias = self.sources
        assert x is not None
        return self.from_here(Normalised(x, weight, bias, self.seen, 0.0))

    def _alone(self) -> Tensor:
        return self._normalised(pools=False)

    def _pooled(self) -> Tensor:
        return self._normalised(pools=True)

    def _normalised(self, *, pools: bool) -> Tensor:
        from hikaku.training.kernels.autograd import normalised

        x, weight, bias = self.sources
        assert x is not None
        return normalised(x, weight, bias, self.seen, self.floor, pools=pools)


class ConvolvedNorm(Normalised):
    """Images convolved, `z`, and normalised by what was seen of those; then max(…, `floor`).

    Its sources are those of the convolution, then weight and bias of the norm.
    """

    def __init__(
        self,
        z: Tensor,
        sources: tuple[Tensor | None, ...],
        pads: tuple[int, int],
        seen: Any,
        floor: float,
    ) -> None:
        Deferred.__init__(self, *sources)
        self.z, self.pads, self.seen, self.floor = z, pads, seen, floor

    @property
    def shape(self) -> torch.Size:
        """The shape of the value."""
        return self.z.shape

    def rectified(self) -> Deferred:
        """Return ReLU of this."""
        return self.from_here(ConvolvedNorm(self.z, self.sources, self.pads, self.seen, 0.0))

    def _normalised(self, *, pools: bool) -> Tensor:
        from hikaku.training.kernels.normed import convolved_norm

        return convolved_norm(*self.sources, self.z, self.seen, self.pads, self.floor, pools)


def _room(x: Tensor) -> tuple[int, int]:
    """Return where the memory of a tensor begins and ends; of one array several may hold parts."""
    with torch._C.DisableTorchFunction():
        storage = x.untyped_storage()
        return storage.data_ptr(), storage.data_ptr() + storage.nbytes()


def _versions(sources: tuple[Tensor | None, ...]) -> list[int]:
    with torch._C.DisableTorchFunction():
        return [source._version for source in sources if source is not None]
