"""Updates recorded once and replayed: CUDA graphs, and what a recorded program must not do.

A recorded update reads and writes fixed addresses and never asks the host anything, so a replay
costs one launch instead of hundreds. Everything that changes from step to step (which samples,
rates, noise, draws) is copied into buffers before each replay; a Python number would stay that of
the recording. The order of things is that of PyTorch's notes on CUDA semantics (CUDA graphs):
warm up on a side stream, record, then replay on the current one. This module has been tested
with a simulated device alone; it has not run on a GPU yet.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol

import torch
from torch import Tensor
from torch.utils._pytree import tree_leaves, tree_map

WARM_UPS = 3
"""Runs before a recording: libraries choose their kernels and take their memory in them."""


class Capture(Protocol):
    """A device that records what it is made to do."""

    def __call__(
        self, rehearsal: Callable[[], object], program: Callable[[], list[Tensor]]
    ) -> tuple[Callable[[], None], list[Tensor]]:
        """Run `rehearsal`, record `program`; return what replays it, and where its results lie.

        What is recorded is not run. `rehearsal` computes the same and changes nothing.
        """
        ...


def cuda_graph(
    rehearsal: Callable[[], object], program: Callable[[], list[Tensor]]
) -> tuple[Callable[[], None], list[Tensor]]:
    """Record `program` as a CUDA graph on the current device: a `Capture`."""
    side = torch.cuda.Stream()  # type: ignore[no-untyped-call]  # torch leaves it untyped
    side.wait_stream(torch.cuda.current_stream())
    with torch.cuda.stream(side):
        for _ in range(WARM_UPS):
            rehearsal()
    torch.cuda.current_stream().wait_stream(side)
    graph = torch.cuda.CUDAGraph()
    # The same stream: libraries keep a handle for each, and making one cannot be recorded.
    with torch.cuda.graph(graph, stream=side):
        results = program()
    return graph.replay, results


class Captured:
    """A function of (state, fed) to (state after, results), recorded; it writes to `state`.

    `state` and `fed` are trees of tensors whose shapes never change. `state` is kept where it is
    and may be shared with other recordings; `fed` is copied. Raises what `function` raises, and
    whatever the device says of a program that cannot be recorded; `state` is untouched then.
    """

    def __init__(
        self,
        function: Callable[[Any, Any], tuple[Any, list[Tensor]]],
        state: Any,
        fed: Any,
        capture: Capture,
    ) -> None:
        self.fed = tree_map(torch.clone, fed)

        def program() -> list[Tensor]:
            after, results = function(state, self.fed)
            write(state, after)
            return results

        self.replay, self.results = capture(lambda: function(state, self.fed), program)

    def __call__(self, fed: Any) -> list[Tensor]:
        """Return a copy of the results, the state having been changed."""
        for old, new in zip(tree_leaves(self.fed), tree_leaves(fed), strict=True):
            old.copy_(new, non_blocking=True)
        self.replay()
        return [result.clone() for result in self.results]


def write(state: Any, after: Any) -> None:
    """Copy the tree `after` into the tree `state`, of which parts may stand in it elsewhere."""
    old = tree_leaves(state)
    held = {value.untyped_storage().data_ptr() for value in old}
    new = [
        value.clone() if value.untyped_storage().data_ptr() in held else value
        for value in tree_leaves(after)
    ]
    for target, value in zip(old, new, strict=True):
        target.copy_(value)
