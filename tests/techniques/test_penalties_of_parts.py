"""Penalties of some layers, of activations, and of angles; and which one a library's λ is."""

from __future__ import annotations

import pytest
import torch
from stage import FACTS, weights
from tiny import job, recipe, use
from torch import Tensor, nn
from torch.nn import functional as F

from hikaku.errors import StudyError
from hikaku.execution.plain import Prepared, prepared
from hikaku.study.study import Data, Training
from hikaku.study.trial import fingerprint
from hikaku.techniques.activation_elastic_net import ActivationElasticNet
from hikaku.techniques.activation_l1 import ActivationL1
from hikaku.techniques.activation_l2 import ActivationL2
from hikaku.techniques.adam import Adam
from hikaku.techniques.l2 import L2
from hikaku.techniques.orthogonality import Orthogonality
from hikaku.techniques.slots import History, Tensors
from hikaku.training.alone import Alone

SEEN = {"conv1 > relu": torch.tensor([[1.0, -2.0], [3.0, 0.0]]), "fc1 > model#1": torch.ones(2, 5)}


def test_l2_is_of_the_modules_that_at_names() -> None:
    params = weights()
    found = L2(0.2, at=("fc",)).penalty(params, {}, FACTS)
    torch.testing.assert_close(found, 0.1 * (params["fc.weight"] ** 2).sum())
    both = L2(0.2, exempt="none", at=("fc", "norm")).penalty(params, {}, FACTS)
    chosen = [params[name] for name in ("fc.weight", "fc.bias", "norm.weight")]
    torch.testing.assert_close(both, 0.1 * sum((one**2).sum() for one in chosen))


def test_the_decay_that_torchs_adam_couples_in_is_l2_of_all_parameters() -> None:
    params, rule = weights(), Adam(lr=0.01)
    leaves = [value.clone().requires_grad_() for value in params.values()]
    theirs = torch.optim.Adam(leaves, lr=0.01, weight_decay=0.3)
    state = rule.init(params)
    for number in range(3):
        grads = weights(number + 5)
        for leaf, grad in zip(leaves, grads.values(), strict=True):
            leaf.grad = grad
        theirs.step()
        held = {name: value.clone().requires_grad_() for name, value in params.items()}
        L2(0.3, exempt="none").penalty(held, {}, FACTS).backward()
        total = {name: grads[name] + held[name].grad for name in grads}
        params, state = rule.update(total, state, params, 1.0, FACTS)
    for leaf, value in zip(leaves, params.values(), strict=True):
        torch.testing.assert_close(value, leaf.detach())


@pytest.mark.parametrize(
    ("technique", "keras"),
    [
        (ActivationL1(0.1), lambda a: 0.1 * a.abs().sum()),
        (ActivationL2(0.2), lambda a: 0.1 * (a**2).sum()),
        (ActivationElasticNet(0.1, 0.4), lambda a: 0.1 * a.abs().sum() + 0.2 * (a**2).sum()),
    ],
)
def test_a_penalty_on_activations_is_keras_sum_over_units_a_sample(technique, keras) -> None:
    found = technique.penalty({}, SEEN, FACTS)
    torch.testing.assert_close(found, sum(keras(value) / 2 for value in SEEN.values()))


@pytest.mark.parametrize("at", ["fc1", "model*"])
def test_activations_are_chosen_by_their_own_module_or_the_weight_before_them(at: str) -> None:
    assert float(ActivationL1(1.0, at=(at,)).penalty({}, SEEN, FACTS)) == 5.0


def test_in_training_it_is_of_what_the_activation_behind_the_chosen_weight_gives() -> None:
    plain, ours = (
        prepared(job(penalty=one)) for one in ((), (use("activation-l1", amount=0.5, at=("fc1",)),))
    )
    x, y = (part[:16] for part in plain.material.data)
    model = plain.program.eval_model
    model.load_state_dict(plain.state.weights)
    hidden = F.relu(model.fc1(model.flatten(model.conv(x))))

    def objective(trial: Prepared) -> Tensor:
        alone = Alone(trial.start)
        alone.data = (x, y)
        alone.batches = iter([torch.arange(16).numpy()])
        return alone.update(0, [History()]).objective[0]

    gap = objective(ours) - objective(plain)
    torch.testing.assert_close(gap, 0.5 * hidden.detach().abs().sum() / 16)


@pytest.mark.parametrize("name", ["l2", "orthogonality", "activation-l2"])
def test_a_penalty_of_nothing_is_refused_and_told_what_there_is(name: str) -> None:
    with pytest.raises(StudyError, match="finds nothing") as told:
        prepared(job(penalty=(use(name, at=("fc9",)),)))
    assert "fc1" in told.value.text()


@pytest.mark.parametrize("name", ["l1", "l2", "elastic-net", "orthogonality"])
def test_a_penalty_of_what_it_spares_is_a_penalty_of_nothing(name: str) -> None:
    normed = {"layers": (use("batch-norm"),)}
    with pytest.raises(StudyError, match="finds nothing") as told:
        prepared(job(**normed, penalty=(use(name, at=("*:batch-norm",)),)))
    assert "fc1" in told.value.text() and "batch-norm," not in told.value.text()


def test_told_to_spare_nothing_a_penalty_may_be_of_norms_alone() -> None:
    asked = use("l2", at=("*:batch-norm",), exempt="none")
    prepared(job(layers=(use("batch-norm"),), penalty=(asked,)))


def test_an_l2_that_is_restricted_to_nothing_is_the_trial_that_there_was() -> None:
    def of(**settings: object) -> str:
        asked = recipe(penalty=(use("l2", **settings),))
        return fingerprint(Training(Data(use("relu")), use("relu"), asked), {}, {})

    assert of() == "9d2c6fa513afceb8bc088cbb60e43cee"
    assert of(at=("fc1",)) != of()


def test_a_plateau_of_a_relative_threshold_is_the_trial_that_there_was() -> None:
    asked = recipe(schedule=use("reduce-on-plateau"))
    found = fingerprint(Training(Data(use("relu")), use("relu"), asked), {}, {})
    assert found == "6546d0370ebfb6e7677a4c1171a104d6"


def orthonormal(tensors: Tensors) -> Tensors:
    return {name: nn.init.orthogonal_(value.clone()) for name, value in tensors.items()}


def test_orthonormal_weights_pay_nothing_and_others_what_they_lack() -> None:
    params = {name: weights()[name] for name in ("fc.weight", "conv.weight")}
    rule = Orthogonality(0.5)
    assert float(rule.penalty(orthonormal(params), {}, FACTS)) < 1e-9
    wanted = 0.0
    for value in params.values():
        spread = torch.linalg.svdvals(value.flatten(1))
        wanted = wanted + 0.5 * ((spread**2 - 1) ** 2).sum()
    torch.testing.assert_close(rule.penalty(params, {}, FACTS), wanted)
