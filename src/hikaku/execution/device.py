"""The device that a process computes on: found, named, and set up to repeat its results."""

from __future__ import annotations

import platform

import torch

from hikaku.errors import DeviceFault, EnvironmentFault, HikakuError, StudyError
from hikaku.execution.arithmetic import Arithmetic
from hikaku.execution.job import Job
from hikaku.execution.memory_fit import is_out_of_memory
from hikaku.training import tiles
from hikaku.user_code import said
from hikaku.words import Message, message

ASSERTED = "device-side assert"
FAILED = ("CUDA error", "cuDNN error", "CUBLAS_STATUS_", "No CUDA GPUs are available")
"""What PyTorch says of a kernel that has stopped at a value, and of a device that computes no more.
"""


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


def refuse_without_amx(arithmetic: Arithmetic) -> None:
    """Raise `EnvironmentFault` where convolutions are to use AMX and this machine has none."""
    if arithmetic.kernels == "amx" and not tiles.ours():
        raise EnvironmentFault.of(
            message("bf16: this machine's processor has no AMX"),
            why=message(
                "the run was planned where there is one, and without it other bits come out"
            ),
            mend=message('let workers be machines of one kind, or write precision = "fp32"'),
        )


def explained(error: BaseException, job: Job) -> HikakuError | None:
    """Return what an exception in a job's training says of memory or device; None if nothing.

    The batch is never made smaller instead: the arms of a comparison would no longer be alike.
    A kernel that stops at a value would stop there again; a device that fails may recover.
    """
    if is_out_of_memory(error):
        batch = job.work.recipe.batch_size
        return StudyError.of(
            message("memory does not suffice for a batch of {batch}", batch=batch),
            why=message("{error}", error=said(error)),
            mend=message(
                "recipe.batch_size = {half} in every arm, or fewer --workers", half=batch // 2 or 1
            ),
        )
    if not isinstance(error, RuntimeError):
        return None
    if ASSERTED in str(error):
        return StudyError.of(
            message("a kernel refused a value on the device"),
            why=message("{error}", error=said(error)),
            mend=message(
                'device = "cpu" names the line: often a class that the model has no output for'
            ),
        )
    if str(error).startswith(FAILED):
        return DeviceFault.of(
            message("the device failed: {error}", error=said(error)),
            mend=message('`nvidia-smi` says how it is; then run again, or write device = "cpu"'),
        )
    return None


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
