"""`show init`: how far first weights lie from 0 by three rules, as densities."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

from hikaku.present.lessons import Densities
from hikaku.present.report import Chart, Column, Heading, Report, Table, Text, cells
from hikaku.read.lessons.lesson import counted, figures
from hikaku.words import Message, message

INPUTS = 256


@dataclass(frozen=True)
class Rule:
    """A rule for first weights: its name, the formula of its spread, the spread."""

    id: str
    name: Message
    formula: str
    std: float

    @property
    def peak(self) -> float:
        """The density at 0."""
        return 1.0 / (self.std * math.sqrt(2.0 * math.pi))


@dataclass(frozen=True)
class Spreads:
    """The spreads of first weights of a layer with so many inputs."""

    inputs: int
    rules: tuple[Rule, ...]

    def report(self) -> Report:
        """Return the table of the spreads, and the densities as a picture."""
        chart = Chart(
            Densities(tuple((rule.name, rule.std) for rule in self.rules)),
            title=message("Densities of first weights, n = {n}", n=self.inputs),
            alt=message(
                "three normal distributions around 0, each with its own standard deviation"
            ),
        )
        table = Table(
            columns=(
                Column(message("init"), "name"),
                Column(message("formula"), "number"),
                Column(message("standard deviation"), "number"),
                Column(message("density at {x}", x="0"), "number"),
            ),
            rows=tuple(
                cells(rule.name, rule.formula, *figures([rule.std, rule.peak]))
                for rule in self.rules
            ),
        )
        return Report((Heading(chart.title, level=1), table, self._why(), chart))

    def as_json(self) -> dict[str, Any]:
        """Return each rule's spread and density at 0."""
        return {
            "format": 1,
            "inputs": self.inputs,
            "rules": [
                {"name": rule.id, "std": rule.std, "density": rule.peak} for rule in self.rules
            ],
        }

    def _why(self) -> Text:
        return Text(
            message(
                "A unit adds up {n} products, so with inputs of standard deviation 1 that of its "
                "sum is √{n} = {root} times that of a weight: {sums}.",
                n=self.inputs,
                root=figures([math.sqrt(self.inputs)])[0],
                sums=", ".join(figures(rule.std * math.sqrt(self.inputs) for rule in self.rules)),
            )
        )


def spreads(inputs: int = INPUTS) -> Spreads:
    """Return the spreads by the rules of normal, He and Xavier, the widest first.

    Raises `StudyError` where `inputs` is less than 1.
    """
    n = counted("--inputs", inputs)
    return Spreads(
        n,
        (
            Rule("normal", message("normal"), "1", 1.0),
            Rule("he", message("He"), "√(2/n)", math.sqrt(2.0 / n)),
            Rule("xavier", message("Xavier"), "√(1/n)", math.sqrt(1.0 / n)),
        ),
    )
