"""`python benchmarks/kernels.py`: convolutions and what follows them, by torch and by our kernels.

Prints the tables of docs/decisions/0017-kernels.md, 0025-joined-convolutions.md and 0026-amx.md for
this machine: milliseconds, and microseconds an image, of processor time on one thread, the median
of seven, by turns.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from statistics import median

import torch
from torch import Tensor
from torch.nn import functional as F

from hikaku.execution.memory import keep_memory
from hikaku.training import tiles
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


CONVOLUTIONS = {
    "3 to 32, 32 × 32": (512, 3, 32, 32, 3, 1),
    "32 to 64, 16 × 16": (512, 32, 64, 16, 3, 1),
    "64 to 128, 8 × 8": (512, 64, 128, 8, 3, 1),
    "64 to 64, 32 × 32": (64, 64, 64, 32, 3, 1),
    "128 to 128, 16 × 16": (64, 128, 128, 16, 3, 1),
    "3 to 6, 5 × 5, 32 × 32": (512, 3, 6, 32, 5, 0),
    "6 to 16, 5 × 5, 14 × 14": (512, 6, 16, 14, 5, 0),
}
"""Images, channels, kernels, the side of an image, that of a kernel, and the padding."""
KINDS = ("read", "train", "train, batch norm")


def convolving(
    kind: str, size: tuple[int, ...], dtype: torch.dtype, context: AbstractContextManager[object]
) -> float:
    """Return microseconds an image of convolution, maybe a norm, ReLU and pooling."""
    n, channels, kernels, side, width, pad = size
    x = torch.rand(n, channels, side, side).contiguous(memory_format=torch.channels_last)
    weight = torch.randn(kernels, channels, width, width) / (channels * width**2) ** 0.5
    weight = weight.contiguous(memory_format=torch.channels_last).requires_grad_()
    x.requires_grad_(kind != "read" and channels > 3)
    ones, zeros = torch.ones(kernels), torch.zeros(kernels)

    def forward() -> Tensor:
        # What is still held when the pass ends is computed: so nothing is, as in a model.
        z = F.conv2d(x, weight, zeros, padding=pad)
        if kind == KINDS[2]:
            z = F.batch_norm(z, None, None, ones, zeros, training=True)
        return F.max_pool2d(F.relu(z), 2) * 1

    def once() -> None:
        casts = torch.autocast("cpu", dtype, enabled=dtype == torch.bfloat16)
        with casts, context, torch.set_grad_enabled(kind != "read"):
            y = forward()
        if kind != "read":
            y.sum().backward()

    once()
    begin = time.process_time()
    once()
    return 1e6 * (time.process_time() - begin) / n


def main() -> None:
    """Print all tables."""
    print_pooling()
    for dtype in (torch.float32, torch.bfloat16):
        print_convolutions(dtype)


def print_convolutions(dtype: torch.dtype) -> None:
    """Print what convolutions take with what follows them, in this precision."""
    print("\n| | " + " | ".join(f"{kind}: torch | ours" for kind in KINDS) + " |")
    print("|---" * (1 + 2 * len(KINDS)) + "|")
    for name, size in CONVOLUTIONS.items():
        row = [name]
        for kind in KINDS:
            torchs: list[float] = []
            ours: list[float] = []
            for _ in range(ROUNDS):
                torchs.append(convolving(kind, size, dtype, nullcontext()))
                ours.append(convolving(kind, size, dtype, Fusing(amx=tiles.ours())))
            row += [f"{median(each):.0f}" for each in (torchs, ours)]
        print("| " + " | ".join(row) + " |", flush=True)


def print_pooling() -> None:
    """Print what follows a convolution, alone."""
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
