"""Gaussian noise: every input of a layer a little blurred.

Normal noise of spread `std` is added to the inputs of the chosen layers while training; the first
layer alone by default, whose inputs are the data in most models. With small noise it is like a
penalty on the slope of the network. What is small hangs on the scale of the inputs.
"""

from __future__ import annotations

from dataclasses import dataclass

from hikaku.models import noise
from hikaku.models.sites import Sites
from hikaku.models.surgery import Surgery
from hikaku.study.card import Card, NonNegative, Patterns

CARD = Card(
    slot="layers",
    family="regularisation",
    claim="Noise on the inputs smooths what is learnt.",
    formula="x ← x + std·z, z ~ N(0, 1); in evaluation x",
    paper="Bishop 1995, Training with Noise is Equivalent to Tikhonov Regularization, Neural "
    "Computation 7",
    year=1995,
    helps="Few samples; inputs that are noisy anyway.",
    hurts="Fine details that tell the classes apart.",
    cost="One random number per input.",
    pitfalls="`std` is in the unit of the layer's inputs: normalise the data. Where a model makes "
    "tokens of a table without a layer, the first layer's inputs are those tokens.",
    off={"std": 0.0},
)


@dataclass(frozen=True)
class GaussianNoise:
    """Add normal noise of spread `std` to the inputs of the first layer, or of those of `at`."""

    std: NonNegative = 0.1
    at: Patterns = ()

    def edit(self, model: Surgery, sites: Sites) -> None:
        """Ask for a noise layer in front of every chosen weight."""
        chosen = sites.weights(at=self.at, heads=True)
        for weight in chosen if self.at else chosen[:1]:
            layer = noise.GaussianNoise(self.std, weight.inputs)
            model.insert(weight, "input", layer, "noise", "gaussian-noise")
