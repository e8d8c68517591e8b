"""Convolutions that are not computed yet, alone or with a norm behind: see `deferred`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch
from torch import Tensor
from torch.nn import functional as F

from hikaku.training.deferred import NO_FLOOR, Deferred, Normalised

if TYPE_CHECKING:
    from hikaku.training.kernels.autograd import Statistics


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

        x, weight, _ = self.given()
        return size_of(x, weight, self.pads)

    def given(self) -> tuple[Tensor, Tensor, Tensor | None]:
        """Return images, weight and bias."""
        x, weight, bias = self.sources
        assert x is not None
        assert weight is not None
        return x, weight, bias

    def rectified(self) -> Deferred:
        """Return ReLU of this."""
        return self.from_here(Convolved(*self.given(), self.pads, 0.0))

    def normed(
        self,
        mean: Tensor,
        variance: Tensor,
        scale: Tensor | None,
        shift: Tensor | None,
        eps: float,
    ) -> Deferred:
        """Return this normalised by given figures: a convolution too, by another weight."""
        x, weight, bias = self.given()
        with torch._C.DisableTorchFunction():
            each = torch.rsqrt(variance.double() + eps) * (1 if scale is None else scale)
            level = (0 if bias is None else bias) - mean.double()
            made = weight * each[:, None, None, None]
            added = level * each + (0 if shift is None else shift)
            made, added = (value.to(weight.dtype) for value in (made, added))
        return self.from_here(Convolved(x, made, added, self.pads, NO_FLOOR))

    def raw(self) -> Tensor:
        """Return the convolution without its history."""
        from hikaku.training.kernels.amx import autograd as amx

        self._check()
        off = torch.autocast("cpu", enabled=False)
        with torch._C.DisableTorchFunction(), torch.no_grad(), off:
            if self.by_amx(learn=False):
                return amx.convolved(*self.given(), self.pads)
            return self._alone().contiguous(memory_format=torch.channels_last)

    def observed(self, eps: float) -> tuple[Tensor | None, Statistics]:
        """Return its value, None where that is better made anew, and its statistics."""
        from hikaku.training.kernels.amx import autograd as amx
        from hikaku.training.kernels.autograd import statistics

        x, weight, bias = self.given()
        if not self.by_amx(learn=x.requires_grad and self.grads):
            z = self.raw()
            return z, statistics(z, eps)
        self._check()
        keeps = not amx.is_better_made_anew(x, weight, self.pads)
        return amx.observed(x, weight, bias, self.pads, eps, keeps=keeps)

    def by_amx(self, *, learn: bool) -> bool:
        """Return whether AMX is to compute it, whose images may `learn`."""
        from hikaku.training.kernels.amx.autograd import fits

        x, weight, _ = self.given()
        return self.amx and x.dtype == torch.bfloat16 and fits(weight, self.pads, learn=learn)

    def _alone(self) -> Tensor:
        x, weight, bias = self.given()
        z = F.conv2d(x, weight, bias, padding=self.pads)
        return z if self.floor == NO_FLOOR else torch.relu(z)

    def _pooled(self) -> Tensor:
        from hikaku.training.kernels import blocks, convolution
        from hikaku.training.kernels.amx import autograd as amx

        x, weight, bias = self.given()
        is_short = x.dtype == torch.bfloat16
        convolved = blocks.convolved if is_short else convolution.convolved
        if self.by_amx(learn=x.requires_grad and torch.is_grad_enabled()):
            convolved = amx.pooled
        return convolved(x, weight, bias, self.pads, rectifies=self.floor != NO_FLOOR)


class ConvolvedNorm(Normalised):
    """A convolution, normalised by what was seen of it; then max(…, `floor`).

    Its sources are those of the convolution, then weight and bias of the norm. The convolution's
    value is `z`, None where it is made anew.
    """

    def __init__(
        self,
        convolution: Convolved,
        z: Tensor | None,
        parameters: tuple[Tensor | None, ...],
        seen: Statistics,
        floor: float,
    ) -> None:
        Deferred.__init__(self, *convolution.sources, *parameters)
        self.convolution, self.z, self.seen, self.floor = convolution, z, seen, floor

    @property
    def shape(self) -> torch.Size:
        """The shape of the value."""
        return self.convolution.shape

    def rectified(self) -> Deferred:
        """Return ReLU of this."""
        made = ConvolvedNorm(self.convolution, self.z, self.sources[3:], self.seen, 0.0)
        return self.from_here(made)

    def _normalised(self, *, pools: bool) -> Tensor:
        from hikaku.training.kernels.amx import autograd as amx
        from hikaku.training.kernels.normed import convolved_norm

        pads, (x, weight, _) = self.convolution.pads, self.convolution.given()
        by_amx = self.convolution.by_amx(learn=x.requires_grad and torch.is_grad_enabled())
        if pools and by_amx and amx.is_even(x, weight, pads):
            return amx.convolved_norm_pool(*self.sources, self.z, self.seen, pads, self.floor)
        z = self.convolution.raw() if self.z is None else self.z
        return convolved_norm(*self.sources, z, self.seen, pads, self.floor, pools, by_amx)
