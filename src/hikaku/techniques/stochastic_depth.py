"""Stochastic depth: residual blocks are skipped by chance.

A residual block gives its input and something on top. While training, what it adds is left out for
a sample with the block's probability, and grown where it is kept, so that its mean stays and
evaluation needs no change. The first blocks are skipped least: of L blocks the l-th with l/L · p.
A block is a module whose forward adds two tensors and whose input and answer have one shape, so
blocks that change the number of channels are never skipped, nor counted.
"""

from __future__ import annotations

from dataclasses import dataclass

from hikaku.models import noise
from hikaku.models.sites import Sites
from hikaku.models.surgery import Surgery
from hikaku.study.card import Card, Patterns, Share

CARD = Card(
    slot="layers",
    family="regularisation",
    claim="Networks whose blocks are skipped by chance train faster and generalise better.",
    formula="x + m/(1 − p_l)·(block(x) − x), m = [u ≥ p_l] for each sample, p_l = l/L·p; in "
    "evaluation block(x)",
    paper="Huang et al. 2016, Deep Networks with Stochastic Depth, ECCV, arXiv:1603.09382",
    year=2016,
    helps="Deep residual networks.",
    hurts="Shallow ones, and short trainings.",
    cost="None: blocks that are skipped are computed all the same here.",
    pitfalls="Some libraries call it `drop_connect` or `drop_path`. The paper skips for a whole "
    "batch with p = .5 and shrinks in evaluation; here each sample by itself. Where a ReLU follows "
    "the sum inside of the block, what the block adds is what it adds behind that ReLU.",
    off={"p": 0.0},
)


@dataclass(frozen=True)
class StochasticDepth:
    """Skip residual blocks by chance, the last with probability `p`, earlier ones less."""

    p: Share = 0.2
    at: Patterns = ()

    acts_on_blocks = True

    def edit(self, model: Surgery, sites: Sites) -> None:
        """Ask for a noise layer behind every chosen residual block."""
        blocks = sites.residual(self.at)
        for number, block in enumerate(blocks, 1):
            layer = noise.Skip(self.p * (number / len(blocks)), (1,) * len(block.shape))
            model.follow(block, layer, "stochastic-depth")
