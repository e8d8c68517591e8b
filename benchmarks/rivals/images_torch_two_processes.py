"""S2's base twice, or S3's two arms, in plain PyTorch, each in a single-thread process."""

from __future__ import annotations

import torch

from images_torch_memory import learn, network, read
from two_processes import shared_out
from workload import floats, given, tell

Parts = tuple[torch.Tensor, torch.Tensor, torch.Tensor, torch.Tensor]


def train(parts: Parts, name: str, dropout: float, batch: int, updates: int) -> tuple[float, ...]:
    """Return the accuracy, and the seconds of reading and of learning."""
    x, y, held_out, labels = parts
    model = network(name, dropout)
    seconds = learn(model, x, y, batch, updates)
    return (*read(model, held_out, labels, batch), seconds)


def main() -> None:
    arrays, spec = given()
    some = slice(spec["read"])
    tensors = (
        torch.from_numpy(floats(arrays["x"])),
        torch.from_numpy(arrays["y"]),
        torch.from_numpy(floats(arrays["held_out_x"][some])),
        torch.from_numpy(arrays["held_out_y"][some]),
    )
    jobs = [(spec["model"], p, spec["batch"], spec["updates"]) for p in spec["dropouts"]]
    found, _ = shared_out(train, (tensors,), jobs)
    # Both go on side by side: the longer one is what a wall clock shows.
    tell(
        [accuracy for accuracy, _, _ in found],
        seconds=max(seconds for _, _, seconds in found),
        reading_seconds=max(reading for _, reading, _ in found),
    )


if __name__ == "__main__":
    main()
