"""Whether a user's constructor draws its first weights from the seed that it is built under.

Arms are compared under the same first weights, and seeds under different ones. A constructor with
a generator of its own breaks the first, one that seeds the global one itself the second.
"""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import Tensor, nn

from hikaku.draws import Draws
from hikaku.errors import StudyError
from hikaku.study.catalogue import is_file_reference
from hikaku.study.recipe import Use
from hikaku.study.study import Training
from hikaku.techniques.slots import Tensors
from hikaku.training.base_model import base_model, tensors_of
from hikaku.training.sample import Sample
from hikaku.words import message


def refuse_unrepeatable(work: Training, sample: Sample, seed: int, folder: str) -> None:
    """Raise `StudyError` where the seed does not settle a user's first weights, or changes none.

    Built twice under `seed`, each parameter and buffer must be the same, bit for bit. Under the
    next seed one that trains must differ: not where the model starts from a file (`weights`) or an
    init technique fills it, nor where each is filled with one number, so that nothing is drawn.
    """
    use = work.model
    if not is_file_reference(use.name):
        return
    first, again = (base_model(use, sample, Draws(seed), folder) for _ in range(2))
    _refuse_unlike(use, tensors_of(first), tensors_of(again))
    if work.recipe.init is None and not dict(use.settings).get("weights"):
        del again
        drawn, other = _drawn(first), base_model(use, sample, Draws(seed + 1), folder)
        _refuse_unseeded(use, drawn, dict(other.named_parameters()))


def _refuse_unlike(use: Use, first: Tensors, again: Tensors) -> None:
    for name, value in first.items():
        if name not in again or not same_bits(value, again[name]):
            raise StudyError.of(
                message(
                    "model: {use} built twice under one seed differs in {name}",
                    use=use.name,
                    name=name,
                ),
                why=message(
                    "the constructor draws from a generator of its own, or leaves values unset: "
                    "base and variant would start from different weights"
                ),
                mend=message("draw from torch's global generator: it is seeded for each trial"),
            )


def _refuse_unseeded(use: Use, drawn: Tensors, other: Mapping[str, Tensor]) -> None:
    if drawn and all(name in other and same_bits(drawn[name], other[name]) for name in drawn):
        raise StudyError.of(
            message("model: every seed would start from the same weights"),
            why=message("{use} is the same under two seeds", use=use.name),
            mend=message(
                "leave out torch.manual_seed and layers made outside the constructor; name a file "
                "that the weights come from as `weights`"
            ),
        )


def same_bits(one: Tensor, other: Tensor) -> bool:
    """Return whether two tensors are equal in shape, type and every bit, NaN included."""
    return (
        one.shape == other.shape
        and one.dtype == other.dtype
        and torch.equal(_bits(one), _bits(other))
    )


def _bits(value: Tensor) -> Tensor:
    return value.detach().contiguous().reshape(-1).view(torch.uint8)


def _drawn(model: nn.Module) -> Tensors:
    """Return the parameters that train and hold more than one number."""
    return {
        name: value
        for name, value in model.named_parameters()
        if value.requires_grad and value.numel() and bool((value != value.flatten()[0]).any())
    }
