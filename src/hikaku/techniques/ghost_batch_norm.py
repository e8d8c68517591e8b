"""Ghost batch norm: batch norm over small parts of a large batch.

Part of what batch norm does is the noise of its statistics, and in large batches little is left
of it. So the batch is divided into ghosts of about `size` samples, in the order that they come in,
and each is normalised by itself. The running figures move once for every ghost. A batch of n
samples makes n // size ghosts (one at least), whose sizes differ by one at most, so that none is
a single sample.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from hikaku.models.sites import Sites
from hikaku.models.surgery import Surgery
from hikaku.study.card import Card, Flag, Patterns, PositiveCount, StaticFraction, StaticPositive
from hikaku.techniques import parts

CARD = Card(
    slot="layers",
    family="normalisation",
    claim="Statistics of small parts close the gap between large and small batches.",
    formula="γ·(x − mean)/√(var + eps) + β, mean and variance over each ghost of the batch",
    paper="Hoffer, Hubara & Soudry 2017, Train longer, generalize better, NeurIPS, "
    "arXiv:1705.08741",
    year=2017,
    helps="Large batches.",
    hurts="Batches of a usual size, which are small enough: it only costs time.",
    cost="One kernel for each ghost instead of one for the batch.",
    pitfalls="With batches of at most `size` samples it is batch norm. `momentum` is each ghost's "
    "share, so the running figures forget faster than batch norm's.",
    version=2,
)


@dataclass(frozen=True)
class GhostBatchNorm:
    """Normalise the output of every weight but the head, ghost by ghost of `size` samples."""

    size: PositiveCount = 32
    eps: StaticPositive = 1e-5
    momentum: StaticFraction = 0.1
    affine: Flag = True
    place: Literal["before", "after"] = "before"
    at: Patterns = ()

    def edit(self, model: Surgery, sites: Sites) -> None:
        """Ask for a norm of its own at every chosen weight."""
        for weight in sites.weights(at=self.at):
            end = parts.behind(weight, sites, self.place)
            last = weight.op == "linear"
            norm = parts.Ghosts(
                end.outputs[-1 if last else 0], self.eps, self.momentum, 1.0, self.affine, last
            )
            norm.size = self.size
            model.insert(end, "output", norm, "normalisation", "ghost-batch-norm")
