"""Two arms of one seed differ in the treatment and in not one bit more."""

from pathlib import Path

import pytest
import torch
from tiny import job, run_trial, use

from hikaku.draws import Draws
from hikaku.record import Measured
from hikaku.study.recipe import Use

UNUSED = '''
"""A layer that is added by an edit, drawn from the global generator, and never used."""
from dataclasses import dataclass

import torch
from torch import nn

from hikaku.study.card import Card

CARD = Card(slot="layers", family="test", claim="none", formula="x", paper="none", year=2026)


class Idle(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.idle = nn.Linear(7, 7)
        torch.rand(100)

    def forward(self, x):
        return x


@dataclass(frozen=True)
class Unused:
    """Insert it behind every weight."""

    def edit(self, model, sites):
        for site in sites.weights():
            model.insert(site, "output", Idle(), "normalisation", "unused")
'''


def measured(seed: int = 0, **slots: object) -> Measured:
    return run_trial(job(seed, **slots), lambda step, steps: None)


def numbers(found: Measured) -> list[tuple[object, ...]]:
    return [(r.reading, r.step, r.split, r.metric, r.value) for r in found.records]


def test_the_same_trial_twice_is_equal_bit_for_bit() -> None:
    assert numbers(measured()) == numbers(measured())


def test_another_seed_is_another_trial() -> None:
    assert numbers(measured(0)) != numbers(measured(1))


def test_a_layer_added_and_never_used_changes_not_one_bit(tmp_path: Path) -> None:
    (tmp_path / "unused.py").write_text(UNUSED)
    with_it = measured(layers=(Use(f"{tmp_path}/unused.py:Unused"),))
    assert with_it.outcome.parameters > measured().outcome.parameters
    assert numbers(with_it) == numbers(measured())


@pytest.mark.parametrize(
    "slots",
    [
        {"layers": (use("dropout", p=0.0),)},
        {"penalty": (use("l2", amount=0.0),)},
        {"loss": use("label-smoothing", amount=0.0)},
        {"project": (use("decoupled-decay", amount=0.0),)},
    ],
    ids=["dropout", "l2", "label-smoothing", "decoupled-decay"],
)
def test_a_technique_switched_off_changes_not_one_bit(slots: dict[str, object]) -> None:
    assert numbers(measured(**slots)) == numbers(measured())


def test_a_technique_switched_on_changes_the_training() -> None:
    plain, dropped = measured(), measured(layers=(use("dropout", p=0.5),))
    assert numbers(plain) != numbers(dropped)


def test_the_global_generators_are_as_they_were() -> None:
    before = torch.random.get_rng_state()
    measured(layers=(use("dropout"),))
    assert torch.equal(before, torch.random.get_rng_state())


def test_noise_is_a_function_of_seed_site_and_step() -> None:
    one = Draws(0).uniform("noise hikaku.fc1:dropout", 3, (4, 5))
    other = Draws(0).uniform("noise hikaku.fc2:dropout", 3, (4, 5))
    assert (one != other).any()
    assert (one == Draws(0).uniform("noise hikaku.fc1:dropout", 3, (4, 5))).all()
