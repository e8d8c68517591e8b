"""`python benchmarks/kernels.py`: what follows a convolution, forward and gradient, by both.

Prints the table of docs/decisions/0017-kernels.md for this machine: milliseconds of processor time
on one thread, the median of seven, by turns.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from statistics import median

import torch
from torch import Tensor
from torch.nn import functional as F

from hikaku.execution.memory import keep_memory
from hikaku.training.fused import Fusing

SHAPE = (1024, 32, 32, 32)
ROUNDS = 7


def relu_pool(x: Tensor) -> Tensor:
    """ReLU and 2 x 2 max-pooling."""
    return F.max_pool2d(F.relu(x), 2)


def normed(x: Tensor) -> Tensor:
    """Batch norm by the batch's own figures."""
    ones, zeros = torch.ones(SHAPE[1]), torch.zeros(SHAPE[1])
    return F.batch_norm(x, zeros.clone(), ones.clone(), ones, zeros, training=True)


WHAT: dict[str, Callable[[Tensor], Tensor]] = {
    "ReLU + pool": relu_pool,
    "batch norm + ReLU + pool": lambda x: relu_pool(normed(x)),
    "batch norm + ReLU": lambda x: F.relu(normed(x)),
    "batch norm": normed,
}


def milliseconds(function: Callable[[Tensor], Tensor], x: Tensor, *, fused: bool) -> float:
    """Return the processor time of one forward pass and its gradient."""
    leaf = x.detach().requires_grad_()
    begin = time.process_time()
    if fused:
        with Fusing():
            out = function(leaf) * 1
    else:
        out = function(leaf) * 1
    out.sum().backward()
    return 1000 * (time.process_time() - begin)


def main() -> None:
    """Print the table."""
    torch.set_num_threads(1)
    keep_memory()
    print("| | torch fp32 | ours | torch bf16 | ours |\n|---|---|---|---|---|")
    for name, function in WHAT.items():
        cells = []
        for dtype in (torch.float32, torch.bfloat16):
            x = torch.randn(SHAPE).to(dtype).to(memory_format=torch.channels_last)
            seen: dict[bool, list[float]] = {False: [], True: []}
            for _ in range(ROUNDS + 1):
                for fused, times in seen.items():
                    times.append(milliseconds(function, x, fused=fused))
            cells += [f"{median(times[1:]):.0f}" for times in seen.values()]
        print(f"| {name} | {' | '.join(cells)} |")


if __name__ == "__main__":
    main()
