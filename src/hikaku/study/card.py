"""What a technique says of itself: its `Card`, and the kinds of its settings with their ranges.

A range is an annotation and never a check in a constructor: the decoder reads it once, and the
same technique can then be lifted over many trials, where a check would crash.

A setting of a number kind is a *mere number*: trials that differ only there share one program.
A kind whose name begins with `Static` must be a Python number while the program is built.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated, Any, Literal

from annotated_types import Ge, Gt, Le, Lt


class Static:
    """The mark of a setting that shapes the program and so cannot differ inside a stack."""


class NamesFile:
    """The mark of a setting that names a file, which is loaded before training starts."""


Real = Annotated[float, Gt(float("-inf")), Lt(float("inf"))]
Positive = Annotated[float, Gt(0), Lt(float("inf"))]
NonNegative = Annotated[float, Ge(0), Lt(float("inf"))]
Fraction = Annotated[float, Ge(0), Le(1)]
Share = Annotated[float, Ge(0), Lt(1)]
StaticPositive = Annotated[float, Gt(0), Lt(float("inf")), Static]
StaticNonNegative = Annotated[float, Ge(0), Lt(float("inf")), Static]
StaticFraction = Annotated[float, Ge(0), Le(1), Static]
PositiveCount = Annotated[int, Ge(1), Static]
Count = Annotated[int, Ge(0), Static]
Counts = Annotated[tuple[PositiveCount, ...], Static]
Flag = Annotated[bool, Static]
Word = Annotated[str, Static]
WeightsFile = Annotated[str, Static, NamesFile]
"""A file of kept weights, from the study's folder; one must be written, so the default is ""."""
Table = Annotated[tuple[tuple[str, Any], ...], Static]
Patterns = Annotated[tuple[str, ...], Static]
MaybeReal = Annotated[Real | None, Static]

Slot = Literal[
    "init",
    "layers",
    "augment",
    "loss",
    "penalty",
    "gradient",
    "clip",
    "schedule",
    "optimizer",
    "project",
    "averaging",
    "stopping",
]


@dataclass(frozen=True)
class Card:
    """What a technique claims and where it comes from: a literal, readable without running it.

    `off` holds the settings under which the technique changes nothing; `twin` names an
    independent implementation (`module:function`) that the contract compares it with;
    `version` is raised whenever the technique's results change. `elementwise`, of an optimizer,
    says that it moves each number by that number's own gradients alone. `needs` says what samples
    must be, where not everything will do: images, (channels, height, width), or of classes; "maps"
    says that it acts on what convolutions give.
    """

    slot: Slot
    family: str
    claim: str
    formula: str
    paper: str
    year: int
    helps: str = ""
    hurts: str = ""
    cost: str = ""
    pitfalls: str = ""
    conflicts: tuple[str, ...] = ()
    off: Mapping[str, object] = field(default_factory=dict)
    twin: str = ""
    version: int = 1
    elementwise: bool = False
    needs: Literal["", "images", "classes", "maps"] = ""
