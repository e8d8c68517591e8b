"""Whether a recipe can be followed by a program that does the forward and backward pass itself.

Such a program hands logits to the loss and gradients to the update: whatever acts only there may
be anything. What changes the batch, asks for gradients in its own way or looks inside the model
may not.
"""

from __future__ import annotations

from hikaku.training.named_files import named
from hikaku.training.step import Slots
from hikaku.words import Message, message


def takes(slots: Slots) -> Message | None:
    """Return why a hand-derived program cannot follow these slots; None where it can."""
    if slots.gradient is not None:
        return message("the gradient slot is filled")
    if slots.augment:
        return message("the augment slot is filled")
    if named(slots.loss):
        return message("{name} asks another model", name=type(slots.loss).__name__)
    if slots.averaging is not None:
        return message("the averaging slot is filled")
    if any(getattr(penalty, "reads_activations", False) for penalty in slots.penalty):
        return message("a penalty reads activations")
    return None
