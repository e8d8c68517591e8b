"""`Sample`: what a model must fit, known before it is built."""

from __future__ import annotations

from dataclasses import dataclass

from hikaku.data.task import Shape
from hikaku.techniques.slots import Input


@dataclass(frozen=True)
class Sample:
    """What the model must fit: the shape of one sample, the classes (0: regression), some inputs.

    `counts` has one number per class, `names` its name, and is empty where nobody knows them;
    `inputs` is (2 or more, …), as the model will see them; `outputs` is the number of values in
    regression. Of several inputs, shapes and tensors stand by name.
    """

    shape: Shape
    classes: int
    counts: tuple[int, ...]
    inputs: Input
    outputs: int = 1
    names: tuple[str, ...] = ()

    @property
    def width(self) -> int:
        """The number of outputs that a model must give."""
        return self.classes or self.outputs
