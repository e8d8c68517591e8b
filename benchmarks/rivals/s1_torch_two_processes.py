"""S1 in plain PyTorch, in memory, with fused SGD, in 2 single-thread processes."""

from __future__ import annotations

import torch

from s1_torch_memory import train
from two_processes import shared_out
from workload import floats, given, tell


def main() -> None:
    arrays, spec = given()
    x = torch.from_numpy(floats(arrays["x"]).reshape(-1, 784))
    y = torch.from_numpy(arrays["y"])
    jobs = [(scale, normed, spec["updates"], True) for scale, normed in spec["models"]]
    found, seconds = shared_out(train, (x, y), jobs)
    tell(found, seconds=seconds)


if __name__ == "__main__":
    main()
