"""Technique × check: every technique of the catalogue meets every check of the contract."""

from pathlib import Path

import pytest

from hikaku.checks.bench import DoesNotApply, Subject
from hikaku.checks.contract import CHECKS, check_technique
from hikaku.study.catalogue import technique_from_file, techniques

NO_OFF = "the card names no settings that switch it off"


@pytest.mark.parametrize("name", sorted(techniques()))
@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)
def test_every_technique_meets_the_contract(name: str, check) -> None:
    try:
        check(Subject(techniques()[name]))
    except DoesNotApply as reason:
        assert str(reason) == NO_OFF


HEAD = '''
"""A technique that breaks the contract, so that the contract can be seen to hold."""
from dataclasses import dataclass


import torch

from hikaku.study.card import Card, NonNegative, Positive

CALLS = [0]

'''

BROKEN = {
    "writes into its input": (
        "it changes none of its inputs",
        '''
CARD = Card(slot="clip", family="test", claim="none", formula="g", paper="none", year=2026)

@dataclass(frozen=True)
class Broken:
    """Halve the weights while clipping."""
    limit: Positive = 1.0

    def clip(self, grads, params):
        for value in params.values():
            value.mul_(0.5)
        return grads
''',
    ),
    "draws from the global generator": (
        "same draws give the same result",
        '''
CARD = Card(slot="clip", family="test", claim="none", formula="g", paper="none", year=2026)

@dataclass(frozen=True)
class Broken:
    """Add noise that nobody can repeat."""
    limit: Positive = 1.0

    def clip(self, grads, params):
        return {name: value + torch.randn_like(value) for name, value in grads.items()}
''',
    ),
    "keeps a secret": (
        "state survives save and load",
        '''
CARD = Card(slot="clip", family="test", claim="none", formula="g", paper="none", year=2026)

@dataclass(frozen=True)
class Broken:
    """Scale by how often it was called."""
    limit: Positive = 1.0


    def clip(self, grads, params):
        CALLS[0] += 1
        return {name: value * CALLS[0] for name, value in grads.items()}
''',
    ),
    "is not off when it is off": (
        "switched off it changes nothing",
        '''
CARD = Card(slot="penalty", family="test", claim="none", formula="|w|", paper="none", year=2026,
            off={"amount": 0.0})

@dataclass(frozen=True)
class Broken:
    """Penalise by amount + 1."""
    amount: NonNegative = 0.1

    def penalty(self, params, activations, facts):
        return sum((self.amount + 1) * value.square().sum() for value in params.values())
''',
    ),
    "looks at a number": (
        "alone equals stacked",
        '''
CARD = Card(slot="penalty", family="test", claim="none", formula="|w|", paper="none", year=2026)

@dataclass(frozen=True)
class Broken:
    """Decide by an `if` on a setting, which a stack cannot follow."""
    amount: NonNegative = 0.1

    def penalty(self, params, activations, facts):
        if self.amount > 0.06:
            return sum(value.square().sum() for value in params.values()) * self.amount
        return torch.zeros(())
''',
    ),
    "mixes the lanes": (
        "alone equals stacked",
        '''
CARD = Card(slot="clip", family="test", claim="none", formula="g", paper="none", year=2026)

@dataclass(frozen=True)
class Broken:
    """Compute another thing for every type of number."""
    limit: Positive = 1.0

    def clip(self, grads, params):
        factor = 1.0 if isinstance(self.limit, float) else 1.001
        return {name: value * factor for name, value in grads.items()}
''',
    ),
}


@pytest.mark.parametrize("case", BROKEN)
def test_a_technique_that_breaks_the_contract_is_caught(case: str, tmp_path: Path) -> None:
    check, text = BROKEN[case]
    (tmp_path / "broken.py").write_text(HEAD + text)
    entry = technique_from_file("broken.py:Broken", tmp_path)
    failed = {
        found.check: found.detail
        for found in check_technique(entry, str(tmp_path))
        if found.passed is False
    }
    assert check in failed, failed
    assert failed[check]
