"""S1 in plain PyTorch, the data in memory as one tensor."""

from __future__ import annotations

import time

import torch
from torch import Tensor, nn

from s1_network import network
from workload import floats, given, tell


def train(
    x: Tensor, y: Tensor, scale: float, normed: bool, updates: int, fused: bool = False
) -> float:
    model, loss_fn = network(scale, normed), nn.CrossEntropyLoss()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.01, fused=fused)
    accuracy = 0.0
    for update in range(updates):
        chosen = torch.randint(len(x), (100,))
        model.train()
        optimizer.zero_grad()
        loss = loss_fn(model(x[chosen]), y[chosen])
        loss.backward()
        optimizer.step()
        if update % 10 == 0:
            model.eval()
            with torch.no_grad():
                accuracy = (model(x).argmax(1) == y).float().mean().item()
    return accuracy


def main() -> None:
    arrays, spec = given()
    x = torch.from_numpy(floats(arrays["x"]).reshape(-1, 784))
    y = torch.from_numpy(arrays["y"])
    started = time.perf_counter()
    found = [train(x, y, *model, spec["updates"]) for model in spec["models"]]
    tell(found, seconds=time.perf_counter() - started)


if __name__ == "__main__":
    main()
