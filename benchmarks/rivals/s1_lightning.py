"""S1 in Lightning, without its logger, bar and checkpoints, which would only slow it down."""

from __future__ import annotations

import logging
import time
import warnings

import lightning as L
import torch
from torch import Tensor, nn
from torch.utils.data import DataLoader, RandomSampler, TensorDataset

from s1_network import network
from workload import floats, given, tell


class Classifier(L.LightningModule):
    def __init__(self, scale: float, normed: bool) -> None:
        super().__init__()
        self.model = network(scale, normed)
        self.loss = nn.CrossEntropyLoss()

    def training_step(self, batch: tuple[Tensor, Tensor], batch_idx: int) -> Tensor:
        x, y = batch
        return self.loss(self.model(x), y)

    def validation_step(self, batch: tuple[Tensor, Tensor], batch_idx: int) -> None:
        x, y = batch
        self.log("accuracy", (self.model(x).argmax(1) == y).float().mean())

    def configure_optimizers(self) -> torch.optim.Optimizer:
        return torch.optim.SGD(self.parameters(), lr=0.01)


def train(dataset: TensorDataset, scale: float, normed: bool, updates: int) -> float:
    sampler = RandomSampler(dataset, replacement=True, num_samples=updates * 100)
    # Every 10th update, and once before the first ("sanity check"): 20 evaluations, as the others.
    trainer = L.Trainer(
        max_epochs=1,
        accelerator="cpu",
        val_check_interval=10,
        num_sanity_val_steps=1,
        logger=False,
        enable_checkpointing=False,
        enable_progress_bar=False,
        enable_model_summary=False,
    )
    trainer.fit(
        Classifier(scale, normed),
        DataLoader(dataset, batch_size=100, sampler=sampler),
        DataLoader(dataset, batch_size=1000),
    )
    return float(trainer.callback_metrics["accuracy"])


def main() -> None:
    warnings.simplefilter("ignore")
    logging.getLogger("lightning.pytorch").setLevel(logging.ERROR)
    arrays, spec = given()
    x = torch.from_numpy(floats(arrays["x"]).reshape(-1, 784))
    dataset = TensorDataset(x, torch.from_numpy(arrays["y"]))
    started = time.perf_counter()
    found = [train(dataset, *model, spec["updates"]) for model in spec["models"]]
    tell(found, seconds=time.perf_counter() - started)


if __name__ == "__main__":
    main()
