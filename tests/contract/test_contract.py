"""Technique × check: every technique of the catalogue meets every check of the contract."""

from pathlib import Path

import pytest

from hikaku.checks import oracle
from hikaku.checks.bench import CheckFailed, DoesNotApply, Subject
from hikaku.checks.contract import ALONE, CHECKS, check_technique
from hikaku.execution.book import network, twins
from hikaku.reference.schedules import warmup_cosine as rightly
from hikaku.study.catalogue import technique_from_file, techniques

NOTHING_TO_SAY = ("the card names no settings that switch it off", "the card names no twin", ALONE)


@pytest.mark.parametrize("name", sorted(techniques()))
@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)
def test_every_technique_meets_the_contract(name: str, check) -> None:
    try:
        check(Subject(techniques()[name]))
    except DoesNotApply as reason:
        assert str(reason) in NOTHING_TO_SAY


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
        "killed and resumed it ends the same",
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
@pytest.mark.fault("C10")
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


def failures(folder: Path, text: str) -> dict[str, str]:
    (folder / "mine.py").write_text(HEAD + text)
    outcomes = check_technique(technique_from_file("mine.py:Mine", folder), str(folder))
    return {found.check: found.detail for found in outcomes if found.passed is False}


MINE = '''
CARD = Card(slot="clip", family="test", claim="none", formula="g", paper="none", year=2026)

@dataclass(frozen=True)
class Mine:
    """Change nothing."""
    limit: Positive = 1.0

    def clip(self, grads, params):
        return dict(grads)
'''


def test_a_technique_without_the_method_of_its_slot_is_told_which_one_and_nothing_else(
    tmp_path: Path,
) -> None:
    assert failures(tmp_path, MINE.replace("def clip", "def klip")) == {
        "it fills its slot": "the slot clip calls clip(grads, params), and Mine has no clip"
    }


def test_a_method_that_takes_something_else_is_told_what_it_is_given(tmp_path: Path) -> None:
    assert failures(tmp_path, MINE.replace("(self, grads, params)", "(self, grads)")) == {
        "it fills its slot": "the slot clip calls clip(grads, params), and clip(self, grads) "
        "cannot take it"
    }


def test_a_class_that_says_nothing_of_itself_is_caught(tmp_path: Path) -> None:
    assert failures(tmp_path, MINE.replace('    """Change nothing."""\n', "")) == {
        "card and docstring are complete": "the class has no docstring"
    }


def test_an_exception_names_the_line_of_whoever_wrote_it(tmp_path: Path) -> None:
    found = failures(tmp_path, MINE.replace("dict(grads)", "grads / 2"))
    line = next(
        number
        for number, text in enumerate((tmp_path / "mine.py").read_text().splitlines(), start=1)
        if "grads / 2" in text
    )
    assert set(found) >= {"same draws give the same result", "alone equals stacked"}
    assert all(text.startswith(f"mine.py:{line}") for text in found.values())
    assert all("TypeError: unsupported operand" in text for text in found.values())


def test_draws_from_a_global_generator_are_told_where_to_draw_instead(tmp_path: Path) -> None:
    drawing = MINE.replace("dict(grads)", "{n: g + torch.rand(()) for n, g in grads.items()}")
    assert "`moment.draws`" in failures(tmp_path, drawing)["same draws give the same result"]


CLIP = MINE.replace('paper="none",', 'paper="none", twin="{twin}",')
AGREES = "it agrees with its twin"


def test_a_technique_that_is_not_its_twin_is_told_where_they_part(tmp_path: Path) -> None:
    """It shortens nothing, and its twin does."""
    found = failures(tmp_path, CLIP.replace("{twin}", "hikaku.reference.optimizers:clipped"))
    assert found.keys() == {AGREES}
    assert found[AGREES].startswith("the gradient of first.weight is not the twin's, by ")


@pytest.mark.parametrize(
    ("twin", "said"),
    [
        ("hikaku.reference.optimizers:clapped", "clapped"),
        ("os:system", "os:system is not in hikaku.reference"),
        ("hikaku.reference.nothing:here", "nothing:here is not in hikaku.reference"),
    ],
)
def test_a_twin_that_is_not_there_is_named(tmp_path: Path, twin: str, said: str) -> None:
    assert said in failures(tmp_path, CLIP.replace("{twin}", twin))[AGREES]


@pytest.mark.parametrize("name", ["adam", "dropout", "l2", "label-smoothing", "he-normal"])
def test_a_wrong_setting_of_a_twin_is_noticed(name: str, monkeypatch: pytest.MonkeyPatch) -> None:

    taken, dropout = twins.taken, network.Dropout

    def wrong(twin, settings):
        found = taken(twin, settings)
        return {n: v * 1.001 if isinstance(v, float) else v for n, v in found.items()}

    monkeypatch.setattr(twins, "taken", wrong)
    monkeypatch.setattr(network, "Dropout", lambda p, draws: dropout(p * 1.001, draws))
    if name == "he-normal":
        monkeypatch.setattr("hikaku.reference.inits.fans", lambda shape: (shape[0] + 1, shape[1]))
    with pytest.raises(CheckFailed):
        oracle.it_agrees_with_its_twin(Subject(techniques()[name]))


def climbs(step, steps, per_epoch=1, warmup=5.0, start=0.0, floor=0.0, every="update") -> float:
    """`warmup_cosine` with two settings mixed up."""
    return rightly(step, steps, per_epoch, warmup, floor, start, every)


def stays(step, steps, per_epoch=1, warmup=5.0) -> float:
    """`warmup_cosine` that knows nothing of some settings."""
    return rightly(step, steps, per_epoch, warmup)


@pytest.mark.parametrize(
    ("name", "place", "wrong", "said"),
    [
        ("warmup-cosine", "schedules.warmup_cosine", climbs, "the rate of update"),
        ("warmup-cosine", "schedules.warmup_cosine", stays, "no setting start, floor, every"),
        ("early-stopping", "stopping.EarlyStopping", lambda patience: None, "no setting min_delta"),
    ],
)
def test_a_twin_must_know_every_setting(
    name: str, place: str, wrong, said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(f"hikaku.reference.{place}", wrong)
    with pytest.raises(CheckFailed, match=said):
        oracle.it_agrees_with_its_twin(Subject(techniques()[name]))
