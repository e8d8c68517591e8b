"""Where the training of a user's model starts: whose weights, which of them train, which decay."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch
from kinds import Kind
from own_models import job, prepared_as_in_a_worker, train, trial_of
from safetensors.torch import save_file
from tiny import use
from torch import Tensor

from hikaku.errors import StudyError
from hikaku.execution.dry import dry_run
from hikaku.study.recipe import Use

pytestmark = pytest.mark.usefixtures(prepared_as_in_a_worker.__name__)

TIED = """
class Net(nn.Module):
    def __init__(self, inputs, classes):
        super().__init__()
        self.fc1, self.fc2 = nn.Linear(inputs[0], 8), nn.Linear(8, 8)
        self.fc3, self.head = nn.Linear(8, 8), nn.Linear(8, classes)
        self.fc3.weight = self.fc2.weight
        self.fc1.requires_grad_(False)

    def forward(self, x):
        return self.head(F.relu(self.fc3(F.relu(self.fc2(F.relu(self.fc1(x)))))))
"""
WRAPPED = """
from torch.nn.utils.parametrizations import spectral_norm, weight_norm


class Net(nn.Module):
    def __init__(self, inputs, classes):
        super().__init__()
        self.embed = nn.Embedding(11, 6)
        self.fc1, self.fc2 = weight_norm(nn.Linear(6, 8)), nn.Linear(8, classes)

    def forward(self, x):
        return self.fc2(F.relu(self.fc1(self.embed(x).mean(1))))
"""
LAZY = """
import random

TOP = torch.rand(3)


class Net(nn.Module):
    def __init__(self, classes):
        super().__init__()
        self.fc1, self.fc2 = nn.LazyLinear(8), nn.LazyLinear(classes)
        self.register_buffer("top", TOP.clone())
        self.register_buffer("drawn", torch.tensor(random.random()))

    def forward(self, x):
        return self.fc2(F.relu(self.fc1(x)))
"""


def params(source: str, folder: Path, data: str = "vectors", **slots: Any) -> dict[str, Tensor]:
    return trial_of(job(Kind("", source, data), "base", folder, **slots)).state.weights


def test_frozen_parameters_neither_train_nor_decay(tmp_path: Path) -> None:
    asked = job(Kind("", TIED), "base", tmp_path, project=(use("decoupled-decay"),))
    trial = trial_of(asked)
    ended = train(trial)
    assert not {"fc1.weight", "fc1.bias"} & ended.state.params.keys()
    assert trial.program.constants.keys() == {"fc1.weight", "fc1.bias"}
    assert "fc1.weight" not in trial.program.facts.decays


OWN_NORM = """
import torch
from torch import nn

class Net(nn.Module):
    def __init__(self, inputs, classes):
        super().__init__()
        self.norm = nn.LayerNorm((1, *inputs))
        self.fc = nn.Linear(inputs[0], classes)

    def forward(self, x):
        return self.fc(self.norm(x[:, None])[:, 0])
"""


def test_a_norm_of_the_model_s_own_does_not_decay_whatever_its_dimensions(tmp_path: Path) -> None:
    trial = trial_of(job(Kind("", OWN_NORM), "base", tmp_path, project=(use("max-norm"),)))
    assert trial.state.params["norm.weight"].dim() == 2
    assert trial.program.facts.decays == {"fc.weight"}


@pytest.mark.fault("C9")
def test_tied_weights_are_one_parameter(tmp_path: Path) -> None:
    trial = trial_of(job(Kind("", TIED), "base", tmp_path))
    assert "fc2.weight" in trial.state.params and "fc3.weight" not in trial.state.params
    keys = trial.program.eval_model.state_dict().keys()
    assert {"fc2.weight", "fc3.weight"} <= keys


def test_an_init_technique_fills_what_trains_and_shared_weights_once(tmp_path: Path) -> None:
    untied = TIED.replace("        self.fc3.weight = self.fc2.weight\n", "")
    asked = job(Kind("", TIED), "base", tmp_path, init=use("he-normal"))
    trial, plain = trial_of(asked), trial_of(job(Kind("", TIED), "base", tmp_path))
    alone = params(untied, tmp_path, init=use("he-normal"))
    assert torch.equal(trial.state.params["fc2.weight"], alone["fc2.weight"])
    assert bool((trial.state.params["fc3.bias"] == 0).all())
    for name, value in plain.program.constants.items():
        assert torch.equal(trial.program.constants[name], value)


def test_an_init_technique_leaves_tables_alone_and_fills_under_a_parametrization(
    tmp_path: Path,
) -> None:
    plain = params(WRAPPED, tmp_path, "tokens")
    filled = params(WRAPPED, tmp_path, "tokens", init=use("he-normal"))
    bare = params(
        WRAPPED.replace("weight_norm(nn.Linear(6, 8))", "nn.Linear(6, 8)"),
        tmp_path,
        "tokens",
        init=use("he-normal"),
    )
    assert torch.equal(plain["embed.weight"], filled["embed.weight"])
    path = "fc1.parametrizations.weight.original"
    scale, direction = filled[f"{path}0"], filled[f"{path}1"]
    weight = scale * direction / direction.norm(dim=1, keepdim=True)
    torch.testing.assert_close(weight, bare["fc1.weight"])
    assert not torch.equal(plain[f"{path}1"], direction)


def test_a_seed_settles_all_that_a_model_draws_and_a_file_nothing_of_a_seed(
    tmp_path: Path,
) -> None:
    kind = Kind("", LAZY)
    first, again, other = (
        trial_of(job(kind, "base", tmp_path, seed)).state.weights for seed in (1, 1, 2)
    )
    assert all(torch.equal(value, again[name]) for name, value in first.items())
    same = {name for name, value in first.items() if torch.equal(value, other[name])}
    assert same == {"top"}


def test_building_moves_no_generator(tmp_path: Path) -> None:
    before = torch.get_rng_state()
    trial_of(job(Kind("", LAZY), "base", tmp_path))
    assert torch.equal(before, torch.get_rng_state())


def test_weights_of_a_file_are_where_every_seed_and_arm_starts(tmp_path: Path) -> None:
    start = {n: t.clone() for n, t in params(LAZY, tmp_path).items()}
    save_file(
        {name: torch.full_like(t, 0.25) for name, t in start.items()},
        tmp_path / "start.safetensors",
    )
    settings = (("weights", "start.safetensors"), ("fresh", ("fc2.*", "drawn")))
    for seed, arm in ((1, "base"), (2, "activation swap")):
        asked = job(Kind("", LAZY, settings=settings), arm, tmp_path, seed)
        weights = trial_of(asked).state.weights
        assert bool((weights["fc1.weight"] == 0.25).all())
        assert not bool((weights["fc2.weight"] == 0.25).any())


def test_an_init_technique_on_loaded_weights_is_refused(tmp_path: Path) -> None:
    save_file({n: t.clone() for n, t in params(LAZY, tmp_path).items()}, tmp_path / "w.safetensors")
    kind = Kind("", LAZY, settings=(("weights", "w.safetensors"),))
    with pytest.raises(StudyError, match="would overwrite the weights that are loaded"):
        dry_run(job(kind, "base", tmp_path, init=use("he-normal")))


def test_a_change_of_the_batch_wants_one_input(tmp_path: Path) -> None:
    source = "\nclass Net(nn.Linear):\n    def __init__(self):\n        super().__init__(5, 3)\n"
    asked = job(Kind("", source, "named"), "base", tmp_path)
    recipe = replace(asked.work.recipe, augment=(Use("flip"),))
    with pytest.raises(StudyError, match="changes one input"):
        dry_run(replace(asked, work=replace(asked.work, recipe=recipe)))
