"""`Deferred`: values that are not computed yet, and how each kind is, alone and pooled."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

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
        self.amx = False
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
        made.grads, made.amx = self.grads and made.grads, self.amx
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


def _room(x: Tensor) -> tuple[int, int]:
    """Return where the memory of a tensor begins and ends; of one array several may hold parts."""
    with torch._C.DisableTorchFunction():
        storage = x.untyped_storage()
        return storage.data_ptr(), storage.data_ptr() + storage.nbytes()


def _versions(sources: tuple[Tensor | None, ...]) -> list[int]:
    with torch._C.DisableTorchFunction():
        return [source._version for source in sources if source is not None]
