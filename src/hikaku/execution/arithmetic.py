"""How numbers are computed: one rule, the same for all arms of a comparison, part of every key.

Two engines, two dtypes, or one and two threads give slightly different bits, which training
amplifies. So nothing here may ever follow from a timing, and the text of the rule stands in the
key of each trial.
"""

from __future__ import annotations

import platform
from dataclasses import dataclass

THREADS = 1


@dataclass(frozen=True)
class Arithmetic:
    """Engine, device, dtype, threads, and the memory format of convolutional networks."""

    engine: str = "plain"
    device: str = f"cpu {platform.machine()}"
    dtype: str = "fp32"
    threads: int = THREADS
    convolutions: str = "channels-last"

    def __str__(self) -> str:
        """Return the text that stands in trial keys and outcomes."""
        return (
            f"{self.engine} {self.device} {self.dtype}, {self.threads} thread, "
            f"convolutions {self.convolutions}"
        )

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
