"""The device that a process computes on: found, named, and set up to repeat its results."""

from __future__ import annotations

import platform

import torch

from hikaku.errors import EnvironmentFault
from hikaku.words import Message, message


def name_of(kind: str) -> str:
    """Return the name of this machine's device of a kind: "cpu x86_64", "cuda NVIDIA H100".

    Raises `EnvironmentFault`, with the reason, where there is none.
    """
    if kind == "cuda":
        if not torch.cuda.is_available():
            raise _absent(kind, _why_no_cuda())
        return f"cuda {torch.cuda.get_device_name(0)}"
    if kind == "mps":
        if not torch.backends.mps.is_available():
            raise _absent(kind, _why_no_mps())
        return f"mps {platform.machine()}"
    return f"cpu {platform.machine()}"


def settled(kind: str) -> torch.device:
    """Return the device, its kernels set to those that give the same bits each time."""
    if kind == "cuda":
        # Shortened numbers and whichever algorithm is fastest now would both differ between arms.
        torch.backends.cuda.matmul.allow_tf32 = False
        torch.backends.cudnn.allow_tf32 = False
        torch.backends.cudnn.benchmark = False
        torch.backends.cudnn.deterministic = True
    return torch.device(kind)


def _absent(kind: str, why: Message) -> EnvironmentFault:
    return EnvironmentFault.of(
        message('device: there is no "{kind}" here', kind=kind),
        why=why,
        mend=message('write device = "cpu", or "auto"'),
    )


def _why_no_cuda() -> Message:
    if torch.version.cuda is None:
        return message("this PyTorch ({version}) was built without CUDA", version=torch.__version__)
    return message("PyTorch finds no NVIDIA device; `nvidia-smi` lists those of the machine")


def _why_no_mps() -> Message:
    if not torch.backends.mps.is_built():
        return message("this PyTorch ({version}) was built without MPS", version=torch.__version__)
    return message("MPS needs an Apple GPU and macOS 12.3 or later")
