"""What techniques are tested with: facts, moments, draws, and one call carried out three ways."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any
from zlib import crc32

import torch
from torch import Tensor
from torch.func import vmap  # noqa: TID251  # tests lift techniques to prove that they can be

from hikaku.techniques.slots import Facts, Moment, Tensors

FACTS = Facts(
    classes=3,
    class_counts=(5, 5, 5),
    decays=frozenset({"fc.weight", "conv.weight"}),
    lr=0.1,
    epochs=10.0,
    steps=100,
    steps_per_epoch=10,
)


@dataclass(frozen=True)
class Numbers:
    """Draws of one parameter's name, from a generator of their own."""

    name: str = "fc.weight"

    def uniform(self, purpose: str, shape: tuple[int, ...]) -> Tensor:
        return torch.rand(shape, generator=self._generator(purpose))

    def normal(self, purpose: str, shape: tuple[int, ...]) -> Tensor:
        return torch.randn(shape, generator=self._generator(purpose))

    def _generator(self, purpose: str) -> torch.Generator:
        return torch.Generator().manual_seed(crc32(f"{self.name} {purpose}".encode()))


def moment(step: int = 0, facts: Facts = FACTS, **changes: Any) -> Moment:
    """Return the moment of update `step`."""
    return replace(
        Moment(
            step=step,
            epoch=step // facts.steps_per_epoch,
            progress=step / facts.steps,
            x=torch.zeros(2, 4),
            draws=Numbers(),
            facts=facts,
        ),
        **changes,
    )


def weights(seed: int = 0, dtype: torch.dtype = torch.float32) -> Tensors:
    """Return parameters of every rank, a lone number and a norm's included."""
    generator = torch.Generator().manual_seed(seed)
    shapes = {
        "fc.weight": (5, 7),
        "fc.bias": (5,),
        "conv.weight": (4, 3, 2, 2),
        "norm.weight": (3,),
        "temperature": (),
        "single": (1,),
    }
    return {
        name: torch.randn(shape, generator=generator, dtype=dtype) for name, shape in shapes.items()
    }


def leaves(tree: Any) -> list[Tensor]:
    """Return the tensors of nested dicts and tuples, in order."""
    if isinstance(tree, Tensor):
        return [tree]
    if isinstance(tree, float | int):
        return [torch.tensor(tree, dtype=torch.float64)]
    parts = tree.values() if isinstance(tree, dict) else tree
    return [leaf for part in parts for leaf in leaves(part)]


def copied(tree: Any) -> list[Tensor]:
    """Return copies of the tensors of a tree, to see later whether anybody wrote into them."""
    return [leaf.clone() for leaf in leaves(tree)]


def identical(one: Any, other: Any) -> bool:
    """Return whether two trees hold the same bits in the same shapes and dtypes."""
    return [_bits(leaf) for leaf in leaves(one)] == [_bits(leaf) for leaf in leaves(other)]


def _bits(leaf: Tensor) -> tuple[object, ...]:
    return leaf.dtype, leaf.shape, leaf.detach().contiguous().numpy().tobytes()


def same_three_ways(call: Callable[[Any], Any], *values: float) -> bool:
    """Return whether a setting as float, as 0-d tensor and lifted over a stack give the same."""
    stack = torch.tensor(values, dtype=torch.float64)
    lifted = leaves(vmap(call, randomness="same")(stack))
    for place, value in enumerate(values):
        alone = call(value)
        if not identical(alone, call(torch.tensor(value, dtype=torch.float64))):
            return False
        if not identical(alone, [leaf[place] for leaf in lifted]):
            return False
    return True
