"""S1 to S4: who takes part in each."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from pathlib import Path

from contest import material
from contest.called import FailedError, hikaku, rival
from contest.machine import gemm_peak
from contest.ours import CORES, S1, S2, S3, S4, Contestant, fresh, ours, series_of
from contest.studies import base_of

BF16 = ("--set", "recipe.precision=bf16")
UPDATES = 191
FORWARD_FLOPS = 2 * (784 * 100 + 4 * 100 * 100 + 100 * 10)
"""Of S1's network, for one image."""

SLOW = [[0.158489, False], [0.158489, True], [0.00215443, False], [0.00215443, True]]
"""The models of S1 that a slow rival trains, of 32: two scales, with and without batch norm."""
QUICK = [*SLOW, [0.0251189, False], [0.0251189, True], [0.0135936, False], [0.0135936, True]]


def s1(folder: Path) -> dict[str, Contestant]:
    """Return the contestants of S1."""
    data = material.arrays(S1, folder)

    def other(name: str, file: str, models: list[list[object]], **variables: str) -> Contestant:
        def once() -> dict[str, float]:
            spec = {"models": models, "updates": UPDATES}
            return {name: rival(file, data, spec, **variables)["seconds"] * 32 / len(models)}

        return once

    return {
        "hikaku": partial(ours, folder, "hikaku", S1, "--seeds", "1"),
        "NumPy, float64": other("NumPy, float64", "s1_numpy", QUICK),
        "Lightning": other("Lightning", "s1_lightning", SLOW),
        "GEMM peak": lambda: {"GEMM peak GFLOP/s": gemm_peak(CORES)},
        "hikaku x 10": partial(s1_seeds, folder),
        "skorch": other("skorch", "s1_skorch", SLOW),
        "PyTorch, DataLoader": other("PyTorch, DataLoader", "s1_torch_loader", SLOW),
        "PyTorch in memory": other("PyTorch in memory", "s1_torch_memory", QUICK),
        "Keras 3 on JAX": other("Keras 3 on JAX", "s1_keras", SLOW, KERAS_BACKEND="jax"),
        "Keras 3 on torch": other("Keras 3 on torch", "s1_keras", SLOW, KERAS_BACKEND="torch"),
        "PyTorch in memory, 2 single-thread processes": other(
            "PyTorch in memory, 2 single-thread processes", "s1_torch_two_processes", QUICK
        ),
    }


def s1_seeds(folder: Path) -> dict[str, float]:
    """Return what 10 seeds of S1 took, and its operations per second: updates and evaluations."""
    with fresh(folder) as place:
        ran = hikaku(S1, place, "--seeds", "10")
    evaluations = (ran.steps + 9 * ran.trials) / 10  # after update 1, 11, 21, …
    gflop = ran.gflop + evaluations * 1000 * FORWARD_FLOPS / 1e9
    rate = gflop / ran.training
    return {**series_of(ran, "hikaku x 10"), "hikaku x 10 GFLOP/s": rate}


def s2(folder: Path) -> dict[str, Contestant]:
    """Return the contestants of S2; images read: the train sample, validation, all at the end."""
    data, name = material.arrays(S2, folder), "PyTorch in memory, 2 single-thread processes"
    pair = _of_s2(data, name, "images_torch_two_processes", dropouts=[0.0] * 2)
    return {**_s2(folder, data, "fp32"), name: halved(pair)}


def s2_bf16(folder: Path) -> dict[str, Contestant]:
    """Return the contestants of S2 in bf16; the rivals but for one compute in fp32."""
    data, name = material.arrays(S2, folder), "Lightning bf16-mixed"
    mixed = _of_s2(data, name, "s2_lightning", precision="bf16-mixed")
    return {**_s2(folder, data, "bf16", *BF16), name: mixed}


def _s2(folder: Path, data: Path, precision: str, *words: str) -> dict[str, Contestant]:
    """Return ours, base alone and all arms, in this precision, and the rivals of both in fp32."""
    words = ("--seeds", str(CORES), "--set", "recipe.epochs=1", *words)
    base, name = base_of(S2, folder), f"hikaku {precision}"
    return {
        name: partial(ours, folder, name, base, *words, per_trial=True),
        "Lightning": _of_s2(data, "Lightning", "s2_lightning", precision="32-true"),
        "PyTorch in memory": _of_s2(
            data, "PyTorch in memory", "images_torch_memory", dropouts=[0.0]
        ),
        f"hikaku five arms {precision}": partial(s2_arms, folder, precision, *words),
    }


def _of_s2(data: Path, name: str, file: str, **more: object) -> Contestant:
    """Return a rival, which makes a part of the epoch."""

    def once() -> dict[str, float]:
        spec = {"model": "small-cnn", "batch": 1024, "updates": 6, "read": 4096, **more}
        return whole_epoch(name, rival(file, data, spec), 6 * 1024, 4096, 1)

    return once


def halved(contestant: Contestant) -> Contestant:
    """Return a contestant that trains two models side by side, its seconds for one."""
    return lambda: {name: value / 2 for name, value in contestant().items()}


def whole_epoch(
    name: str, found: Mapping[str, float], seen: int, read: int, models: int
) -> dict[str, float]:
    """Return a rival's seconds for one epoch of 40,000 images and 80,000 readings of `models`."""
    updates = found["seconds"] * 40_000 / seen * models
    reading = found["reading_seconds"] * 80_000 / read * models
    return {name: updates + reading, f"{name}: updates alone": updates}


def s2_arms(folder: Path, precision: str, *words: str) -> dict[str, float]:
    """Return what all five arms took for one seed, and what base and the batch-norm arm did."""
    with fresh(folder) as place:
        ran = hikaku(S2, place, *words)
    arms = {name: ran.arms[name]["cost"]["seconds"] for name in ("base", "batch-norm")}
    named = {f"{name} arm {precision}": seconds for name, seconds in arms.items()}
    return {**series_of(ran, f"hikaku five arms {precision}", CORES), **named}


def s3(folder: Path) -> dict[str, Contestant]:
    """Return the contestants of S3: both arms of the LeNet, one epoch."""
    data = material.arrays(S3, folder)

    def other(name: str, file: str) -> Contestant:
        def once() -> dict[str, float]:
            spec = {"model": "lenet", "batch": 100, "updates": 200, "read": 10_000}
            found = rival(file, data, {**spec, "dropouts": [0.0, 0.5]})
            return whole_epoch(name, found, 200 * 100, 10_000, 1)

        return once

    epoch = ("--seeds", "1", "--set", "recipe.epochs=1")
    return {
        "hikaku": partial(ours, folder, "hikaku", S3, *epoch),
        "PyTorch in memory": other("PyTorch in memory", "images_torch_memory"),
        "PyTorch in memory, 2 single-thread processes": other(
            "PyTorch in memory, 2 single-thread processes", "images_torch_two_processes"
        ),
    }


def s4(folder: Path) -> dict[str, Contestant]:
    """Return the contestants of S4: the demo, and a script of as many trials of each arm."""
    data = material.all_arrays(S4, folder)
    trained: dict[str, int] = {}

    def demo() -> dict[str, float]:
        with fresh(folder) as place:
            ran = hikaku(S4, place)
        trained.update({name: arm["outcomes"]["done"] for name, arm in ran.arms.items()})
        return {**series_of(ran, "hikaku: training"), "hikaku": ran.wall, "trials": ran.trials}

    def script() -> dict[str, float]:
        """One trial of each arm, times as many as the demo trained; the start counts once."""
        if not trained:
            raise FailedError("the demo itself did not run")
        found = rival("s4_torch_memory", data, {"trials": [[arm, 0] for arm in trained]})
        each = found["seconds"] / len(trained)
        start = found["wall"] - found["seconds"]
        return {"PyTorch in memory": start + each * sum(trained.values())}

    return {"hikaku": demo, "PyTorch in memory": script}
