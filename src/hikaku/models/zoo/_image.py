"""What the convolutional networks ask of their inputs."""

from __future__ import annotations


def image(model: str, inputs: tuple[int, ...], least: int = 1) -> tuple[int, int, int]:
    """Return channels, height and width of images whose sides have `least` pixels or more.

    Raises ValueError, with the model's name, where `inputs` is no image or a smaller one.
    """
    if len(inputs) != 3:
        raise ValueError(f"{model} needs images, (channels, height, width), not {inputs}")
    channels, height, width = inputs
    if min(height, width) < least:
        raise ValueError(
            f"{model} needs images of at least {least} x {least} pixels, not {height} x {width}"
        )
    return channels, height, width
