"""The one place that sets the global generators of torch, NumPy and Python, and puts them back.

A user's module draws its first weights in its constructor, from the global generator. So a model
is built under a forked, seeded generator: every arm of one seed starts from the same weights, and
nothing outside notices.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
import torch

from hikaku.draws import Draws
from hikaku.techniques.slots import Tensors


@contextmanager
def outside_random(seed: int) -> Iterator[None]:
    """Seed the global generators with `seed`, 0 to 2³² − 1, and restore them at the end."""
    python, numpy = random.getstate(), np.random.get_state()  # noqa: NPY002 - users' code draws from it
    with torch.random.fork_rng(devices=_cuda_devices()):
        random.seed(seed)
        np.random.seed(seed)  # noqa: NPY002 - users' code draws from it
        torch.default_generator.manual_seed(seed)
        if _cuda_devices():
            torch.cuda.manual_seed_all(seed)
        try:
            yield
        finally:
            random.setstate(python)
            np.random.set_state(numpy)  # noqa: NPY002 - users' code draws from it


def outside_seed(seed: int, purpose: str, *step: int) -> int:
    """Return the seed that the global generators get for this purpose in the trial `seed`."""
    return int(Draws(seed).stream(purpose, *step).integers(2**32))


def generators() -> int:
    """Return a number that changes as soon as anybody draws from a global generator."""
    numpy: Any = np.random.get_state()  # noqa: NPY002 - users' code draws from it
    _, words, *place = numpy
    states = [torch.get_rng_state(), *map(torch.cuda.get_rng_state, _cuda_devices())]
    drawn = (bytes(words), *place, *(bytes(state.numpy()) for state in states))
    return hash((random.getstate(), drawn))


def generator_states() -> Tensors:
    """Return the states of the global generators, as tensors that a file can hold."""
    numpy: Any = np.random.get_state()  # noqa: NPY002 - users' code draws from it
    _, words, place, has_second, second = numpy
    version, python, gauss = random.getstate()
    found = {
        "numpy": torch.tensor([*words.tolist(), place, has_second]),
        "numpy second": torch.tensor(second, dtype=torch.float64),
        "python": torch.tensor([version, *python]),
        "torch": torch.get_rng_state(),
    }
    if gauss is not None:
        found["python gauss"] = torch.tensor(gauss, dtype=torch.float64)
    cuda = {f"cuda {number}": torch.cuda.get_rng_state(number) for number in _cuda_devices()}
    return {**found, **cuda}


def set_generators(states: Tensors) -> None:
    """Set the global generators as they were; only inside `outside_random`, which restores them."""
    *words, place, has_second = states["numpy"].tolist()
    second = float(states["numpy second"])
    keys = np.array(words, dtype=np.uint32)
    np.random.set_state(("MT19937", keys, place, has_second, second))  # noqa: NPY002 - users' code draws from it
    version, *python = states["python"].tolist()
    gauss = states.get("python gauss")
    random.setstate((version, tuple(python), None if gauss is None else float(gauss)))
    torch.set_rng_state(states["torch"])
    for number in _cuda_devices():
        torch.cuda.set_rng_state(states[f"cuda {number}"], number)


def _cuda_devices() -> list[int]:
    # Asking would start CUDA in a process that only computes on the processor.
    has_started = torch.cuda.is_initialized()  # type: ignore[no-untyped-call]  # torch leaves it untyped
    return list(range(torch.cuda.device_count())) if has_started else []
