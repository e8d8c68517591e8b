"""S4: the trials of the demo `digits` in plain PyTorch in memory, one after the other, a script.

Cold: whoever calls it times the whole process. Each epoch ends with the readings that the study
takes: the train images and the validation split; the end with those of train and test.
"""

from __future__ import annotations

import time
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from workload import given, tell

EPOCHS, BATCH, PATIENCE = 60, 64, 10


def network(arm: str) -> nn.Sequential:
    layers: list[nn.Module] = []
    for before, after in ((1, 32), (32, 64), (64, 128)):
        layers.append(nn.Conv2d(before, after, 3, padding=1))
        layers += [nn.BatchNorm2d(after)] if arm == "batch-norm" else []
        layers += [nn.ReLU(), nn.MaxPool2d(2)]
    layers.append(nn.Flatten())
    for inputs, outputs in ((128, 128), (128, 10)):
        layers += [nn.Dropout(0.5)] if arm == "dropout" else []
        layers.append(nn.Linear(inputs, outputs))
        if outputs != 10:
            layers += [nn.BatchNorm1d(outputs)] if arm == "batch-norm" else []
            layers.append(nn.ReLU())
    return nn.Sequential(*layers)


def penalty(model: nn.Module, arm: str) -> Tensor | float:
    if arm != "l2":
        return 0.0
    return 0.5e-3 * sum((p**2).sum() for p in model.parameters() if p.dim() > 1)


def read(model: nn.Module, x: Tensor, y: Tensor) -> tuple[float, float]:
    model.eval()
    with torch.no_grad():
        scores = model(x)
        return float(F.cross_entropy(scores, y)), float((scores.argmax(1) == y).float().mean())


def train(x: Tensor, y: Tensor, arm: str, seed: int) -> float:
    torch.manual_seed(seed)
    learn, watch, test = np.split(np.random.default_rng(seed).permutation(len(x)), [480, 600])
    smoothing = 0.1 if arm == "label-smoothing" else 0.0
    model, loss_fn = network(arm), nn.CrossEntropyLoss(label_smoothing=smoothing)
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)
    best, waited = float("inf"), 0
    for _ in range(EPOCHS):
        model.train()
        for chosen in torch.from_numpy(learn)[torch.randperm(len(learn))].split(BATCH):
            optimizer.zero_grad()
            loss = loss_fn(model(x[chosen]), y[chosen]) + penalty(model, arm)
            loss.backward()
            optimizer.step()
        read(model, x[learn], y[learn])
        loss_now, _ = read(model, x[watch], y[watch])
        best, waited = (loss_now, 0) if loss_now < best else (best, waited + 1)
        if arm == "early-stopping" and waited >= PATIENCE:
            break
    read(model, x[learn], y[learn])
    return read(model, x[test], y[test])[1]


def main() -> None:
    arrays, spec = given()
    x = torch.from_numpy(arrays["x"].astype(np.float32) / 16)[:, None]
    y = torch.from_numpy(arrays["y"])
    started = time.perf_counter()
    trials: list[tuple[Any, ...]] = [(arm, seed) for arm, seed in spec["trials"]]
    found = [train(x, y, arm, seed) for arm, seed in trials]
    tell(found, seconds=time.perf_counter() - started)


if __name__ == "__main__":
    main()
