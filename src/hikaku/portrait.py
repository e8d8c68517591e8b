"""What a model is made of: its layers, the places that techniques act at, and their `Portrait`."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Layer:
    """One module of a model; containers that hold and do nothing of their own are left out.

    `calls` counts its runs per forward pass, `outputs` is the shape of what it gave last, without
    the batch. `parameters` (of which `trained`) and `flops`, per sample, are its own: those of the
    modules inside it stand in their own rows, and what two share counts once.
    """

    path: str
    type: str
    calls: int
    outputs: tuple[int, ...]
    parameters: int
    trained: int
    flops: int


@dataclass(frozen=True)
class Act:
    """A technique of the slot `layers` at a site: its "input", "weight", "output", or "instead"."""

    technique: str
    where: str


@dataclass(frozen=True)
class Place:
    """A site or residual block under the `path` that `at` names, and what acts there by default.

    `op` is what is called there; `head` marks the last weight, `inputs` and `outputs` are the
    shapes without the batch.
    """

    path: str
    op: str
    head: bool
    inputs: tuple[int, ...]
    outputs: tuple[int, ...]
    acts: tuple[Act, ...]


@dataclass(frozen=True)
class Portrait:
    """Layers in the order of their first run, sites in that of the forward pass, then blocks."""

    layers: tuple[Layer, ...]
    places: tuple[Place, ...]

    @property
    def parameters(self) -> int:
        """All parameters."""
        return sum(layer.parameters for layer in self.layers)

    @property
    def trained(self) -> int:
        """Those that train; the others are frozen."""
        return sum(layer.trained for layer in self.layers)

    @property
    def flops(self) -> int:
        """Floating-point operations of one sample's forward pass; an update costs about three.

        Products of matrices, convolutions and attention are counted, a multiplication and an
        addition as two; all else, which is little, is not.
        """
        return sum(layer.flops for layer in self.layers)
