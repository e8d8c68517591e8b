"""S2's base, or S3's two arms, in plain PyTorch: all images in memory as one tensor of floats."""

from __future__ import annotations

import time

import torch
from torch import Tensor, nn

from cnn import LeNet, small_cnn
from workload import floats, given, tell


def network(name: str, dropout: float) -> nn.Module:
    return LeNet(dropout) if name == "lenet" else small_cnn()


def learn(model: nn.Module, x: Tensor, y: Tensor, batch: int, updates: int) -> float:
    """Train for so many updates; return the seconds."""
    started = time.perf_counter()
    loss_fn = nn.CrossEntropyLoss()
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)
    model.train()
    for chosen in torch.randperm(len(x)).split(batch)[:updates]:
        optimizer.zero_grad()
        loss = loss_fn(model(x[chosen]), y[chosen])
        loss.backward()
        optimizer.step()
    return time.perf_counter() - started


def read(model: nn.Module, x: Tensor, y: Tensor, batch: int) -> tuple[float, float]:
    """Return the accuracy on these images, and the seconds."""
    started = time.perf_counter()
    model.eval()
    with torch.no_grad():
        parts = zip(x.split(batch), y.split(batch), strict=True)
        right = sum(int((model(a).argmax(1) == b).sum()) for a, b in parts)
    return right / len(x), time.perf_counter() - started


def main() -> None:
    arrays, spec = given()
    x, y = torch.from_numpy(floats(arrays["x"])), torch.from_numpy(arrays["y"])
    some = slice(spec["read"])
    held_out = torch.from_numpy(floats(arrays["held_out_x"][some]))
    labels = torch.from_numpy(arrays["held_out_y"][some])
    found, seconds, reading = [], 0.0, 0.0
    for dropout in spec["dropouts"]:
        model = network(spec["model"], dropout)
        seconds += learn(model, x, y, spec["batch"], spec["updates"])
        accuracy, took = read(model, held_out, labels, spec["batch"])
        found.append(accuracy)
        reading += took
    tell(found, seconds=seconds, reading_seconds=reading)


if __name__ == "__main__":
    main()
