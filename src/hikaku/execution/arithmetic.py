"""How numbers are computed: one rule, the same for all arms of a comparison, part of every key.

Two engines, two dtypes, or one and two threads give slightly different bits, which training
amplifies. So nothing here may ever follow from a timing, and the text of the rule stands in the
key of each trial.
"""

from __future__ import annotations

import platform
from dataclasses import dataclass, replace
from typing import Literal

from hikaku.study.recipe import Dtype

Engine = Literal["plain", "dense", "stacked", "book"]
Kernels = Literal["torch", "fused", "amx"]

THREADS = 1
BY_AMX = "by AMX"


@dataclass(frozen=True)
class Arithmetic:
    """Engine, device, dtype, threads, and whatever else may move a bit.

    `kernels` are those of convolutional networks: "fused" are ours for pooling, and for what it
    follows; with "amx", convolutions in bf16 use those units of the processor.
    `micro` is the number of samples whose gradients are computed at once, 0 for the whole batch.
    `sparse`: what multiplies the inputs leaves their zeros out.
    `width`, on a device where bits may hang on it, is the number of lanes that every stack has.
    """

    engine: Engine = "plain"
    device: str = f"cpu {platform.machine()}"
    dtype: Dtype = "fp32"
    threads: int = THREADS
    kernels: Kernels = "torch"
    micro: int = 0
    width: int = 0
    sparse: bool = False

    def __str__(self) -> str:
        """Return the text that stands in trial keys and outcomes."""
        units = f" {BY_AMX}" if self.kernels == "amx" else ""
        words = [f"{self.engine} {self.device} {self.dtype}{units}", f"{self.threads} thread"]
        joined = "convolutions channels-last, joined with pooling"
        words += [joined] if self.kernels != "torch" else []
        words += [f"gradients of {self.micro} samples at a time"] if self.micro else []
        words += [f"stacks of {self.width}"] if self.width else []
        words += ["zeros of the inputs left out"] if self.sparse else []
        return ", ".join(words)

    def twin(self, base: Arithmetic) -> Arithmetic:
        """Return this in the precision of another: its text is `study.twin.twin_arithmetic`'s."""
        if self.dtype == base.dtype:
            return self
        fused: Kernels = "amx" if base.kernels == "amx" else "fused"
        kernels = self.kernels if self.kernels == "torch" else fused
        return replace(self, dtype=base.dtype, kernels=kernels)

    @property
    def kind(self) -> str:
        """Return the kind of the device: "cpu", "cuda" or "mps"."""
        return self.device.partition(" ")[0]


@dataclass(frozen=True)
class OutsideArithmetic:
    """All that is known of the arithmetic of code that is not ours: what it gets of the machine."""

    cpus: int = 1
    gpus: int = 0

    def __str__(self) -> str:
        """Return the text that stands in trial keys and outcomes."""
        cores = f"{self.cpus} {platform.machine()} core{'s' * (self.cpus > 1)}"
        return f"outside gpu, {self.gpus} beside {cores}" if self.gpus else f"outside cpu, {cores}"
