"""Stochastic weight averaging: evaluate the mean of the weights of the last epochs.

From the share `start` of the training on, the weights at the end of each epoch go into a plain
mean, and that mean is what is evaluated; before, the weights are. SGD at a steady rate wanders
around a wide valley, and the mean lies in its middle. Batch norm's running figures belong to the
weights that made them, so for the mean they are taken anew, from all train samples. The schedule is
its own slot: SWA wants a rate that stays high at the end.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast

import torch
from torch import Tensor

from hikaku.study.card import Card, StaticFraction
from hikaku.techniques.parts import like, number, zeros
from hikaku.techniques.slots import Moment, Tensors, Tree

CARD = Card(
    slot="averaging",
    family="averaging",
    claim="The mean of weights along the way lies in a wider valley, and generalises better.",
    formula="a ← a + (w − a)/n after the n-th epoch from `start` on; a is evaluated",
    paper="Izmailov et al. 2018, Averaging Weights Leads to Wider Optima and Better "
    "Generalization, UAI, arXiv:1803.05407",
    year=2018,
    helps="Long trainings at a rate that stays high.",
    hurts="Short ones, and schedules that end near 0, where the weights hardly differ.",
    cost="One number per weight; with batch norms a forward pass over all train samples for every "
    "evaluation.",
    pitfalls="The paper's rate is constant or cyclic while it averages; set `schedule` to that. "
    "The figures of batch norms are taken with noise off.",
    off={"start": 1.0},
)


@dataclass(frozen=True)
class SWA:
    """Evaluate the mean of the weights at the ends of the epochs from the share `start` on."""

    start: StaticFraction = 0.75

    renews_norms = True

    def init(self, params: Tensors) -> Tree:
        """Return the mean of no epochs yet."""
        return {"mean": zeros(params), "epochs": number(0.0, params)}

    def fold(self, average: Tree, params: Tensors, moment: Moment) -> tuple[Tree, Tensors]:
        """Return the mean with these weights in it, where an epoch ends; the weights go on."""
        done = moment.step + 1
        is_early = done / moment.facts.steps <= self.start
        if is_early or (done % moment.facts.steps_per_epoch and done < moment.facts.steps):
            return average, params
        epochs, before = cast(Tensor, average["epochs"]) + 1, cast(Tensors, average["mean"])
        share = epochs.reciprocal()
        mean: Tree = {
            name: before[name] + (value - before[name]) * like(share, value)
            for name, value in params.items()
        }
        return {"mean": mean, "epochs": epochs}, params

    def finish(self, average: Tree, params: Tensors) -> Tensors:
        """Return the mean; the weights where there is none yet."""
        is_there, mean = cast(Tensor, average["epochs"]) > 0, cast(Tensors, average["mean"])
        return {name: torch.where(is_there, mean[name], value) for name, value in params.items()}
