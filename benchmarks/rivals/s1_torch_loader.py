"""S1 in plain PyTorch with a DataLoader."""

from __future__ import annotations

import time

import torch
from torch import nn
from torch.utils.data import DataLoader, RandomSampler, TensorDataset

from s1_network import network
from workload import floats, given, tell


def train(dataset: TensorDataset, scale: float, normed: bool, updates: int) -> float:
    sampler = RandomSampler(dataset, replacement=True, num_samples=updates * 100)
    loader = DataLoader(dataset, batch_size=100, sampler=sampler)
    readings = DataLoader(dataset, batch_size=1000)
    model, loss_fn = network(scale, normed), nn.CrossEntropyLoss()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.01)
    accuracy = 0.0
    for update, (x, y) in enumerate(loader):
        model.train()
        optimizer.zero_grad()
        loss = loss_fn(model(x), y)
        loss.backward()
        optimizer.step()
        if update % 10 == 0:
            accuracy = evaluate(model, readings)
    return accuracy


def evaluate(model: nn.Module, loader: DataLoader) -> float:
    model.eval()
    right = total = 0
    with torch.no_grad():
        for x, y in loader:
            right += (model(x).argmax(1) == y).sum().item()
            total += len(y)
    return right / total


def main() -> None:
    arrays, spec = given()
    x = torch.from_numpy(floats(arrays["x"]).reshape(-1, 784))
    dataset = TensorDataset(x, torch.from_numpy(arrays["y"]))
    started = time.perf_counter()
    found = [train(dataset, *model, spec["updates"]) for model in spec["models"]]
    tell(found, seconds=time.perf_counter() - started)


if __name__ == "__main__":
    main()
