"""S2's base in Lightning with a DataLoader over images, without what would only slow it down."""

from __future__ import annotations

import logging
import time
import warnings

import lightning as L
import torch
from torch import Tensor, nn
from torch.utils.data import DataLoader, Subset

from cnn import Pictures, small_cnn
from workload import given, tell


class Classifier(L.LightningModule):
    def __init__(self) -> None:
        super().__init__()
        self.model = small_cnn()
        self.loss = nn.CrossEntropyLoss()

    def training_step(self, batch: tuple[Tensor, Tensor], batch_idx: int) -> Tensor:
        x, y = batch
        return self.loss(self.model(x), y)

    def test_step(self, batch: tuple[Tensor, Tensor], batch_idx: int) -> None:
        x, y = batch
        self.log("accuracy", (self.model(x).argmax(1) == y).float().mean())

    def configure_optimizers(self) -> torch.optim.Optimizer:
        return torch.optim.Adam(self.parameters(), lr=1e-3)


def main() -> None:
    warnings.simplefilter("ignore")
    logging.getLogger("lightning.pytorch").setLevel(logging.ERROR)
    arrays, spec = given()
    train = Pictures(arrays["x"], arrays["y"])
    held_out = Pictures(arrays["held_out_x"], arrays["held_out_y"])
    trainer = L.Trainer(
        max_steps=spec["updates"],
        accelerator="cpu",
        precision=spec["precision"],
        logger=False,
        enable_checkpointing=False,
        enable_progress_bar=False,
        enable_model_summary=False,
    )
    model = Classifier()
    started = time.perf_counter()
    trainer.fit(model, DataLoader(train, batch_size=spec["batch"], shuffle=True))
    trained = time.perf_counter()
    read = DataLoader(Subset(held_out, range(spec["read"])), batch_size=spec["batch"])
    trainer.test(model, read, verbose=False)
    ended = time.perf_counter()
    accuracy = float(trainer.callback_metrics["accuracy"])
    tell([accuracy], seconds=trained - started, reading_seconds=ended - trained)


if __name__ == "__main__":
    main()
