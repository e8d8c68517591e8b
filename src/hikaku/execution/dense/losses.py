"""The loss of every lane of a segment, its gradient, and what is read of the batch."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from hikaku.execution.dense import kernels
from hikaku.execution.dense.place import Room
from hikaku.execution.dense.segment import Segment
from hikaku.techniques.cross_entropy import CrossEntropy
from hikaku.techniques.label_smoothing import LabelSmoothing
from hikaku.techniques.slots import Moment, Tensors
from hikaku.training.stack import Start
from hikaku.training.step import own, reading


class Losses:
    """The losses of a segment's lanes; cross-entropy in one call, any other lane by lane."""

    def __init__(self, segment: Segment, starts: Sequence[Start]) -> None:
        self.segment, self.starts = segment, starts
        losses = [start.program.slots.loss for start in starts]
        self.is_cross_entropy = all(type(one) in (CrossEntropy, LabelSmoothing) for one in losses)
        self.smooth = torch.tensor(
            [float(getattr(one, "amount", 0.0)) for one in losses], dtype=segment.dtype
        )
        self.bias = segment.dense[-1].bias
        size = (segment.count, segment.dense[-1].outputs)
        self.none, self.spare = (torch.zeros(size, dtype=segment.dtype) for _ in range(2))
        self.seen = torch.empty(3, segment.count, dtype=torch.float64)
        self.penalized = any(start.program.slots.penalty for start in starts)

    def penalties(self, params: Callable[[int], Tensors]) -> Tensor:
        """Return what penalties add to the objectives that are read, (3, lanes).

        `params` gives a lane's parameters. What the penalties' gradients do is the rules' affair.
        """
        found = torch.zeros(3, self.segment.count, dtype=torch.float64)
        for lane, start in enumerate(self.starts if self.penalized else ()):
            given, facts = params(lane), start.program.facts
            for penalty in start.program.slots.penalty:
                found[0, lane] += penalty.penalty(given, {}, facts)
        return found

    def backward(
        self,
        logits: Room,
        slopes: Room,
        targets: Tensor,
        of: NDArray[np.int64],
        factor: Tensor,
        moments: Sequence[Moment],
    ) -> Tensor:
        """Write the gradient at the logits times `factor`, (lanes,), to `slopes`; return readings.

        `logits`, (lanes, rows, classes), come without their bias; `targets` are (seeds, rows, …)
        and `of` says which is whose. Read are objective, plain loss and accuracy, (3, lanes).
        """
        values, grads = self.segment.values.params, self.segment.values.grads
        bias = self.none.numpy() if self.bias is None else values[self.bias]
        dbias = self.spare.numpy() if self.bias is None else grads[self.bias]
        if self.is_cross_entropy:
            kernels.cross_entropy(
                *(logits.whole, bias, targets.numpy(), of, self.smooth.numpy()),
                *(factor.numpy(), slopes.whole, dbias, self.seen.numpy()),
            )
            return self.seen
        for lane, (start, moment) in enumerate(zip(self.starts, moments, strict=True)):
            target, loss = targets[of[lane]], start.program.slots.loss
            with torch.enable_grad():
                whole = logits.tensor[lane] + torch.from_numpy(bias)[lane]
                leaf = whole.detach().requires_grad_()
                objective = loss.loss(leaf, target, own(moment, loss))
                (found,) = torch.autograd.grad(objective, leaf)
            read = reading(objective, leaf, target, moment.facts.classes)
            slopes.tensor[lane] = found * factor[lane]
            torch.from_numpy(dbias)[lane] = slopes.tensor[lane].sum(0)
            self.seen[:, lane] = torch.stack([read.objective, read.loss, read.accuracy])
        return self.seen
